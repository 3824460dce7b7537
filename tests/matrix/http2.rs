//! HTTP/2: streams that are refused, reset and cut off by a farewell.

use super::{End, expect, one};
use crate::emit::{emit, records};
use crate::support::Place;
use crate::support::secure::http2::{REFUSED, Session};
use crate::support::secure::{Listening, Secure, authority};

/// Streams enough for everybody.
const MANY: u32 = 100;

/// What the first request of the first connection meets; everything else is accepted.
type Fault = fn(&mut Session<'_>, u32);

fn server(fault: Fault) -> Listening {
    Secure::new().http2().serving(move |number, stream| {
        let mut session = Session::begin(stream, MANY);
        if number == 0 {
            if let Some((stream, _)) = session.request() {
                fault(&mut session, stream);
                session.leave();
            }
        } else {
            session.accept_all();
        }
    })
}

#[test]
fn what_was_surely_not_looked_at_is_no_second_copy() {
    let rows: [(&str, Fault, End); 7] = [
        (
            "43 a farewell before the request",
            |session, stream| session.go_away(stream - 1, 0),
            End::Delivered(2, 0),
        ),
        (
            "43 a farewell before the request, in anger",
            |session, stream| session.go_away(stream - 1, 11),
            End::Delivered(2, 0),
        ),
        (
            "43 a farewell after the request",
            |session, stream| session.go_away(stream, 0),
            End::Delivered(2, 1),
        ),
        (
            "43 a farewell, and the answer",
            |session, stream| {
                session.go_away(stream, 0);
                session.accept(stream);
            },
            End::Delivered(1, 0),
        ),
        (
            "44 a refused stream",
            |session, stream| {
                session.reset(stream, REFUSED);
                session.accept_all();
            },
            End::Delivered(2, 0),
        ),
        (
            "44 a reset stream",
            |session, stream| {
                session.reset(stream, 2);
                session.accept_all();
            },
            End::Delivered(2, 1),
        ),
        (
            "44 a cancelled stream",
            |session, stream| {
                session.reset(stream, 8);
                session.accept_all();
            },
            End::Delivered(2, 1),
        ),
    ];
    for (name, fault, end) in rows {
        for (spool, flags) in [(false, true), (true, false)] {
            let place = Place::new();
            let server = server(fault);
            let ended = one(&place, &server.url("localhost"), spool, flags, &[])
                .env("SSL_CERT_FILE", authority())
                .run();
            expect(
                &place,
                &ended,
                end,
                spool,
                &format!("{name}, spool {spool}"),
            );
        }
    }
}

#[test]
fn a_server_that_takes_one_at_a_time_gets_one_at_a_time() {
    let server = Secure::new().http2().serving(move |_, stream| {
        let mut session = Session::begin(stream, 1);
        while let Some((stream, _)) = session.request() {
            // What was begun before the settings arrived.
            if session.is_busy_beside(stream) {
                session.reset(stream, REFUSED);
            } else {
                session.accept(stream);
            }
        }
    });
    let ended = emit(&server.url("localhost"), &["-", "-o", "ndjson"])
        .env("SSL_CERT_FILE", authority())
        .stdin(records(40))
        .run()
        .exits(0);
    let reported = ended.ndjson();
    let summary = reported.last().expect("a summary");
    assert_eq!(
        (&summary["delivered"], &summary["maybeDuplicate"]),
        (&40.into(), &0.into())
    );
    // As many connections as there are jobs may be begun before the first is known to be shared.
    assert!(server.handshakes() <= 8);
}
