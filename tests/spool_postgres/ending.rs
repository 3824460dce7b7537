//! The end of a run beside a server that says nothing.

use super::{Shared, on_spool};
use crate::spool::{numbered, sandbox};
use crate::support::intercept::Interceptor;
use crate::support::{PATIENCE, Running};
use std::time::{Duration, Instant};

/// Much less than a silent server is waited for in the middle of a run.
const AT_ONCE: Duration = Duration::from_secs(10);

fn ends_soon(running: Running, code: i32) {
    let asked = Instant::now();
    running.signal("TERM");
    let _ = running.wait().exits(code);
    assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
}

#[test]
fn a_silent_server_does_not_hold_up_the_end() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("");
    let between = Interceptor::before(shared.cluster.folder(), shared.cluster.port());
    let url = between.url(&shared.database);
    let start = |args: &[&str]| on_spool(&shared.place, &url, &sandbox.url(), args).start();
    let mut queueing = start(&["emit", "--queue", "-"]);
    let mut sending = start(&["emit", "-"]);
    let draining = start(&["spool", "drain", "--follow"]);
    draining.stderr.until("until stopped");
    let lines = numbered("x", 4, 2);
    queueing.write((lines[0].clone() + "\n").as_bytes());
    sending.write((lines[1].clone() + "\n").as_bytes());
    let deadline = Instant::now() + PATIENCE;
    while sandbox.ledger().len() < 2 || shared.ready() > 0 {
        assert!(Instant::now() < deadline, "they do not get through");
    }
    between.fall_silent();
    queueing.write((lines[2].clone() + "\n").as_bytes());
    sending.write((lines[3].clone() + "\n").as_bytes());
    ends_soon(draining, 143);
    ends_soon(sending, 143);
    ends_soon(queueing, 143);
    between.go_on();
    // What they had taken is in the inbox, and comes over.
    let _ = shared.spool(&["list"]).run().exits(0);
}
