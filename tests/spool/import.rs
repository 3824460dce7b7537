//! What is exported with everything that is known of it comes into another spool as it was.

use super::{numbered, run};
use crate::crash::recovery::with_inbox;
use crate::crash::times;
use crate::emit::record;
use crate::spool::selection::filled;
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Random, Run};

fn export(place: &Place, spool: &str) -> Vec<u8> {
    let args = ["spool", "export", "-o", "ndjson", "--spool", spool];
    place.hivelog(args).run().exits(0).stdout
}

fn import(place: &Place, spool: &str, more: &[&str]) -> Run {
    place.hivelog([&["spool", "import", "--spool", spool], more].concat())
}

/// The counts that an import reports.
fn counts(ended: &Ended) -> [u64; 3] {
    let said = ended.json();
    ["imported", "present", "invalid"].map(|name| said[name].as_u64().expect("a count"))
}

/// Dead and ready records, tried and untried ones, for two destinations.
fn exported() -> (Place, Server, Vec<u8>) {
    let (place, server) = filled();
    let more = numbered("one", 40, 3).join("\n");
    let queue = ["emit", "-", "--queue", "-H", "X-Tenant: canary-9e"];
    let _ = run(&place, "http://127.0.0.1:9/prefix", &queue)
        .stdin(more)
        .run()
        .exits(0);
    let exported = export(&place, "spool");
    assert_eq!(String::from_utf8_lossy(&exported).lines().count(), 43);
    (place, server, exported)
}

#[test]
fn an_export_comes_back_byte_for_byte_and_only_once() {
    let (place, server, exported) = exported();
    let text = String::from_utf8(exported.clone()).expect("text");
    assert!(!text.contains("canary"), "{text}");
    let first = import(&place, "other", &["-", "-o", "json"]).stdin(exported.clone());
    assert_eq!(counts(&first.run().exits(0)), [43, 0, 0]);
    assert_eq!(export(&place, "other"), exported);
    let again = import(&place, "other", &["-"])
        .stdin(exported.clone())
        .run();
    let _ = again.exits(0).says("imported 0, 43 already there");
    assert_eq!(export(&place, "other"), exported);
    let bytes = |spool| {
        let args = ["spool", "export", "--spool", spool];
        place.hivelog(args).run().exits(0).stdout
    };
    assert_eq!(bytes("other"), bytes("spool"));
    // Each is still sent under its own identity, and what was refused is not.
    let before = server.requests().len();
    let args = ["spool", "drain", "--url", &server.url(), "--connector", "c"];
    let drain = [&args[..], &["--spool", "other", "--retry-for", "0s"]].concat();
    let drain = place.hivelog(drain).env("HIVELOG_KEY", "k");
    let _ = drain.run().exits(6);
    assert_eq!(server.requests().len() - before, 1);
}

#[test]
fn an_array_is_an_export_too() {
    let (place, _server, exported) = exported();
    let args = ["spool", "export", "-o", "json", "--spool", "spool"];
    let array = place.hivelog(args).run().exits(0).stdout;
    place.file("backup.json", array);
    let _ = import(&place, "other", &["backup.json"]).run().exits(0);
    assert_eq!(export(&place, "other"), exported);
}

#[test]
fn a_line_that_is_not_of_an_export_costs_no_other() {
    let (place, _server, exported) = exported();
    let text = String::from_utf8(exported).expect("text");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = record("loose", "5004N");
    lines[4] = lines[4].replace("customData", "customDatum");
    let last = lines.len() - 1;
    lines[last].truncate(200);
    let file = place.file("backup.ndjson", lines.join("\n"));
    let ended = import(&place, "other", &["-o", "json", "backup.ndjson"]).run();
    let ended = ended.exits(7);
    assert_eq!(counts(&ended), [40, 0, 3]);
    for wanted in [
        "backup.ndjson:2: not a record of an export: id is missing",
        "backup.ndjson:5: not a record of an export: the bytes do not match their checksum",
        "backup.ndjson:43: not a record of an export: it is not JSON",
    ] {
        assert!(ended.errors().contains(wanted), "{}", ended.transcript());
    }
    std::fs::write(file, record("loose", "5004N")).expect("written");
    let ended = import(&place, "other", &["backup.ndjson"]).run().exits(3);
    let _ = ended.warns("hivelog emit");
    let _ = import(&place, "other", &["none.ndjson"]).run().exits(3);
}

