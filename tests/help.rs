//! Help, topics, manual pages and the suggestions for what is not a subcommand.

use crate::support::{PATIENCE, Place, hivelog};
use rexpect::session::spawn_command;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// The path of every subcommand: `["codes", "pick"]`.
fn subcommands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        all.push(path.to_vec());
        for sub in command.get_subcommands() {
            let mut own = path.to_vec();
            own.push(sub.get_name().to_owned());
            collect(sub, &own, all);
        }
    }
    let mut all = Vec::new();
    collect(&::hivelog::cli::command(), &[], &mut all);
    all
}

fn with(path: &[String], first: Option<&str>, last: Option<&str>) -> Vec<String> {
    let first = first.map(str::to_owned).into_iter();
    let last = last.map(str::to_owned);
    first.chain(path.iter().cloned()).chain(last).collect()
}

const TOPICS: [&str; 11] = [
    "exit-codes",
    "environment",
    "filters",
    "where",
    "formats",
    "pipelines",
    "rules",
    "sandbox",
    "spool",
    "completions",
    "words",
];

#[test]
fn help_and_its_flag_say_the_same_and_the_short_one_less() {
    for path in subcommands() {
        let by_flag = hivelog(with(&path, None, Some("--help"))).run().exits(0);
        let by_name = hivelog(with(&path, Some("help"), None)).run().exits(0);
        assert_eq!(by_flag.text(), by_name.text(), "{path:?}");
        let short = hivelog(with(&path, None, Some("-h"))).run().exits(0).text();
        let lines = |text: &str| text.lines().count();
        assert!(lines(&short) < lines(&by_flag.text()), "{path:?}");
        assert!(lines(&short) <= 75, "{path:?} has {}", lines(&short));
        assert!(short.contains("--help' shows every option"), "{short}");
        for text in [&short, &by_flag.text()] {
            assert!(text.contains("Examples:\n  "), "{path:?}: {text}");
        }
    }
}

#[test]
fn a_subcommand_says_in_a_paragraph_what_it_is_for() {
    let full = hivelog(["emit", "--help"]).run().exits(0).text();
    let manual = hivelog(["man", "emit"]).run().exits(0).text();
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [full, manual] {
        assert!(
            folded(&text).contains("Order is preserved within a journey"),
            "{text}"
        );
    }
    let list = hivelog(["--help"]).run().exits(0).text();
    assert!(!folded(&list).contains("Order is preserved"), "{list}");
    let short = hivelog(["emit", "-h"]).run().exits(0).text();
    assert!(!folded(&short).contains("Order is preserved"), "{short}");
}

#[test]
fn no_line_is_wider_than_the_terminal_or_100_columns() {
    for (columns, widest) in [("80", 80), ("100", 100), ("220", 100)] {
        let narrow = |args: Vec<String>| {
            let text = hivelog(&args).env("COLUMNS", columns).run().exits(0).text();
            for line in text.lines() {
                let width = line.chars().count();
                // What is copied stays in one piece.
                let whole = line.contains("$env:") || line.contains("X-<Name>-Connector");
                assert!(width <= widest || whole, "{args:?} at {columns}: {line}");
            }
        };
        for path in subcommands() {
            narrow(with(&path, Some("help"), None));
        }
        for topic in TOPICS {
            narrow(vec!["help".to_owned(), topic.to_owned()]);
        }
    }
}

#[test]
fn the_topics_say_what_no_flag_says() {
    for (topic, wanted) in [
        (
            "sandbox",
            &[
                "SYNCHIVE_URL",
                "SYNCHIVE_KEY",
                "[[journey]]",
                "forbidden",
                "503:first=2",
            ][..],
        ),
        ("where", &["'or'", "'not'", "duration_ms > 2s", "null"]),
        ("rules", &["outbound-needs-iri", "[check.rules]"]),
        ("spool", &["dead", "drain --follow", "oldest>1h"]),
        (
            "completions",
            &["source <(COMPLETE=bash hivelog)", "elvish"],
        ),
        ("words", &["journey", "correlationId"]),
        ("environment", &["HIVELOG_KEY", "key_command", "PAGER"]),
        ("filters", &["@bad"]),
        ("exit-codes", &["70"]),
        ("formats", &["ndjson"]),
        ("pipelines", &["--queue"]),
    ] {
        let text = hivelog(["help", topic]).run().exits(0).text();
        for wanted in wanted {
            assert!(text.contains(wanted), "{topic} does not say {wanted}");
        }
    }
    // A topic that is a command too begins with the command's help.
    for command in ["sandbox", "spool", "completions"] {
        let text = hivelog(["help", command]).run().exits(0).text();
        assert!(text.contains("Usage: hivelog") && text.contains("Examples:"));
    }
    let text = hivelog(["help"]).run().exits(0).text();
    for word in ["journey", "spool", "sys event", "finding"] {
        assert!(text.contains(word), "{word}");
    }
}

