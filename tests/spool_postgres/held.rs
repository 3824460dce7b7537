//! A destination that takes nothing before a person acts.

use super::Shared;
use crate::emit::record;
use crate::support::PATIENCE;
use crate::support::server::{Server, answer};
use std::time::Instant;

#[test]
fn a_follower_reads_the_key_anew_after_a_retry_and_leaves_its_lanes_meanwhile() {
    let Some(shared) = Shared::new() else { return };
    let server = Server::answering(|_, request| {
        if request.header("x-key") == Some("right") {
            answer("200 OK", "", "")
        } else {
            answer("401 Unauthorized", "", "")
        }
    });
    let key = shared.place.path("key");
    let write = |text: &str| {
        std::fs::write(&key, text).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, mode).expect("a mode");
    };
    write("wrong");
    let profile = format!(
        "[synchive]\nurl = {:?}\nconnector = \"c\"\nkey_file = {key:?}\nkey_header = \"X-Key\"\n",
        server.url()
    );
    shared.place.file(".config/hivelog/config.toml", &profile);
    let run = |args: &[&str]| {
        let command = shared.place.hivelog(args);
        command.env("HIVELOG_SPOOL", &shared.url)
    };
    let _ = run(&["emit", "--queue", "-"])
        .stdin(record("a", "5004N"))
        .run()
        .exits(0);
    let follower = run(&["spool", "drain", "--follow"]).start();
    follower.stderr.until("is held");
    let owned = "SELECT count(*) FROM hivelog.lane WHERE owner IS NOT NULL";
    assert_eq!(shared.sql(owned), "0");
    write("right");
    let _ = run(&["spool", "retry", "--all", "--yes"]).run().exits(0);
    let deadline = Instant::now() + PATIENCE;
    while shared.ready() > 0 {
        assert!(Instant::now() < deadline, "it is not tried again");
    }
    follower.signal("TERM");
    let _ = follower.wait().exits(143);
}