#[test]
fn a_full_spool_takes_the_rest_when_it_has_room() {
    let (place, _server, exported) = exported();
    let config = place.file("config.toml", "[spool]\nmax_bytes = \"1KiB\"\n");
    let config = config.to_str().expect("a path").to_owned();
    let full = import(&place, "other", &["-", "--config", &config]).stdin(exported.clone());
    let _ = full.run().exits(3).warns("the spool is full");
    let _ = import(&place, "other", &["-"])
        .stdin(exported.clone())
        .run()
        .exits(0);
    assert_eq!(export(&place, "other"), exported);
}

#[test]
fn what_was_imported_last_is_missed_when_the_log_is_cut() {
    let (place, _server, exported) = exported();
    let _ = import(&place, "other", &["-"])
        .stdin(exported)
        .run()
        .exits(0);
    place.file("other/spool.db-wal", "");
    let list = ["spool", "list", "--spool", "other"];
    let _ = place
        .hivelog(list)
        .run()
        .exits(3)
        .warns("is gone: 43 records");
}

#[test]
fn without_a_file_the_inbox_is_brought_over() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let sent = numbered("i", 12, 4);
    with_inbox(&place, &server.url(), &sent);
    let ended = import(&place, "spool", &[]).run().exits(0);
    // The database was moved away behind the commit of four of the eight.
    let _ = ended.says("imported 4 from the inbox\n");
    let ended = import(&place, "spool", &[]).run().exits(0);
    let _ = ended.says("the inbox is empty\n");
    let bytes = ["spool", "export", "--spool", "spool"];
    let bytes = place.hivelog(bytes).run().exits(0).text();
    assert_eq!(bytes.lines().collect::<Vec<_>>(), sent);
    let nothing = Place::new();
    let _ = import(&nothing, "spool", &[]).run().exits(0);
    assert!(!nothing.path("spool").exists());
}

/// Deaths at the n-th call that writes or flushes, and once more after that; `HIVELOG_POINTS` asks
/// for every n up to a number instead of a few.
#[test]
fn nothing_is_lost_or_doubled_by_dying_while_importing() {
    let source = Place::new();
    let sent = numbered("many", 2500, 50).join("\n");
    let _ = run(&source, "http://127.0.0.1:9", &["emit", "-", "--queue"])
        .stdin(sent)
        .run()
        .exits(0);
    let exported = export(&source, "spool");
    let mut random = Random::new(21);
    let every = times("HIVELOG_POINTS", 0);
    let points: Vec<u64> = if every > 0 {
        (1..=every).collect()
    } else {
        (0..8).map(|_| random.index(120) as u64 + 1).collect()
    };
    let mut died = 0;
    for point in &points {
        let place = Place::new();
        let inject = format!(
            "inject=write,pwrite64,fdatasync,fsync,rename,unlink,ftruncate:signal=KILL:when={point}"
        );
        let tool = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        for _ in 0..2 {
            let importing = import(&place, "other", &["-"]).stdin(exported.clone());
            let Some(importing) = importing.under(&tool) else {
                return;
            };
            died += usize::from(importing.run().code != Some(0));
        }
        let whole = import(&place, "other", &["-"])
            .stdin(exported.clone())
            .run();
        let _ = whole.exits(0);
        assert!(export(&place, "other") == exported, "call {point}");
    }
    assert!(died > 0, "no point was reached");
}
