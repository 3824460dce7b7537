//! Records that wait, and those behind them.

use super::Shared;
use crate::emit::record;
use crate::spool::numbered;
use crate::support::PATIENCE;
use crate::support::server::{Server, answer};
use std::time::Instant;

/// With a drainer that sends fewer than come due again, which is a matter of its rate here.
#[test]
fn records_that_are_due_again_do_not_hold_up_those_behind_them() {
    let Some(shared) = Shared::new() else { return };
    let server = Server::answering(|_, request| {
        if String::from_utf8_lossy(&request.body).contains("later-") {
            let problem = "Content-Type: application/problem+json\r\n";
            answer("500 x", problem, "{\"typeCode\":\"RETRY_LATER\"}")
        } else {
            answer("200 OK", "", "")
        }
    });
    let mut log = numbered("later", 100, 100);
    log.push(record("healthy", "5004N"));
    let _ = shared
        .run(&server.url(), &["emit", "--queue", "-"])
        .stdin(log.join("\n"))
        .run()
        .exits(0);
    // One behind the other, where few are read ahead.
    shared.sql("UPDATE hivelog.event SET lane = 5");
    let drain = ["spool", "drain", "--follow", "--rate", "50/s"];
    let follower = shared.run(&server.url(), &drain).start();
    let deadline = Instant::now() + PATIENCE;
    while shared.ready() > 100 {
        assert!(Instant::now() < deadline, "it is not sent");
    }
    follower.signal("TERM");
    let _ = follower.wait().exits(143);
    let requests = server.requests();
    let healthy = |body: &[u8]| String::from_utf8_lossy(body).contains("healthy");
    let before = requests.iter().position(|one| healthy(&one.body));
    assert!(
        before.is_some_and(|before| before < 150),
        "{before:?} before it"
    );
}
