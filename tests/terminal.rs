//! What others write, on its way to a terminal: shown, and obeyed by nobody.

use crate::support::server::{Server, answer};
use crate::support::{PATIENCE, Place, Run};
use rexpect::session::{PtySession, spawn_command};
use serde_json::json;

/// What steers a terminal, turns reading round or hides: an OSC 52 paste, colours in both codings,
/// a carriage return with an erased line, a bell, a backspace, DEL, bidirectional overrides and
/// isolates, zero-width characters, a line separator, a byte-order mark.
const HOSTILE: &str = "x\u{1b}]52;c;ZWNobyBo\u{7}\u{1b}[2J\u{9b}31m\r\u{1b}[2K\u{8}\u{7f}\u{85}\u{90}\u{202e}\u{2066}\u{61c}\u{200b}\u{200d}\u{2028}\u{feff}\n\ty";

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Everything a terminal receives from a run, without the sequences that are our own: colours,
/// and what a line that is drawn anew needs.
fn received(run: Run) -> String {
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    let run = run.env("TERM", "xterm-256color");
    let mut terminal = spawn_command(run.into_command(), Some(patience)).expect("a terminal");
    in_utf8(&terminal.exp_eof().expect("its end"))
}

/// The crate makes a character of each byte.
fn in_utf8(text: &str) -> String {
    let bytes = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("a byte"));
    String::from_utf8(bytes.collect()).expect("UTF-8")
}

fn without_our_own(text: &str) -> String {
    let colour = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    // The terminal itself makes a carriage return before each line feed, and CSV has its own.
    let plain = colour.replace_all(text, "");
    plain.replace("\r\r\n", "\n").replace("\r\n", "\n")
}

#[track_caller]
fn harmless(text: &str, shown: &str) {
    let plain = without_our_own(text);
    let found: Vec<_> = plain
        .chars()
        .filter(|c| *c != '\n' && *c != '\t' && is_harmful(*c))
        .collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
    assert!(plain.contains(shown), "no {shown:?} in {plain:?}");
}

/// Events whose every text is hostile, and one that is not.
fn events() -> String {
    let trigger = json!({"trigger_id": HOSTILE, "trigger_name": HOSTILE, "schedule_name": HOSTILE,
        "flow_name": HOSTILE, "error": HOSTILE, "duration_ms": 3, "inputs": 1, "outputs": 1});
    let login = json!({"username": HOSTILE, "ip": HOSTILE, "reason": HOSTILE, "method": HOSTILE});
    let all = [
        ("auth.error", login),
        ("trigger.schedule.failed", trigger.clone()),
        ("trigger.schedule.disabled", trigger.clone()),
        ("trigger.event.error", trigger.clone()),
        ("trigger.event.ok", trigger.clone()),
        (HOSTILE, trigger),
        ("license.invalid", json!({"error": {HOSTILE: [HOSTILE]}})),
    ];
    let lines = all.iter().zip(1..).map(|((name, data), id)| {
        let event = json!({"id": format!("{id}{HOSTILE}"), "kind": "sys", "type": name,
            "ts": "2024-05-03T05:30:00Z", "data": data});
        // Raw, where JSON allows it: only C0 must be escaped.
        event.to_string() + "\n"
    });
    lines.collect()
}

#[test]
fn events_are_harmless_in_every_format_on_a_terminal() {
    let place = Place::new();
    place.file("events", events());
    for format in [
        "human",
        "table",
        "logfmt",
        "csv",
        "ndjson",
        "json",
        "cloudevents",
    ] {
        let text = received(place.hivelog(["tail", "-o", format, "events"]));
        // The cells of a table are cut to their width.
        harmless(&text, if format == "table" { "\\u{1b}" } else { "2J" });
        let lines = without_our_own(&text).trim_end().lines().count();
        if matches!(format, "logfmt" | "ndjson") {
            assert_eq!(lines, 7, "one record is one line: {text:?}");
        }
    }
    for flags in [
        &["--fields", "type,data.flow_name,data.reason"][..],
        &["--time", "full"],
    ] {
        let args = [&["tail", "-o", "human"], flags, &["events"]].concat();
        harmless(&received(place.hivelog(args)), "2J");
    }
    let text = received(place.hivelog(["stats", "--by", "flow", "events"]));
    harmless(&text, "2J");
    // Our own bytes are not what was kept: a copy holds what came.
    let tee = ["tail", "-o", "human", "--tee", "copy", "events"];
    harmless(&received(place.hivelog(tee)), "2J");
    let copy = std::fs::read_to_string(place.path("copy")).expect("a copy");
    assert_eq!(copy, events());
}

