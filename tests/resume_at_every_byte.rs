//! Whole sessions of `tail`, cut and split at every byte, however they carry events: nothing is
//! lost, and nothing is shown twice. They run over byte streams that need no network, and on a
//! clock that is never waited for.

mod recording;
mod server;

use hivelog::commands::tail::live::follow_all;
use hivelog::commands::tail::session::{Rules, Session};
use hivelog::commands::tail::{Audience, Followed, Gap, ReadyFile};
use hivelog::failure::Failure;
use hivelog::follow::FollowPolicy;
use hivelog::follow::verdict::Terms;
use hivelog::link::stream::{Read, StreamConnection};
use hivelog::model::event::Event;
use hivelog::model::timestamp::Timestamp;
use hivelog::query::filter::Filter;
use hivelog::wire::envelope::Layout;
use hivelog::wire::feed::StreamItem;
use recording::{ENCODINGS, Encoding, Recording};
use server::{Behaviour, ByteStream, Cuts, Server};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

/// What a session has shown.
#[derive(Default)]
struct Shown {
    ids: Vec<String>,
    /// For each gap whether what was missed was asked for.
    gaps: Vec<bool>,
    remarks: Vec<String>,
}

impl Audience for Shown {
    fn event(&mut self, event: &Event<'_>, _: Option<&str>) -> Result<(), Failure> {
        if event.event_type == "hivelog.gap" {
            let recovered = event
                .field("recovered")
                .and_then(serde_json::Value::as_bool);
            self.gaps.push(recovered.expect("a member"));
        } else {
            self.ids
                .push(event.id.as_deref().expect("an id").to_owned());
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
        .expect("a runtime")
}

/// Follows to the end.
fn followed(runtime: &Runtime, server: &Server<'_>, positions: bool) -> Shown {
    let mut shown = Shown::default();
    let rules = Rules {
        filter: Filter::default().into(),
        in_turn: false,
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
        policy: FollowPolicy {
            reconnects: None,
            patient: false,
            follow: true,
            login: false,
            by_id: positions,
        },
        poll_interval: Duration::from_secs(3600),
        pages_lead_on: false,
        greets: false,
        hide_self: false,
        position_file: None,
        layout: Layout::default(),
        seed: 7,
    };
    let failure = runtime.block_on(async {
        let clock = || Timestamp::from_millis(0);
        let session = Session::new(rules, Terms::default(), &clock, &mut shown);
        follow_all(vec![followed], &ReadyFile(None), &session).await
    });
    assert!(
        failure.expect("a session").is_none(),
        "it ends as it should"
    );
    shown
}

const UNDISTURBED: Behaviour = Behaviour {
    cuts: Cuts::Never,
    resets: false,
    chunk: 512,
    positions: true,
};

/// Every event, once, and in order wherever the transport allows for it.
#[track_caller]
fn assert_complete(shown: &Shown, recording: &Recording, context: &dyn Fn() -> String) {
    if recording.encoding().is_newest_first() {
        // What was shown of a document that broke off comes before its rest.
        let (mut ids, mut wanted) = (shown.ids.clone(), recording.ids().to_vec());
        ids.sort();
        wanted.sort();
        assert_eq!(ids, wanted, "{}", context());
    } else {
        assert_eq!(shown.ids, recording.ids(), "{}", context());
    }
}

/// Some KiB for each transport, and in a single session a connection for each byte: each is cut
/// one byte further than the one before, until the event or the document is whole at last.
#[test]
fn long_sessions_may_be_cut_at_every_byte() {
    let runtime = paused();
    let mut cuts = 0;
    for encoding in ENCODINGS {
        let recording = Recording::new(encoding, "e", 16);
        for resets in [true, false] {
            let behaviour = Behaviour {
                cuts: Cuts::EveryConnection,
                resets,
                ..UNDISTURBED
            };
            let server = Server::new(&recording, behaviour);
            let shown = followed(&runtime, &server, true);
            let context = || format!("{behaviour:?} {encoding:?}");
            assert_complete(&shown, &recording, &context);
            // A document that ends early looks whole if nothing in it says otherwise.
            if resets || !encoding.framing().ends() {
                let lost = shown.gaps.iter().filter(|recovered| !**recovered).count();
                assert_eq!(
                    (shown.gaps.len(), lost),
                    server.reconnects(),
                    "{}",
                    context()
                );
            }
            cuts += server.cuts();
        }
    }
    assert!(cuts > 100_000, "{cuts}");
}

/// Few events, but more than one document where events come in documents.
fn short(encoding: Encoding, prefix: &str) -> Recording {
    Recording::new(
        encoding,
        prefix,
        if encoding.framing().ends() { 5 } else { 2 },
    )
}

/// A single cut, after which the server goes on from the position or begins anew.
#[test]
fn short_sessions_may_be_cut_once_at_every_byte() {
    let runtime = paused();
    for encoding in ENCODINGS {
        let recording = short(encoding, "e");
        let length = {
            let server = Server::new(&recording, UNDISTURBED);
            let undisturbed = followed(&runtime, &server, true);
            let shown: Vec<_> = recording.shown().iter().map(|(id, _)| *id).collect();
            assert_eq!(undisturbed.ids, shown, "{encoding:?}");
            assert!(undisturbed.gaps.is_empty() && undisturbed.remarks.is_empty());
            server.sent()
        };
        for cut in 0..length {
            for (positions, resets, chunk) in [
                (true, true, 512),
                (true, false, 61),
                (false, true, 512),
                (false, false, 61),
            ] {
                // Pages can only be had from a position on.
                if !positions && encoding.framing().ends() {
                    continue;
                }
                let behaviour = Behaviour {
                    cuts: Cuts::OnceAfter(cut),
                    resets,
                    chunk,
                    positions,
                };
                let server = Server::new(&recording, behaviour);
                let shown = followed(&runtime, &server, positions);
                let context = || format!("{behaviour:?} {encoding:?}");
                assert_complete(&shown, &recording, &context);
                if resets || !encoding.framing().ends() {
                    assert_eq!(shown.gaps.len(), server.reconnects().0, "{}", context());
                }
            }
        }
    }
}

/// Exactly what was complete before the cut is shown, then one gap, then all the new store has.
#[test]
fn a_server_that_comes_back_without_its_store_makes_one_gap() {
    let runtime = paused();
    for encoding in ENCODINGS {
        let recording = short(encoding, "e");
        let fresh = Recording::new(encoding, "f", 2);
        let (old, new) = (recording.shown(), fresh.shown());
        let length = old.iter().map(|(_, end)| *end).max().unwrap();
        for cut in 0..length {
            let behaviour = Behaviour {
                cuts: Cuts::OnceAfter(cut),
                resets: true,
                ..UNDISTURBED
            };
            let server = Server::new(&recording, behaviour).forgetting(&fresh);
            let shown = followed(&runtime, &server, true);
            let context = format!("{behaviour:?} {encoding:?}");
            let whole = old.iter().filter(|(_, end)| *end <= cut);
            let wanted: Vec<_> = whole.chain(&new).map(|(id, _)| *id).collect();
            assert_eq!(shown.ids, wanted, "{context}");
            assert_eq!(shown.gaps, [false], "{context}");
            // The gap is reported, and before it that the old position is of no use.
            let refused = server.refused_positions();
            assert_eq!(
                shown.remarks.len(),
                1 + refused,
                "{context}: {:?}",
                shown.remarks
            );
            let knew = if encoding.framing().ends() {
                server.sent() > 0 && cut >= recording.body(0).len()
            } else {
                shown.ids.len() > new.len()
            };
            assert_eq!(refused, usize::from(knew), "{context}");
        }
    }
}

/// What a connection yields when its bytes come split.
fn items(runtime: &Runtime, recording: &Recording, splits: &[usize], chunk: usize) -> Vec<String> {
    let stream = ByteStream {
        bytes: recording.body(0),
        at: 0,
        splits: splits.to_vec(),
        chunk,
        resets: false,
    };
    let mut all = Vec::new();
    runtime.block_on(async {
        let mut connection =
            StreamConnection::over(Box::new(stream), recording.encoding().framing());
        loop {
            let mut take = |item: StreamItem<'_>| {
                all.push(match item {
                    StreamItem::Value(bytes) | StreamItem::Named(_, bytes) => {
                        String::from_utf8_lossy(bytes).into_owned()
                    }
                    other => format!("{other:?}"),
                });
            };
            let read = connection.read(&mut take).await;
            match read {
                Read::More => {}
                Read::End => break,
                // A WebSocket says why it was closed.
                Read::Broken(why) | Read::NotEvents(why) => {
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
    for encoding in ENCODINGS {
        let recording = Recording::new(encoding, "e", 2);
        let length = recording.body(0).len();
        let whole = items(&runtime, &recording, &[], length);
        let events = whole.iter().filter(|item| item.starts_with('{')).count();
        assert_eq!(events, 2, "{encoding:?}");
        for split in 1..length {
            assert_eq!(
                items(&runtime, &recording, &[split], length),
                whole,
                "{encoding:?} {split}"
            );
        }
        for chunk in 1..64 {
            assert_eq!(
                items(&runtime, &recording, &[], chunk),
                whole,
                "{encoding:?} {chunk}"
            );
        }
    }
    for encoding in [
        Encoding::Sse("\r\n"),
        Encoding::Lines("\n"),
        Encoding::Fragments,
    ] {
        let recording = Recording::new(encoding, "e", 1);
        let length = recording.body(0).len();
        let whole = items(&runtime, &recording, &[], length);
        for first in 1..length {
            for second in first + 1..length {
                let splits = [first, second];
                assert_eq!(
                    items(&runtime, &recording, &splits, length),
                    whole,
                    "{encoding:?} {splits:?}"
                );
            }
        }
    }
}
