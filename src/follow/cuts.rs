//! Streams that are cut at every byte, for every way in which events are carried: nothing is
//! lost, nothing is shown twice.

use super::tests::{at, policy};
use super::{Do, Follow};
use crate::wire::envelope;
use crate::wire::feed::{Feed, Framing, StreamItem};

const COUNT: usize = 12;

fn raw(number: usize) -> String {
    format!(r#"{{"id":"e{number}","type":"x.y","data":{{"text":"ünï ✓ {number}"}}}}"#)
}

/// What a server sends from a position on; one without positions begins anew.
fn body(framing: &Framing, newline: &str, position: Option<&str>) -> String {
    let first = position.map_or(0, |position| position.parse::<usize>().unwrap() + 1);
    let events = first..COUNT;
    match framing {
        Framing::Sse => events
            .map(|number| {
                let lines = [
                    format!("id: {number}"),
                    ": hi".into(),
                    format!("data: {}", raw(number)),
                ];
                lines.join(newline) + newline + newline
            })
            .collect(),
        _ => events.map(|number| raw(number) + newline).collect(),
    }
}

/// Follows a stream whose first connection is cut, and says which events were shown.
fn shown(framing: &Framing, newline: &str, cut: usize, piece: usize) -> Vec<String> {
    let mut follow = Follow::new(policy(), 7);
    let mut shown = Vec::new();
    for (round, now) in [(0, at(0)), (1, at(100))] {
        let Do::Connect(position) = follow.next(now) else {
            panic!("it should connect");
        };
        follow.opened("x", position.is_some(), now);
        let body = body(framing, newline, position.as_deref());
        let end = if round == 0 {
            cut.min(body.len())
        } else {
            body.len()
        };
        let mut feed = Feed::new(framing);
        for chunk in body.as_bytes()[..end].chunks(piece) {
            feed.push(chunk, &mut |said| match said {
                StreamItem::Value(bytes) => envelope::open(bytes, "", &mut |found| {
                    let event = found.expect("an event");
                    if follow.event(&event) {
                        shown.push(event.id.unwrap().into_owned());
                    }
                }),
                StreamItem::Position(id) => assert!(follow.moved(id)),
                StreamItem::Heartbeat => {}
                other => panic!("{other:?}"),
            });
        }
        follow.closed("cut", now);
    }
    shown
}

#[test]
fn a_stream_may_be_cut_at_every_byte() {
    let all: Vec<_> = (0..COUNT).map(|number| format!("e{number}")).collect();
    for (framing, newline) in [
        (Framing::Sse, "\n"),
        (Framing::Sse, "\r\n"),
        (Framing::Sse, "\r"),
        (Framing::Lines, "\n"),
        (Framing::Lines, "\r\n"),
    ] {
        let length = body(&framing, newline, None).len();
        for cut in 0..=length {
            for piece in [1, 7, length] {
                let shown = shown(&framing, newline, cut, piece);
                assert_eq!(
                    shown, all,
                    "{framing:?} {newline:?} cut at {cut}, {piece} at a time"
                );
            }
        }
    }
}