#[test]
fn a_live_summary_is_harmless_too() {
    let place = Place::new();
    place.file("events", events());
    let text = received(place.hivelog(["tail", "--summary", "events"]));
    // Drawing anew is our own doing; what remains must be nobody's.
    let drawn = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Zhl]|\r").expect("a pattern");
    assert!(!text.contains("\u{1b}]52") && !text.contains("\u{9b}31m"));
    harmless(&drawn.replace_all(&text, ""), "\\u{1b}[2J");
}

/// Reads the next picture of a live summary, up to where the one after it begins. On a terminal so
/// narrow that its numbers do not fit its lines must not be folded.
#[track_caller]
fn is_inside(terminal: &mut PtySession, columns: usize, lines: usize) {
    terminal.exp_string("240 events").expect("a picture");
    let picture = terminal.exp_regex("\u{1b}\\[[0-9]+A").expect("another").0;
    assert!(picture.contains("\u{1b}[?7h"), "folded again behind it");
    let ours = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]|\r").expect("a pattern");
    let picture = ours.replace_all(&in_utf8(&picture), "").into_owned();
    let widest = picture.lines().map(|line| line.chars().count()).max();
    assert!(
        widest <= Some(columns.max(60)),
        "{columns}x{lines}: {picture}"
    );
    assert!(
        picture.lines().count() < lines,
        "{columns}x{lines}: {picture}"
    );
    assert!(picture.contains("\nFlow wit"), "{picture}");
}

#[test]
fn a_live_summary_stays_inside_its_terminal_when_that_is_resized() {
    let place = Place::new();
    let types = ["event.ok", "event.error", "schedule.failed", "schedule.ok"];
    let events = (0..240).map(|at: usize| {
        let event = json!({"id": at, "type": format!("trigger.{}", types[at % 4]), "data": {
            "flow_name": format!("Flow with a name that is long {}", at % 30), "duration_ms": at,
            "error": format!("what went wrong here is of kind {}", "abcdef".repeat(at % 7))}});
        event.to_string() + "\n"
    });
    place.file("events", events.collect::<String>());
    let run = place.hivelog(["tail", "-f", "--summary=20ms", "events"]);
    let begin = "unset COLUMNS; stty columns 80 rows 24 && exec \"$@\"";
    let run = run.env("TERM", "xterm").under(&["sh", "-c", begin, "sh"]);
    let command = run.expect("a shell").into_command();
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    let mut terminal = spawn_command(command, Some(patience)).expect("a terminal");
    is_inside(&mut terminal, 80, 24);
    for (columns, lines) in [(60, 15), (40, 10), (120, 40)] {
        let (width, height) = (columns.to_string(), lines.to_string());
        let resized = std::process::Command::new("stty")
            .args(["columns", &width, "rows", &height])
            .stdin(terminal.process().get_file_handle().expect("a handle"))
            .status();
        assert!(resized.is_ok_and(|status| status.success()));
        terminal.exp_string("\u{1b}[H\u{1b}[J").expect("drawn anew");
        is_inside(&mut terminal, columns, lines);
    }
    terminal.send_control('c').expect("it is stopped");
    let end = terminal.exp_eof().expect("its end");
    assert!(end.contains("stopped: 240 events shown, 120 bad"), "{end}");
}

#[test]
fn what_a_server_says_of_a_problem_is_harmless() {
    // A header cannot carry a raw escape; what can arrive is a reason phrase and a content type.
    let phrase = "500 \u{9b}31m\u{202e}";
    let server = Server::answering(move |_, _| answer(phrase, "", HOSTILE));
    let place = Place::new();
    let text = received(place.hivelog(["tail", "--server", &server.url()]));
    harmless(&text, "500");
    let kind = "Content-Type: text/\u{9b}31m\u{202e}\r\n";
    let server = Server::answering(move |_, _| answer("200 OK", kind, ""));
    let text = received(place.hivelog(["tail", "--server", &server.url()]));
    harmless(&text, "not an event stream");
    let problem =
        json!({"title": HOSTILE, "detail": HOSTILE, "typeCode": HOSTILE, "uuid": HOSTILE});
    let server = Server::answering(move |_, _| {
        let headers = "Content-Type: application/problem+json\r\n";
        answer("422 x", headers, &problem.to_string())
    });
    place.file("logs", crate::emit::records(1));
    let url = server.url();
    let emit = [
        "emit",
        "--url",
        &url,
        "--connector",
        "shop",
        "--no-spool",
        "logs",
    ];
    let text = received(place.hivelog(emit).env("HIVELOG_KEY", "canary"));
    // A bar is drawn over itself.
    let drawn = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Zhl]|\r").expect("a pattern");
    harmless(&drawn.replace_all(&text, ""), "\\u{1b}[2J");
    assert!(!text.contains("canary"));
}

