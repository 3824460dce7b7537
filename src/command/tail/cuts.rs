//! Whole sessions, as the program follows them but over wires that are no network and with a
//! clock that is never waited for: cut at every byte, however they carry events.

use super::live::Driver;
use super::session::{Rules, Session};
use super::{Audience, Followed, Gap, Ready};
use crate::failure::Failure;
use crate::follow::verdict::Terms;
use crate::follow::{End, Policy};
use crate::link::login::{Login, Token};
use crate::link::stream::{Connection, Fault, Source};
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use crate::query::filter::Filter;
use crate::wire::feed::Carrier;
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const COUNT: usize = 8;

/// Gives its bytes in pieces, and then ends or breaks; takes whatever is written.
struct Wire {
    bytes: Vec<u8>,
    at: usize,
    piece: usize,
    breaks: bool,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() && self.breaks {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let length = rest.len().min(self.piece).min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.at += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How a session goes wrong.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    /// After how many bytes of the session the connection is lost.
    cut: usize,
    /// Whether that is an error or looks like an end.
    breaks: bool,
    /// How many bytes come at once.
    piece: usize,
    /// Whether the server has lost its store with the connection, and refuses old positions.
    forgets: bool,
}

/// A server with some events, and one accident.
struct Scripted {
    carrier: Carrier,
    newest_first: bool,
    trouble: Trouble,
    sent: Cell<usize>,
    accident: Cell<bool>,
    complete: Cell<bool>,
    refused: Cell<bool>,
}

fn raw(number: usize) -> String {
    let ts = format!("2024-05-03T05:30:{number:02}Z");
    format!(r#"{{"id":"e{number}","ts":"{ts}","type":"x.y","data":{{"text":"ünï ✓"}}}}"#)
}

/// A frame no longer than its short form allows.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("short");
    assert!(length < 126);
    [&[opcode, length], payload].concat()
}

impl Scripted {
    /// What is sent from a position on.
    fn body(&self, position: Option<&str>) -> Vec<u8> {
        let first = position.map_or(0, |id| {
            id.trim_start_matches('e').parse::<usize>().unwrap() + 1
        });
        let events = first..COUNT;
        match self.carrier {
            Carrier::Sse => events
                .flat_map(|n| format!("id: {n}\r\ndata: {}\r\n\r\n", raw(n)).into_bytes())
                .collect(),
            Carrier::Messages => {
                let mut bytes = Vec::new();
                for number in events {
                    let text = raw(number);
                    let (one, two) = text.as_bytes().split_at(20);
                    match number % 3 {
                        0 => bytes.extend(frame(0x81, text.as_bytes())),
                        1 => bytes.extend(frame(0x89, b"live?")),
                        _ => {}
                    }
                    if number % 3 > 0 {
                        bytes.extend(frame(0x01, one));
                        bytes.extend(frame(0x8a, b""));
                        bytes.extend(frame(0x80, two));
                    }
                }
                bytes.extend(frame(0x88, b""));
                bytes
            }
            _ => {
                // A page holds three at most.
                let mut page: Vec<_> = events.take(3).map(raw).collect();
                if self.newest_first {
                    page.reverse();
                }
                let page = format!("[{}]", page.join(",\n"));
                match &self.carrier {
                    Carrier::Page(_) => format!("{{\"more\":false,\"items\":{page}}}").into(),
                    _ => page.into(),
                }
            }
        }
    }
}

impl Source for &Scripted {
    fn shown(&self) -> String {
        "scripted".to_owned()
    }

    async fn open(&self, _: Option<&str>, position: Option<&str>) -> Result<Connection, Fault> {
        let status = |code| Fault::Status {
            code,
            said: "no".to_owned(),
            retry_after: None,
        };
        let last = format!("e{}", COUNT - 1);
        if self.complete.get() || position == Some(&last) {
            return Err(status(204));
        }
        let had_accident = self.accident.get();
        if had_accident && self.trouble.forgets && !self.refused.replace(true) && position.is_some()
        {
            return Err(status(410));
        }
        let mut bytes = self.body(position);
        let whole = bytes.len();
        let left = self.trouble.cut.saturating_sub(self.sent.get());
        if !had_accident && left < whole {
            self.accident.set(true);
            bytes.truncate(left);
        } else if !self.carrier.ends() {
            self.complete.set(true);
        }
        self.sent.set(self.sent.get() + bytes.len());
        let wire = Wire {
            breaks: self.trouble.breaks && bytes.len() < whole,
            bytes,
            at: 0,
            piece: self.trouble.piece,
        };
        Ok(Connection::over(Box::new(wire), self.carrier.clone()))
    }

