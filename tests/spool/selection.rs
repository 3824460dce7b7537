//! Records of a spool are chosen by what they are; what changes them wants to be told which.

use super::run;
use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{PATIENCE, Place};
use rexpect::session::spawn_command;
use serde_json::Value;

/// A spool with two dead records, of journeys `a` and `b`, and a ready one of journey `c`.
pub fn filled() -> (Place, Server) {
    let place = Place::new();
    let server = Server::answering(|_, request| {
        let ready = String::from_utf8_lossy(&request.body).contains("journey-c");
        answer(if ready { "503 x" } else { "400 x" }, "", "")
    });
    let logs = [
        record("journey-a", "5004N"),
        record("journey-b", "4003W"),
        record("journey-c", "5004N"),
    ];
    let _ = run(&place, &server.url(), &["emit", "-", "--retry-for", "0s"])
        .stdin(logs.join("\n"))
        .run()
        .exits(7);
    (place, server)
}

fn listed(place: &Place, args: &[&str]) -> Vec<Value> {
    let args = [&["spool", "list", "-o", "json"], args].concat();
    let listed = run(place, "", &args).run().exits(0).json();
    listed.as_array().expect("an array").clone()
}

#[test]
fn selectors_narrow_each_other_and_ids_add_up() {
    let (place, server) = filled();
    let all = listed(&place, &[]);
    let id = |at: usize| all[at]["id"].as_str().expect("an id").to_owned();
    let end = |at: usize| id(at)[28..].to_owned();
    for (args, wanted) in [
        (vec!["--dead"], vec![0, 1]),
        (vec!["--ready"], vec![2]),
        (vec!["--code", "5004*"], vec![0, 2]),
        (vec!["--code", "*w"], vec![1]),
        (vec!["--dead", "--code", "5004N"], vec![0]),
        (vec!["--journey", "journey-b"], vec![1]),
        (vec!["--journey", "journey-"], vec![0, 1, 2]),
        (vec!["--destination", &server.url()], vec![0, 1, 2]),
        (vec!["--destination", "https://"], vec![]),
        (vec!["--since", "1h ago"], vec![0, 1, 2]),
        (vec!["--since", "1h"], vec![0, 1, 2]),
        (vec!["--since", "-3h"], vec![0, 1, 2]),
        (vec!["--since", "2099-01-01T00:00:00Z"], vec![]),
        (vec![&end(0), &end(2)], vec![0, 2]),
        (vec![&id(1), &end(2), "--dead"], vec![1]),
    ] {
        let found = listed(&place, &args);
        let wanted: Vec<&Value> = wanted.iter().map(|at| &all[*at]).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{args:?}");
    }
    let table = run(&place, "", &["spool", "list"]).run().exits(0).text();
    assert!(
        table.starts_with("ID        STATE  CODE   JOURNEY"),
        "{table}"
    );
    assert!(
        table.contains(&end(0)) && !table.contains(&id(0)),
        "{table}"
    );
    let last = table.lines().last().expect("a line");
    assert!(last.starts_with("1 ready, 2 dead, oldest "), "{table}");
}

#[test]
fn an_export_leaves_out_what_was_refused_until_it_is_asked_for() {
    let (place, _server) = filled();
    for (args, wanted) in [
        (&[][..], &["journey-c"][..]),
        (&["--dead"], &["journey-a", "journey-b"]),
        (&["--journey", "journey-a"], &[]),
    ] {
        let args = [&["spool", "export"], args].concat();
        // The variable is for what is looked at; an export feeds another command.
        let export = run(&place, "", &args).env("HIVELOG_OUTPUT", "ndjson");
        let text = export.run().exits(0).text();
        assert_eq!(text.lines().count(), wanted.len(), "{args:?}: {text}");
        assert!(!text.contains("\"attempts\""), "{text}");
        assert!(
            wanted.iter().all(|one| text.contains(one)),
            "{args:?}: {text}"
        );
    }
    let dead = listed(&place, &["--dead"])[0]["id"].clone();
    let args = ["spool", "export", dead.as_str().expect("an id")];
    let _ = run(&place, "", &args).run().exits(0).says("journey-a");
}

#[test]
fn what_changes_records_is_told_which_and_that_it_is_meant() {
    let (place, _server) = filled();
    for (args, code) in [
        (&["spool", "retry"][..], 2),
        (&["spool", "drop"], 2),
        (&["spool", "drop", "--yes"], 2),
        (&["spool", "retry", "--all"], 2),
        (&["spool", "drop", "--dead"], 2),
        (&["spool", "retry", "zzzz"], 1),
    ] {
        let _ = run(&place, "", args).run().exits(code);
    }
    assert_eq!(listed(&place, &["--dead"]).len(), 2);
    let _ = run(&place, "", &["spool", "drop", "--dead"])
        .run()
        .warns("this would permanently delete 2 records; pass --yes to confirm");
    let args = ["spool", "drop", "--dead", "--code", "4003W", "--yes"];
    let _ = run(&place, "", &args).run().exits(0).says("dropped");
    let args = ["spool", "retry", "--dead", "-o", "ndjson"];
    let retried = run(&place, "", &args).run().exits(0).ndjson();
    assert!(
        retried
            .iter()
            .all(|one| one["state"] == "ready" && one["id"].is_string())
    );
    assert_eq!(listed(&place, &["--dead"]).len(), 0);
    assert_eq!(listed(&place, &[]).len(), 2);
    let drop_all = ["spool", "drop", "--all", "--yes", "-o", "json"];
    let dropped = run(&place, "", &drop_all).run().exits(0).json();
    assert_eq!(dropped[1]["state"], "dropped");
    assert_eq!(
        run(&place, "", &drop_all).run().json(),
        serde_json::json!([])
    );
    let _ = run(&place, "", &["spool", "path", "-o", "json"])
        .run()
        .exits(2);
    let _ = run(&place, "", &["spool", "list"])
        .run()
        .exits(0)
        .says("the spool is empty");
}

#[test]
fn on_a_terminal_it_asks_before_it_deletes() {
    let (place, _server) = filled();
    for (answer, code, left) in [("n", 1, 2), ("y", 0, 0)] {
        let drop = run(&place, "", &["spool", "drop", "--dead"]).env("TERM", "xterm");
        let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
        let mut terminal = spawn_command(drop.into_command(), Some(patience)).expect("a terminal");
        let asked = terminal.exp_string("This would permanently delete 2 records. Go ahead?");
        asked.expect("a question");
        terminal
            .send(answer)
            .and_then(|_| terminal.flush())
            .expect("an answer");
        terminal.exp_eof().expect("its end");
        let status = terminal.process().wait().expect("a status");
        assert!(
            format!("{status:?}").contains(&format!(", {code})")),
            "{status:?}"
        );
        assert_eq!(listed(&place, &["--dead"]).len(), left);
    }
}
