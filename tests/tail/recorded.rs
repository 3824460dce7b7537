//! Recorded events are read, filtered and rendered on every core. What comes out must be what
//! comes out one event after the other: which is how it is with a copy (`--tee`).

use crate::support::{Ended, Place, Random, hivelog};
use std::fmt::Write as _;

/// Records over many blocks: names that change, repeats, ids that several events share, days that
/// begin, failures that disable, times that are missing or no times, arrays, objects over several
/// lines, CRLF, and what is no event at all. A repeat leaves the rest of its block to its turn, so
/// without them more is shown ahead.
fn recording(seed: u64, repeats: bool) -> String {
    let mut random = Random::new(seed);
    let mut text = String::new();
    let mut lines: Vec<String> = Vec::new();
    for number in 0..1500 {
        let trigger = random.index(40);
        let day = 1 + number / 350;
        let (hour, second) = (random.index(24), random.index(60));
        let ts = match random.index(40) {
            0 => "\"soon\"".to_owned(),
            1 => "null".to_owned(),
            _ => format!("\"2024-05-{day:02}T{hour:02}:30:{second:02}.1{number:03}Z\""),
        };
        let id = match random.index(30) {
            0 => String::new(),
            1 if repeats => format!("\"id\":\"e-{}\",", random.index(number + 1)),
            _ => format!("\"id\":\"e-{number}\","),
        };
        let renamed = random.index(50) == 0;
        let name = format!("Trigger {trigger}{}", if renamed { " ü" } else { "" });
        let data = match random.index(12) {
            0..6 => format!(
                r#"{{"trigger_id":"t{trigger}","trigger_name":"{name}","flow_id":"f{trigger}","flow_name":"Flow {trigger}","duration_ms":{},"inputs":{}}}"#,
                random.index(9000),
                random.index(20)
            ),
            6 => format!(r#"{{"trigger_id":"t{trigger}","flow_name":"\u001b[2JFlow"}}"#),
            7 => "null".to_owned(),
            8 => r#"["x"]"#.to_owned(),
            _ => format!(
                r#"{{"trigger_id":"t{trigger}","flow_id":"f{trigger}","error":"flow validation failed: {}","reason":"flow validation failed: {}"}}"#,
                random.index(3),
                random.index(3)
            ),
        };
        let types = [
            "trigger.event.ok",
            "trigger.event.error",
            "trigger.schedule.failed",
            "trigger.schedule.disabled",
            "auth.ok",
            "server.ready",
            "order.paid",
        ];
        let event = format!(
            r#"{{{id}"ts":{ts},"type":"{}","data":{data},"pad":"{}"}}"#,
            types[random.index(types.len())],
            "x".repeat(random.index(300))
        );
        match random.index(60) {
            0 => text.push_str("nonsense\n"),
            1 => text.push_str("{\"no\":\"type\"}\r\n"),
            2 => text.push_str(
                "{\"kind\":\"hivelog\",\"type\":\"hivelog.gap\",\"to\":\"2024-05-03T05:30:00Z\"}\n",
            ),
            3 if repeats => _ = writeln!(text, "[{event},{event}]"),
            4 => text.push_str(&event.replace(",\"data\"", ",\n  \"data\"")),
            5 => _ = write!(text, "{event}\r\n"),
            6 if repeats && !lines.is_empty() => {
                text.push_str(&lines[random.index(lines.len())]);
                text.push('\n');
            }
            _ => _ = writeln!(text, "{event}"),
        }
        lines.push(event);
    }
    text
}

fn compare(place: &Place, args: &[&str]) -> Ended {
    let run = |more: &[&str]| {
        let line = ["tail", "--kind", "all", "in.ndjson"];
        let run = place.hivelog(line.iter().chain(args).chain(more));
        run.env("HIVELOG_TIMEZONE", "+12:00").run()
    };
    let (ahead, in_turn) = (run(&[]), run(&["--tee", "copy"]));
    assert_eq!(ahead.errors(), in_turn.errors(), "{args:?}");
    assert!(
        ahead.text() == in_turn.text(),
        "{args:?}\n{}",
        difference(&ahead, &in_turn)
    );
    assert_eq!(ahead.code(), in_turn.code(), "{args:?}");
    ahead
}

/// The first line that differs.
fn difference(one: &Ended, other: &Ended) -> String {
    let (one, other) = (one.text(), other.text());
    let differs = one.lines().zip(other.lines()).enumerate();
    let mut differs = differs.filter(|(_, (one, other))| one != other);
    format!("{:?}", differs.next())
}

#[test]
fn what_is_prepared_on_every_core_is_what_comes_out_in_turn() {
    let place = Place::new();
    place.file("in.ndjson", recording(2, false));
    compare(&place, &["-o", "human"]);
    compare(&place, &["-o", "human", "--expect", "auth.ok"]);
    place.file("in.ndjson", recording(1, true));
    for format in [
        "human",
        "ndjson",
        "json",
        "csv",
        "table",
        "logfmt",
        "cloudevents",
    ] {
        let ended = compare(&place, &["-o", format]);
        assert!(ended.text().len() > 50_000, "{format}");
        compare(&place, &["-o", format, "-t", "trigger.*", "--grep", "Flow"]);
        compare(&place, &["-o", format, "-n", "7"]);
        compare(
            &place,
            &["-o", format, "--redact", "trigger_name,flow_name"],
        );
        compare(&place, &["-o", format, "--fields", "type,flow_name,none"]);
    }
    for args in [
        &["-o", "human", "--color", "always"][..],
        &["-o", "human", "--time", "full"],
        &["-o", "human", "--time", "none"],
        &["-o", "human", "--time", "delta"],
        &["-o", "human", "--advice", "always", "-t", "@bad"],
        &["-o", "human", "-t", "nothing.*"],
        &["--where", "data.none > 1"],
        &["-o", "human", "--meta"],
        &["--count", "900"],
        &["--until", "id=e-700"],
        &["--until", "order.paid data.none=1"],
        &["--fail-on", "trigger.schedule.failed trigger_id=t7"],
        &["--expect", "auth.ok", "--expect", "server.gone"],
        &["--trigger", "trigger 7", "--slower-than", "5s"],
        &["--before", "2024-05-03T00:00:00Z", "-o", "human"],
    ] {
        compare(&place, args);
    }
}

#[test]
fn a_position_stands_behind_what_was_shown_whatever_was_read_ahead() {
    let place = Place::new();
    let line = |id: u32| format!("{{\"id\":\"{id}\",\"type\":\"x\"}}\n");
    place.file("in.ndjson", (0..20_000).map(line).collect::<String>());
    let mut shown = String::new();
    loop {
        let line = ["tail", "--resume", "r", "--count", "7999", "in.ndjson"];
        let ended = place.hivelog(line).run();
        shown += &ended.text();
        if ended.code() != Some(0) {
            break;
        }
    }
    assert_eq!(shown, (0..20_000).map(line).collect::<String>());
}

#[test]
fn a_position_does_not_stand_behind_the_last_events_until_they_are_shown() {
    let place = Place::new();
    let lines = "{\"id\":\"1\",\"type\":\"x\"}\n{\"id\":\"2\",\"type\":\"x\"}\n";
    place.file("in.ndjson", lines);
    let line = ["tail", "--resume", "r", "-n", "2", "in.ndjson"];
    let full = ["sh", "-c", "exec \"$@\" > /dev/full", "sh"];
    let full = place.hivelog(line).under(&full).expect("a shell");
    full.run().exits(3);
    let ended = place.hivelog(line).run().exits(0);
    assert_eq!(ended.text(), lines);
}

#[test]
fn what_there_is_to_report_stands_between_the_events() {
    let events = [("1", "a"), ("1", "a"), ("1", "b"), ("2", "c"), ("3", "d")];
    let lines = events.map(|(id, name)| format!("{{\"id\":\"{id}\",\"type\":\"{name}\"}}\n"));
    let ended = hivelog(["tail", "--meta", "-o", "ndjson", "-"]);
    let ended = ended.stdin(lines.concat()).run().exits(0);
    let shown = ended.ndjson();
    let types: Vec<_> = shown.iter().map(|event| &event["type"]).collect();
    let wanted = [
        "a",
        "hivelog.conflict",
        "c",
        "hivelog.dropped",
        "d",
        "hivelog.verdict",
    ];
    assert_eq!(types, wanted);
}

#[test]
fn a_summary_has_its_own_formats() {
    for format in ["table", "csv", "logfmt", "cloudevents"] {
        let line = ["tail", "--summary", "-o", format, "-"];
        hivelog(line)
            .stdin("{\"type\":\"x\"}\n")
            .run()
            .exits(2)
            .warns(&format!("no output format '{format}'"))
            .warns("supported formats: human, ndjson, json");
    }
    // What only a profile or a variable says is for those who have it.
    let ended = hivelog(["tail", "--summary", "-"]).env("HIVELOG_OUTPUT", "csv");
    let ended = ended.stdin("{\"type\":\"x\"}\n").run().exits(0);
    assert_eq!(ended.json()["events"], 1);
}
