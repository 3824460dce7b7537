//! Whole sessions, as the program follows them but over wires that are no network and with a
//! clock that is never waited for: cut and split at every byte, however they carry events.

mod recording;
mod server;

use crate::commands::tail::live::Driver;
use crate::commands::tail::session::{Rules, Session};
use crate::commands::tail::{Audience, Followed, Gap, Ready};
use crate::failure::Failure;
use crate::follow::verdict::Terms;
use crate::follow::{End, Policy};
use crate::link::stream::{Connection, Read};
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use crate::query::filter::Filter;
use crate::wire::feed::StreamItem;
use recording::{DRESSES, Dress, Recording};
use server::{Course, Server, Trouble, Wire};
use std::cell::Cell;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

#[derive(Default)]
struct Witness {
    ids: Vec<String>,
    /// For each gap whether what was missed was asked for.
    gaps: Vec<bool>,
    remarks: Vec<String>,
}

impl Audience for Witness {
    fn event(&mut self, event: &Event<'_>, _: Option<&str>) -> Result<(), Failure> {
        if event.event_type == "hivelog.gap" {
            let recovered = event
                .field("recovered")
                .and_then(serde_json::Value::as_bool);
            self.gaps.push(recovered.unwrap());
        } else {
            self.ids.push(event.id.as_deref().unwrap().to_owned());
        }
        Ok(())
    }

    fn give_up_at(&mut self, _: Option<Instant>) {}

    fn flush(&mut self) -> Result<bool, Failure> {
        Ok(true)
    }

    fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }

    fn detail(&mut self, _: &str) {}

    fn refresh(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

fn paused() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Follows to the end.
fn followed(runtime: &Runtime, server: &Server<'_>, positions: bool) -> Witness {
    let mut witness = Witness::default();
    let rules = Rules {
        envelope: String::new(),
        filter: Filter::default(),
        last: None,
        gap: Gap::Warn,
        meta: false,
        endless: true,
    };
    let followed = Followed {
        name: String::new(),
        server,
        login: None,
        token: None,
        policy: Policy {
            reconnects: None,
            patient: false,
            follow: true,
            login: false,
            by_id: positions,
        },
        poll_interval: Duration::from_secs(3600),
        hide_self: false,
        keeper: None,
        seed: 7,
    };
    runtime.block_on(async {
        let clock = || Timestamp::from_millis(0);
        let session = Session::new(rules, Terms::default(), &clock, &mut witness);
        let (ready, told) = (Ready(None), Cell::new(false));
        let mut driver = Driver::new(followed, None, &session, &ready, &told).unwrap();
        assert_eq!(driver.run().await.unwrap(), End::Finished);
    });
    witness
}

const CALM: Course = Course {
    trouble: Trouble::None,
    breaks: false,
    piece: 512,
    positions: true,
};

/// Every event, once, and in order wherever the transport allows for it.
#[track_caller]
fn complete(met: &Witness, recording: &Recording, about: &dyn Fn() -> String) {
    if recording.dress().is_backward() {
        // What was shown of a document that broke off comes before its rest.
        let (mut met, mut wanted) = (met.ids.clone(), recording.ids().to_vec());
        met.sort();
        wanted.sort();
        assert_eq!(met, wanted, "{}", about());
    } else {
        assert_eq!(met.ids, recording.ids(), "{}", about());
    }
}

/// Some KiB for each transport, and in a single session a connection for each byte: each breaks
/// one byte further than the one before, until the event or the document is whole at last.
#[test]
fn long_sessions_may_be_cut_at_every_byte() {
    let runtime = paused();
    let mut cuts = 0;
    for dress in DRESSES {
        let recording = Recording::new(dress, "e", 16);
        for breaks in [true, false] {
            let course = Course {
                trouble: Trouble::Always,
                breaks,
                ..CALM
            };
            let server = Server::new(&recording, course);
            let met = followed(&runtime, &server, true);
            let about = || format!("{course:?} {dress:?}");
            complete(&met, &recording, &about);
            // A document that ends early looks whole if nothing in it says otherwise.
            if breaks || !dress.framing().ends() {
                let lost = met.gaps.iter().filter(|recovered| !**recovered).count();
                assert_eq!((met.gaps.len(), lost), server.again(), "{}", about());
            }
            cuts += server.accidents();
        }
    }
    assert!(cuts > 100_000, "{cuts}");
}

/// Few events, but more than one document where events come in documents.
fn short(dress: Dress, prefix: &str) -> Recording {
    Recording::new(dress, prefix, if dress.framing().ends() { 5 } else { 2 })
}

/// A single cut, after which the server goes on from the position or begins anew.
#[test]
fn short_sessions_may_be_cut_once_at_every_byte() {
    let runtime = paused();
    for dress in DRESSES {
        let recording = short(dress, "e");
        let length = {
            let server = Server::new(&recording, CALM);
            let undisturbed = followed(&runtime, &server, true);
            let shown: Vec<_> = recording.shown().iter().map(|(id, _)| *id).collect();
            assert_eq!(undisturbed.ids, shown, "{dress:?}");
            assert!(undisturbed.gaps.is_empty() && undisturbed.remarks.is_empty());
            server.sent()
        };
        for cut in 0..length {
            // Pages can only be had from a position on.
            let positions = cut % 2 == 0 || dress.framing().ends();
            for (breaks, piece) in [(true, 512), (false, 61)] {
                let course = Course {
                    trouble: Trouble::Once(cut),
                    breaks,
                    piece,
                    positions,
                };
                let server = Server::new(&recording, course);
                let met = followed(&runtime, &server, positions);
                let about = || format!("{course:?} {dress:?}");
                complete(&met, &recording, &about);
                if breaks || !dress.framing().ends() {
                    assert_eq!(met.gaps.len(), server.again().0, "{}", about());
                }
            }
        }
    }
}

/// Exactly what was complete before the cut is shown, then one gap, then all the new store has.
#[test]
fn a_server_that_comes_back_without_its_store_makes_one_gap() {
    let runtime = paused();
    for dress in DRESSES {
        let recording = short(dress, "e");
        let fresh = Recording::new(dress, "f", 2);
        let (old, new) = (recording.shown(), fresh.shown());
        let length = old.iter().map(|(_, end)| *end).max().unwrap();
        for cut in 0..length {
            let course = Course {
                trouble: Trouble::Once(cut),
                breaks: true,
                ..CALM
            };
            let server = Server::new(&recording, course).forgetting(&fresh);
            let met = followed(&runtime, &server, true);
            let about = format!("{course:?} {dress:?}");
            let whole = old.iter().filter(|(_, end)| *end <= cut);
            let wanted: Vec<_> = whole.chain(&new).map(|(id, _)| *id).collect();
            assert_eq!(met.ids, wanted, "{about}");
            assert_eq!(met.gaps, [false], "{about}");
            // The gap is told, and before it that the old position is of no use.
            let refused = server.refused();
            assert_eq!(met.remarks.len(), 1 + refused, "{about}: {:?}", met.remarks);
            let knew = if dress.framing().ends() {
                server.sent() > 0 && cut >= recording.body(0).len()
            } else {
                met.ids.len() > new.len()
            };
            assert_eq!(refused, usize::from(knew), "{about}");
        }
    }
}

/// What a connection says when its bytes come split.
fn said(runtime: &Runtime, recording: &Recording, splits: &[usize], piece: usize) -> Vec<String> {
    let wire = Wire {
        bytes: recording.body(0),
        at: 0,
        splits: splits.to_vec(),
        piece,
        breaks: false,
    };
    let mut all = Vec::new();
    runtime.block_on(async {
        let mut connection = Connection::over(Box::new(wire), recording.dress().framing());
        loop {
            let mut take = |said: StreamItem<'_>| {
                all.push(match said {
                    StreamItem::Value(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    other => format!("{other:?}"),
                });
            };
            let read = connection.read(&mut take).await;
            match read {
                Read::More => {}
                Read::End => break,
                // A WebSocket says why it was closed.
                Read::Broken(why) => {
                    all.push(why);
                    break;
                }
            }
        }
    });
    all
}

#[test]
fn where_bytes_are_split_changes_nothing() {
    let runtime = paused();
    for dress in DRESSES {
        let recording = Recording::new(dress, "e", 2);
        let length = recording.body(0).len();
        let whole = said(&runtime, &recording, &[], length);
        let events = whole.iter().filter(|said| said.starts_with('{')).count();
        assert_eq!(events, 2, "{dress:?}");
        for split in 1..length {
            assert_eq!(
                said(&runtime, &recording, &[split], length),
                whole,
                "{dress:?} {split}"
            );
        }
        for piece in 1..64 {
            assert_eq!(
                said(&runtime, &recording, &[], piece),
                whole,
                "{dress:?} {piece}"
            );
        }
    }
    for dress in [Dress::Sse("\r\n"), Dress::Lines("\n"), Dress::Fragments] {
        let recording = Recording::new(dress, "e", 1);
        let length = recording.body(0).len();
        let whole = said(&runtime, &recording, &[], length);
        for first in 1..length {
            for second in first + 1..length {
                let splits = [first, second];
                assert_eq!(
                    said(&runtime, &recording, &splits, length),
                    whole,
                    "{dress:?} {splits:?}"
                );
            }
        }
    }
}