#[test]
fn what_a_command_for_a_key_says_is_harmless() {
    let place = Place::new();
    let text = HOSTILE.replace('\n', " ");
    place.file("said", &text);
    place.file(
        ".config/hivelog/config.toml",
        "[synchive]\nurl = \"https://x.example.com\"\nconnector = \"shop\"\n\
         key_command = [\"sh\", \"-c\", \"cat said >&2; exit 1\"]\n",
    );
    place.file("logs", crate::emit::records(1));
    let text = received(place.hivelog(["emit", "--no-spool", "logs"]));
    harmless(&text, "\\u{1b}[2J");
    let (said, failed) = text.split_once("the key command").expect("a failure");
    assert!(
        said.contains("\\u{1b}]52") && failed.contains("failed"),
        "{text}"
    );
}

#[test]
fn a_bar_says_why_nothing_gets_through() {
    let place = Place::new();
    place.file("logs", crate::emit::records(1));
    let problem = json!({"title": HOSTILE}).to_string();
    let server = Server::answering(move |_, _| {
        let headers = "Content-Type: application/problem+json\r\n";
        answer("503 x", headers, &problem)
    });
    let url = server.url();
    let emit = ["emit", "--url", &url, "--connector", "shop", "logs"];
    let run = place.hivelog(emit).env("HIVELOG_KEY", "canary");
    let command = run.env("TERM", "xterm").into_command();
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    let mut terminal = spawn_command(command, Some(patience)).expect("a terminal");
    let before = terminal.exp_string("trying again: 503 ");
    let before = before.expect("what keeps them back");
    assert!(!before.contains("0s left"), "{before}");
    terminal.send_control('c').expect("it is stopped");
    let end = terminal.exp_eof().expect("its end");
    let drawn = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Zhl]|\r").expect("a pattern");
    harmless(&drawn.replace_all(&in_utf8(&end), ""), "kept 1");
}

/// Event logs whose free texts are hostile.
fn logs() -> String {
    let record = crate::emit::record("journey", "4005E");
    let mut log: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    for name in [
        "detail",
        "technicalInfo",
        "correlationId",
        "stream",
        HOSTILE,
    ] {
        log[name] = HOSTILE.into();
    }
    log["customData"] = json!({HOSTILE: [HOSTILE]});
    log.to_string() + "\n"
}

#[test]
fn records_that_pass_a_filter_are_harmless() {
    let place = Place::new();
    let broken = "\u{1b}[2J\n";
    place.file("logs", logs() + broken);
    for (filter, passed, shown) in [
        ("valid", &logs()[..], "\\u009b31m"),
        ("invalid", broken, "\n\\u001b[2J\n"),
    ] {
        let line = ["validate", "--filter", filter, "logs"];
        harmless(&received(place.hivelog(line)), shown);
        let elsewhere = place.hivelog(line).run().exits(1).text();
        assert_eq!(elsewhere, passed, "byte for byte");
    }
}

#[test]
fn fixed_text_is_harmless() {
    let place = Place::new();
    place.file("logs", logs() + "\u{1b}[2J\n");
    let fix = place.hivelog(["validate", "--fix", "-"]);
    let fix = fix.under(&["sh", "-c", "exec \"$0\" \"$@\" <logs"]);
    let text = received(fix.expect("a shell"));
    harmless(&text, "\\u009b31m");
    harmless(&text, "\n\\u001b[2J\n");
}