    async fn log_in(&self, _: &Login) -> Result<Token, Fault> {
        Err(Fault::Broken("there is no login".to_owned()))
    }

    async fn renew(&self, _: &Login, _: &str) -> Result<Token, Fault> {
        Err(Fault::Broken("there is no login".to_owned()))
    }
}

#[derive(Default)]
struct Witness {
    ids: Vec<String>,
    gaps: Vec<bool>,
    remarks: RefCell<Vec<String>>,
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

    fn flush(&mut self) -> Result<bool, Failure> {
        Ok(true)
    }

    fn remark(&mut self, text: &str) {
        self.remarks.borrow_mut().push(text.to_owned());
    }

    fn detail(&mut self, _: &str) {}

    fn refresh(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Follows to the end; also says how long the session is.
fn followed(carrier: &Carrier, newest_first: bool, trouble: Trouble) -> (Witness, usize) {
    let mut witness = Witness::default();
    let rules = Rules {
        envelope: String::new(),
        filter: Filter::default(),
        last: None,
        gap: Gap::Warn,
        meta: false,
    };
    let server = Scripted {
        carrier: carrier.clone(),
        newest_first,
        trouble,
        sent: Cell::new(0),
        accident: Cell::new(false),
        complete: Cell::new(false),
        refused: Cell::new(false),
    };
    let followed = Followed {
        name: String::new(),
        server: &server,
        login: None,
        token: None,
        policy: Policy {
            reconnects: None,
            patient: false,
            follow: true,
            login: false,
            by_id: carrier.ends(),
        },
        poll_interval: Duration::from_secs(3600),
        hide_self: false,
        keeper: None,
        seed: trouble.cut as u64,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let clock = || Timestamp::from_millis(0);
        let session = Session::new(rules, Terms::default(), &clock, &mut witness);
        let (ready, told) = (Ready(None), Cell::new(false));
        let mut driver = Driver::new(followed, None, &session, &ready, &told).unwrap();
        assert_eq!(driver.run().await.unwrap(), End::Finished);
    });
    (witness, server.sent.get())
}

const NO_TROUBLE: Trouble = Trouble {
    cut: usize::MAX,
    breaks: false,
    piece: 512,
    forgets: false,
};

fn sessions() -> [(Carrier, bool); 5] {
    [
        (Carrier::Sse, false),
        (Carrier::Messages, false),
        (Carrier::Document, false),
        (Carrier::Document, true),
        (Carrier::Page("/items".to_owned()), true),
    ]
}

#[test]
fn whole_sessions_may_be_cut_at_every_byte() {
    for (carrier, newest_first) in sessions() {
        let (undisturbed, length) = followed(&carrier, newest_first, NO_TROUBLE);
        let order = undisturbed.ids;
        assert_eq!(order.len(), COUNT);
        assert!(undisturbed.gaps.is_empty(), "{carrier:?}");
        for cut in 0..length {
            // A byte at a time takes its time, and is tried with each decoder by itself.
            let single = if cut % 29 == 0 { 1 } else { 61 };
            for (breaks, piece) in [(true, 512), (false, single)] {
                let trouble = Trouble {
                    cut,
                    breaks,
                    piece,
                    forgets: false,
                };
                let (mut met, _) = followed(&carrier, newest_first, trouble);
                let about = format!("{carrier:?} {newest_first} {trouble:?}");
                if newest_first {
                    // What was shown of a page that broke off comes before its rest.
                    met.ids.sort();
                    let mut order = order.clone();
                    order.sort();
                    assert_eq!(met.ids, order, "{about}");
                } else {
                    assert_eq!(met.ids, order, "{about}");
                }
                if breaks || !carrier.ends() {
                    assert_eq!(met.gaps.len(), 1, "{about}");
                }
            }
        }
    }
}

#[test]
fn a_server_that_comes_back_without_its_store_makes_one_gap() {
    for (carrier, newest_first) in sessions() {
        let (_, length) = followed(&carrier, newest_first, NO_TROUBLE);
        let mut refused = 0;
        for cut in 0..length {
            let trouble = Trouble {
                cut,
                breaks: true,
                forgets: true,
                piece: 512,
            };
            let (met, _) = followed(&carrier, newest_first, trouble);
            let about = format!("{carrier:?} {newest_first} {trouble:?}");
            // Here it has the same events again: all are there, and none twice.
            assert_eq!(met.ids.len(), COUNT, "{about}");
            assert_eq!(met.gaps, [false], "{about}");
            refused += usize::from(!met.remarks.borrow().is_empty());
        }
        assert!(refused > 0, "{carrier:?}");
    }
}