/// What the sandbox's topic says about the file of `--expect` is taken by it, and what it says
/// about variables holds.
#[test]
fn the_expectation_and_the_variables_of_the_topic_are_right() {
    let place = Place::new();
    let text = hivelog(["help", "sandbox"]).run().exits(0).text();
    let begin = text.find("  journeys = 2").expect("an example");
    let end = text[begin..].find("\n\n  ").map_or(text.len(), |_| {
        begin
            + text[begin..]
                .find("With one or more")
                .expect("what follows")
    });
    place.file("expect.toml", &text[begin..end]);
    let script = "test -n \"$SYNCHIVE_URL\" && test -n \"$SYNCHIVE_KEY\" && \
                  test \"$HIVELOG_SYNCHIVE_URL\" = \"$SYNCHIVE_URL\" && \
                  test \"$HIVELOG_KEY\" = \"$SYNCHIVE_KEY\" && test -n \"$HIVELOG_CONNECTOR\" && \
                  test -n \"$HIVELOG_KEY_HEADER\" && test -n \"$HIVELOG_SERVER_URL\" && \
                  test -n \"$HIVELOG_SERVER_USERNAME\" && test -n \"$HIVELOG_SERVER_PASSWORD\"";
    let args = [
        "sandbox",
        "run",
        "--require-login",
        "--expect",
        "expect.toml",
        "--",
        "sh",
        "-c",
    ];
    let ended = place.hivelog(args.into_iter().chain([script])).run();
    // The command is content; the expectation is not, since nothing was sent.
    let _ = ended.exits(1).warns("expected 2 journeys, saw 0");
}

#[test]
fn every_example_is_a_command_line_that_is_understood() {
    for path in subcommands() {
        let text = hivelog(with(&path, None, Some("-h"))).run().exits(0).text();
        let examples = text.split("Examples:\n").nth(1).expect("examples");
        let examples = examples.split("\n\n").next().expect("lines");
        let joined = examples.replace("\\\n", " ");
        for line in joined.lines() {
            let script = format!("hivelog() {{ printf '%s\\0' \"$@\"; }}; {}", own_part(line));
            let words = Command::new("sh")
                .args(["-c", &script])
                .output()
                .expect("a shell");
            let words = String::from_utf8(words.stdout).expect("text");
            let words = words.split_terminator('\0');
            let line: Vec<_> = ["hivelog"].into_iter().chain(words).collect();
            let args = line
                .iter()
                .map(std::ffi::OsString::from)
                .collect::<Vec<_>>();
            let parsed = ::hivelog::cli::parse(&args, 80);
            assert!(parsed.is_ok(), "{line:?}: {}", parsed.unwrap_err());
        }
    }
}

/// The call of hivelog alone: without a pipe around it, and without what is redirected.
fn own_part(line: &str) -> String {
    let begin = line.find("hivelog ").expect("the program");
    let begin = if line.trim_start().starts_with("hivelog") {
        line.len() - line.trim_start().len()
    } else {
        begin
    };
    let call = line[begin..].trim_end_matches([')', '"']);
    let quoted = |at: usize| call[..at].matches('\'').count() % 2 == 1;
    let ends = |c| {
        call.match_indices(c)
            .map(|(at, _)| at)
            .find(|at| !quoted(*at))
    };
    let end = ['|', '<', '>'].into_iter().filter_map(ends).min();
    call[..end.unwrap_or(call.len())].to_owned()
}

#[test]
fn what_is_no_subcommand_gets_the_one_that_was_meant() {
    for (typed, meant) in [
        ("vaildate", "'validate'"),
        ("verison", "'--version'"),
        ("tial", "'tail'"),
        ("snd", "'emit'"),
        ("lnt", "'validate'"),
        ("wacth", "'tail'"),
        ("drain", "'spool drain'"),
        ("pick", "'codes pick'"),
        ("mock", "'sandbox'"),
        ("profiles", "'config list'"),
    ] {
        let ended = hivelog([typed]).run().exits(2).warns(meant);
        assert_eq!(
            ended.errors().matches("similar").count(),
            1,
            "{}",
            ended.transcript()
        );
    }
    for (typed, first) in [
        ("check", "validate"),
        ("lint", "validate"),
        ("send", "emit"),
        ("watch", "tail"),
    ] {
        let help = hivelog([typed, "--help"]).run().exits(0);
        let _ = help.says(&format!("Usage: hivelog {first} "));
    }
    let version = hivelog(["version"]).run().exits(0);
    assert_eq!(version.text(), hivelog(["--version"]).run().text());
}

#[test]
fn a_person_reads_long_help_and_manual_pages_by_pages() {
    let place = Place::new();
    let man = place.file(
        "bin/man",
        "#!/bin/sh\n[ -e refuses ] && exit 1\nsed 's/^/man: /'\n",
    );
    std::fs::set_permissions(man, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let path = std::env::var("PATH").expect("a path");
    let path = format!("{}:{path}", place.path("bin").display());
    let shown = |args: &[&str]| {
        let run = place.hivelog(args).env("TERM", "xterm").env("PATH", &path);
        let mut command = run.env("PAGER", "sed 's/^/paged: /'").into_command();
        command.env_remove("COLUMNS");
        let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
        let mut terminal = spawn_command(command, Some(patience)).expect("a pseudo-terminal");
        terminal.exp_eof().expect("its end")
    };
    for args in [&["man", "spool-drain"][..], &["man", "spool", "drain"]] {
        let text = shown(args);
        assert!(text.contains("man: .TH HIVELOG-SPOOL-DRAIN"), "{text}");
    }
    // Not every `man` shows what it is given.
    place.file("refuses", "");
    for (args, paged) in [
        (&["man", "spool-drain"][..], true),
        (&["help", "environment"], true),
        (&["emit", "--help"], true),
        (&["config", "path", "-h"], false),
    ] {
        let text = shown(args);
        assert_eq!(text.contains("paged: "), paged, "{args:?}: {text}");
    }
    // What is not read by a person is not paged, and a pager that is missing is done without.
    let run = place.hivelog(["help", "environment"]).env("TERM", "xterm");
    let plain = run.env("PAGER", "false").run().exits(0).text();
    assert!(plain.contains("HIVELOG_KEY"));
}