#[test]
fn what_the_spool_holds_is_harmless() {
    let place = Place::new();
    place.file("logs", logs());
    let problem = json!({"title": HOSTILE, "detail": HOSTILE, "typeCode": HOSTILE});
    let server = Server::answering(move |_, _| {
        let headers = "Content-Type: application/problem+json\r\n";
        answer("422 x", headers, &problem.to_string())
    });
    // Refused for good: it stays in the spool, with what the server said.
    let emit = ["emit", "logs", "--no-validate"];
    crate::spool::run(&place, &server.url(), &emit)
        .run()
        .exits(5);
    let listed = crate::spool::run(&place, "", &["spool", "list", "-o", "json"]);
    let id = listed.run().exits(0).json()[0]["id"].clone();
    let id = id.as_str().expect("an id");
    for line in [
        &["spool", "list"][..],
        &["spool", "list", "-o", "json"],
        &["spool", "list", "-o", "ndjson"],
        &["spool", "show", id],
        &["spool", "verify"],
        &["spool", "export", "--dead"],
    ] {
        let text = received(crate::spool::run(&place, "", line));
        harmless(&text, "");
        assert!(
            line[1] == "verify" || text.contains("]52"),
            "{line:?}: {text:?}"
        );
    }
}

#[test]
fn what_the_sandbox_says_of_what_it_got_is_harmless() {
    let place = Place::new();
    place.file("logs", logs());
    let program = env!("CARGO_BIN_EXE_hivelog");
    for more in [&[][..], &["--report", "markdown"], &["--report", "github"]] {
        let mut line = vec!["sandbox", "run"];
        line.extend(more);
        line.extend([
            "--",
            program,
            "emit",
            "--no-spool",
            "--no-validate",
            "-q",
            "logs",
        ]);
        harmless(&received(place.hivelog(line)), "2J");
    }
}

#[test]
fn names_of_files_and_what_was_typed_are_harmless() {
    let place = Place::new();
    // A slash would be a folder and a NUL ends a name; everything else may stand in one.
    let name = &format!("{HOSTILE}.ndjson");
    place.file(name, "nonsense\n{\"type\":\"auth.ok\"}\n");
    for line in [
        &["tail", name][..],
        &["stats", name],
        &["validate", name],
        &["tail", "no such \u{1b}[2J file"],
        &["tail", "--until", HOSTILE, name],
        &["tail", "--where", HOSTILE, name],
        &["tail", "--type", HOSTILE, name],
        &["tail", "--server", "http://\u{1b}[2J"],
        &["tail", "--resume", HOSTILE, name],
        &["tail", HOSTILE],
        &["tail", "-p", HOSTILE],
    ] {
        harmless(&received(place.hivelog(line)), "2J");
    }
}

#[test]
fn no_escape_reaches_what_is_no_colour_terminal() {
    let place = Place::new();
    place.file("events", events());
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let run = place.hivelog(["tail", "events"]).env("TERM", "xterm");
        let command = run.env(name, value).into_command();
        let mut terminal = spawn_command(command, Some(30_000)).expect("a terminal");
        let text = terminal.exp_eof().expect("its end");
        assert!(!text.contains('\u{1b}'), "{name}: {text:?}");
    }
    let run = place.hivelog(["tail", "-o", "human", "events"]);
    assert!(!run.run().exits(0).text().contains('\u{1b}'));
}

#[test]
fn no_bar_is_drawn_over_what_is_typed() {
    let place = Place::new();
    let run = place.hivelog(["emit", "--sandbox", "-"]);
    let command = run.env("TERM", "xterm").into_command();
    let mut terminal = spawn_command(command, Some(30_000)).expect("a terminal");
    terminal.exp_string("reading records").expect("it reads");
    terminal.send_line("{}").expect("it reads");
    terminal.send_control('d').expect("it reads");
    let text = terminal.exp_eof().expect("its end");
    assert!(
        text.contains("invalid 1") && !text.contains("sending"),
        "{text}"
    );
}

#[test]
fn what_reads_from_a_terminal_says_so_and_how_that_ends() {
    for (words, code) in [
        (&["validate", "-"][..], 3),
        (&["validate", "-", "--quiet"], 3),
        (&["stats", "-"], 3),
        (&["tail", "-"], 3),
        (&["emit", "--sandbox", "-"], 3),
    ] {
        let place = Place::new();
        let run = place.hivelog(words).env("TERM", "dumb");
        let mut terminal = spawn_command(run.into_command(), Some(30_000)).expect("a terminal");
        let quiet = words.contains(&"--quiet");
        if !quiet {
            let said = terminal.exp_string("reading records from standard input (end with Ctrl-D)");
            assert!(said.is_ok(), "{words:?}: {said:?}");
        }
        terminal.send_control('d').expect("it reads");
        let text = terminal.exp_eof().expect("its end");
        assert!(!quiet || !text.contains("reading"), "{text}");
        let status = format!("{:?}", terminal.process().wait());
        assert!(
            status.contains(&format!(", {code})")),
            "{words:?}: {status}"
        );
    }
}
