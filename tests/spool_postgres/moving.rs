//! Records that move between a folder and a database, and what is shown of a spool at work.

use super::{Shared, on_spool};
use crate::spool::{judge, numbered, sandbox};
use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

const NOWHERE: &str = "http://localhost:9";

#[test]
fn records_move_once_and_in_order_in_both_directions() {
    let Some(shared) = Shared::new() else { return };
    let sandbox = sandbox("");
    // So many of a journey that a lane is not read at once.
    let sent = numbered("x", 1200, 8);
    let folder = |args: &[&str]| on_spool(&shared.place, "spool", &sandbox.url(), args);
    let database = |args: &[&str]| shared.run(&sandbox.url(), args);
    let _ = folder(&["emit", "--queue", "-"])
        .stdin(sent.join("\n"))
        .run()
        .exits(0);
    // As after a death in the middle: some are there already.
    let known = folder(&["spool", "export", "-o", "ndjson"])
        .run()
        .exits(0)
        .text();
    let first: String = known.split_inclusive('\n').take(100).collect();
    let _ = database(&["spool", "import", "-"])
        .stdin(first)
        .run()
        .exits(0)
        .says("100");
    let moved = folder(&["spool", "move", "--to", &shared.url, "-o", "json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(
        (&moved["moved"], &moved["present"]),
        (&1200.into(), &100.into())
    );
    let _ = folder(&["spool", "list"]).run().exits(0).says("empty");
    let _ = folder(&["spool", "move", "--to", &shared.url])
        .run()
        .exits(0)
        .says("moved 0");
    assert_eq!(shared.ready(), 1200);
    // And back, as far as it is wanted.
    let back = ["spool", "move", "--to", "spool", "--journey", "x-0"];
    let _ = database(&back).run().exits(0).says("moved 150");
    let _ = folder(&["spool", "status"])
        .run()
        .exits(0)
        .says("150 ready");
    // And once more: they were there before and are not now.
    let again = ["spool", "move", "--to", &shared.url];
    let _ = folder(&again).run().exits(0).says("moved 150");
    assert_eq!(shared.ready(), 1200);
    let _ = database(&back).run().exits(0).says("moved 150");
    let _ = database(&["spool", "drain"]).run().exits(0);
    let _ = folder(&["spool", "drain"]).run().exits(0);
    let found = judge(&sandbox, &sent, |_| true);
    assert!(found == crate::spool::Judgement::default(), "{found:?}");
}

/// What is there already is removed where it came from: from itself, that would be the end of it.
#[test]
fn a_spool_is_not_moved_into_itself_by_another_name() {
    let Some(shared) = Shared::new() else { return };
    let lines = numbered("x", 3, 1).join("\n");
    let same = |from: &str, to: &str| {
        let on = |args: &[&str]| on_spool(&shared.place, from, NOWHERE, args);
        let _ = on(&["emit", "--queue", "-"])
            .stdin(lines.clone())
            .run()
            .exits(0);
        let _ = on(&["spool", "move", "--to", to])
            .run()
            .exits(2)
            .warns("are the same spool");
        let _ = on(&["spool", "status"]).run().exits(0).says("3 ready");
    };
    same("spool", "./spool");
    shared.sql("CREATE ROLE somebody SUPERUSER LOGIN");
    let other = shared.cluster.url("somebody", &shared.database);
    same(&shared.url, &other);
}

/// Who begins to send while records move is noticed before the next of them do.
#[test]
fn a_move_ends_when_somebody_begins_to_send() {
    let Some(shared) = Shared::new() else { return };
    let folder = |args: &[&str]| on_spool(&shared.place, "spool", NOWHERE, args);
    let _ = folder(&["emit", "--queue", "-"])
        .stdin(numbered("x", 1200, 40).join("\n"))
        .run()
        .exits(0);
    // The database has its destination, and takes nothing for it.
    let _ = shared
        .run(NOWHERE, &["emit", "--queue", "-"])
        .stdin(numbered("y", 1, 1).join("\n"))
        .run()
        .exits(0);
    let mut session = shared.cluster.session(&shared.database);
    let mut input = session.stdin.take().expect("a pipe");
    let lock = b"BEGIN; SELECT count(*) FROM (SELECT 1 FROM hivelog.gate FOR UPDATE) g;\n";
    input.write_all(lock).expect("it reads");
    let mut answer = String::new();
    std::io::BufReader::new(session.stdout.take().expect("a pipe"))
        .read_line(&mut answer)
        .expect("an answer");
    let moving = folder(&["spool", "move", "--to", &shared.url]).start();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while shared.sql(waiting) != "1" {
        assert!(std::time::Instant::now() < deadline, "it does not wait");
    }
    let drainer = folder(&["spool", "drain", "--follow"]).start();
    drainer.stderr.until("until stopped");
    input.write_all(b"COMMIT;\n").expect("it reads");
    drop(input);
    let ended = moving.wait();
    assert!(
        matches!(ended.code, Some(2 | 3)) && ended.errors().contains("send"),
        "{}",
        ended.transcript()
    );
    let moved = shared.ready() - 1;
    assert!(moved > 0 && moved < 1200, "{moved}");
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
    assert!(session.wait().expect("it ends").success());
}

#[test]
fn nothing_moves_while_somebody_sends_and_metrics_say_who_does() {
    let Some(shared) = Shared::new() else { return };
    let _ = shared
        .run(NOWHERE, &["emit", "--queue", "-"])
        .stdin(numbered("x", 3, 1).join("\n"))
        .run()
        .exits(0);
    let args = ["spool", "drain", "--follow", "--metrics", "0"];
    let drainer = shared.run(NOWHERE, &args).start();
    let line = drainer.stderr.until("metrics are at");
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let page = || {
        let mut stream = TcpStream::connect(address.expect("an address")).expect("a connection");
        let ask = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(ask).expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("text");
        text
    };
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while !page().contains("hivelog_spool_drainer_lanes{") {
        assert!(std::time::Instant::now() < deadline, "{}", page());
    }
    let text = page();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(
        text.contains("hivelog_spool_records{") && text.contains("} 3\n"),
        "{text}"
    );
    let _ = shared
        .spool(&["move", "--to", "spool"])
        .run()
        .exits(2)
        .warns("is sending from");
    let status = shared
        .spool(&["status", "-o", "json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(status["drainers"][0]["lanes"], 64);
    drainer.signal("TERM");
    let _ = drainer.wait().exits(143);
    assert_eq!(shared.ready(), 3);
}
