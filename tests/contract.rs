//! What holds for every subcommand.

mod flags;
mod shapes;

use crate::support::{Ended, PATIENCE, Place, hivelog};
use serde::de::DeserializeOwned;
use std::io::Read;
use std::process::Stdio;

/// The path of every subcommand: `["codes", "pick"]`.
fn subcommands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        for sub in command.get_subcommands() {
            let mut own = path.to_vec();
            own.push(sub.get_name().to_owned());
            collect(sub, &own, all);
            all.push(own);
        }
    }
    let mut all = vec![Vec::new()];
    collect(&hivelog::cli::command(), &[], &mut all);
    all
}

/// A command line that answers without a server, and the formats it has.
struct Answer {
    args: &'static [&'static str],
    formats: &'static [&'static str],
}

const LISTING: &[&str] = &["human", "table", "json", "ndjson", "csv"];

/// One of each kind that answers from what is built in. Commands with input of their own are
/// tested in their own files.
const ANSWERS: &[Answer] = &[
    Answer {
        args: &["codes"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "auth"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "stages"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "outcomes"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "modes"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "sys"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "rules"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "pick", "--http", "503"],
        formats: LISTING,
    },
    Answer {
        args: &["codes", "export", "--format", "java"],
        formats: &[],
    },
    Answer {
        args: &["explain", "4004", "FAILED"],
        formats: &["human", "json", "ndjson"],
    },
    Answer {
        args: &["config", "show"],
        formats: LISTING,
    },
    Answer {
        args: &["config", "path"],
        formats: &[],
    },
    Answer {
        args: &["doctor"],
        formats: LISTING,
    },
    Answer {
        args: &["help"],
        formats: &[],
    },
    Answer {
        args: &["help", "environment"],
        formats: &[],
    },
    Answer {
        args: &["help", "codes", "pick"],
        formats: &[],
    },
    Answer {
        args: &["completions", "zsh"],
        formats: &[],
    },
    Answer {
        args: &["man"],
        formats: &[],
    },
];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(more).copied().collect()
}

/// The words of a wrong or right answer never mix: all of it on one stream.
#[track_caller]
fn silent_on_stdout(ended: &Ended) {
    assert!(ended.stdout.is_empty(), "{}", ended.transcript());
    assert!(!ended.stderr.is_empty(), "{}", ended.transcript());
}

#[test]
fn help_is_data_and_a_mistake_is_talk() {
    for path in subcommands() {
        let help = hivelog(path.iter().map(String::as_str).chain(["--help"]))
            .run()
            .exits(0);
        assert!(
            help.stderr.is_empty() && help.text().contains("Usage:"),
            "{}",
            help.transcript()
        );
        let wrong = hivelog(path.iter().map(String::as_str).chain(["--no-such-flag"]))
            .run()
            .exits(2);
        silent_on_stdout(&wrong);
        assert!(
            wrong.errors().contains("--no-such-flag"),
            "{}",
            wrong.transcript()
        );
    }
}

#[test]
fn a_misspelt_subcommand_flag_or_value_gets_the_right_spelling() {
    for (args, expected) in [
        (&["validte"][..], "'validate'"),
        (&["codes", "--leve", "W"], "'--level'"),
        (&["codes", "-o", "jsn"], "'json'"),
        (&["help", "exit-code"], "did you mean exit-codes?"),
        (&["codes", "--color", "alway"], "'always'"),
        (&["config", "get", "x"], "'config show'"),
        (&["spool", "rm"], "'spool drop'"),
        (&["tail", "--url", "x"], "with --server"),
        (&["emit", "--server", "x"], "with --url"),
        (&["stats", "--format", "json"], "with -o, --output"),
        (&["run", "ls", "-l"], "after --: -- ls"),
        (&["sandbox", "run", "npm", "test"], "after --: -- npm"),
    ] {
        silent_on_stdout(&hivelog(args).run().exits(2).warns(expected));
    }
    hivelog(["codes"])
        .env("HIVELOG_OUTPUT", "jsn")
        .run()
        .exits(2)
        .warns("did you mean json?");
    hivelog(["codes", "--timezone", "mars"])
        .run()
        .exits(2)
        .warns("+12:00");
}

#[test]
fn completions_without_a_shell_names_the_shells() {
    let ended = hivelog(["completions"]).run().exits(2);
    let _ = ended.warns("bash, elvish, fish, powershell or zsh");
}

#[test]
fn an_answer_is_on_standard_output_and_nothing_else_is() {
    for answer in ANSWERS {
        let ended = hivelog(answer.args).run().exits(0);
        assert!(
            !ended.stdout.is_empty() && ended.stderr.is_empty(),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn the_machine_formats_of_an_answer_say_the_same() {
    for answer in ANSWERS
        .iter()
        .filter(|answer| answer.formats.contains(&"json"))
    {
        let place = Place::new();
        let run = |format| {
            let args = with(answer.args, &["-o", format]);
            place.hivelog(args).run().exits(0)
        };
        let rows = run("json").json();
        let rows = rows.as_array().expect("an array");
        assert!(!rows.is_empty(), "{:?}", answer.args);
        // The rows of the settings name the format itself.
        if answer.args != ["config", "show"] {
            assert_eq!(&run("ndjson").ndjson(), rows, "{:?}", answer.args);
        }
        if answer.formats.contains(&"csv") {
            let text = run("csv").text();
            assert_eq!(text.matches("\r\n").count(), rows.len() + 1, "{text}");
        }
    }
}

#[test]
fn a_format_that_a_command_lacks_is_refused_by_name() {
    for answer in ANSWERS {
        for format in [
            "human",
            "table",
            "json",
            "ndjson",
            "csv",
            "logfmt",
            "cloudevents",
        ] {
            let ended = hivelog(with(answer.args, &["-o", format])).run();
            if answer.formats.contains(&format) {
                ended.exits(0);
                continue;
            }
            let ended = ended.exits(2);
            silent_on_stdout(&ended);
            for own in answer.formats {
                assert!(ended.errors().contains(own), "{}", ended.transcript());
            }
        }
        // A variable is a wish: a command without that format keeps its own.
        hivelog(answer.args)
            .env("HIVELOG_OUTPUT", "cloudevents")
            .run()
            .exits(0);
    }
}

/// Runs with a standard output whose reader has left before the start.
fn into_the_void(args: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = hivelog(args)
        .into_command()
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
        .wait_with_output()
        .expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), errors)
}

#[test]
fn a_reader_that_has_left_changes_nothing_and_hears_nothing() {
    for answer in ANSWERS {
        assert_eq!(
            into_the_void(answer.args),
            (Some(0), String::new()),
            "{:?}",
            answer.args
        );
    }
    let (code, errors) = into_the_void(&["explain", "FAILED", "nonsense"]);
    assert_eq!(code, Some(1), "the answer stays no");
    assert!(!errors.contains("panic"), "{errors}");
    assert_eq!(into_the_void(&["--help"]).0, Some(0));
}

#[test]
fn colour_follows_flag_then_variables_then_the_stream() {
    let coloured = |flags: &[&str], variables: &[(&str, &str)]| {
        let run = hivelog(with(&["codes"], flags));
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        run.run().exits(0).text().contains('\u{1b}')
    };
    for (flags, variables, expected) in [
        (&[][..], &[][..], false),
        (&["--color", "always"], &[], true),
        (&["--color", "always"], &[("NO_COLOR", "1")], true),
        (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "0")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
    ] {
        assert_eq!(
            coloured(flags, variables),
            expected,
            "{flags:?} {variables:?}"
        );
    }
    for answer in ANSWERS {
        for format in answer.formats.iter().filter(|format| **format != "human") {
            let args = with(answer.args, &["-o", format, "--color", "always"]);
            let ended = hivelog(&args).run().exits(0);
            assert!(!ended.text().contains('\u{1b}'), "{}", ended.transcript());
        }
    }
}

#[test]
fn a_terminal_gets_colour_unless_it_says_that_it_cannot() {
    let on_a_terminal = |variables: &[(&str, &str)]| {
        let run = hivelog(["codes", "4004"]);
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
        let mut terminal = rexpect::session::spawn_command(run.into_command(), Some(patience))
            .expect("a terminal");
        terminal.exp_eof().expect("its end")
    };
    assert!(on_a_terminal(&[("TERM", "xterm")]).contains('\u{1b}'));
    assert!(!on_a_terminal(&[("TERM", "dumb")]).contains('\u{1b}'));
    assert!(!on_a_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

/// Text that steers terminals, hides itself or turns reading round.
const HOSTILE: &str = "a\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{200b}\u{7f}b";

#[track_caller]
fn harmless(ended: &Ended) {
    for text in [ended.text(), ended.errors()] {
        let harmful = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}".contains(c);
        assert!(!text.contains(harmful), "{}", ended.transcript());
    }
    assert!(
        ended.transcript().contains("\\u{1b}[2J"),
        "{}",
        ended.transcript()
    );
}

#[test]
fn text_from_others_is_shown_and_obeyed_by_nobody() {
    let pasted = format!("flow validation failed: {HOSTILE}");
    harmless(&hivelog(["explain", &pasted]).run().exits(0));
    harmless(&hivelog(["explain", HOSTILE]).run().exits(1));
    harmless(&hivelog(["codes", HOSTILE]).run().exits(1));
    harmless(&hivelog(["codes", "sys", HOSTILE]).run().exits(1));
    harmless(&hivelog(["-p", HOSTILE, "config", "show"]).run().exits(2));
    harmless(&hivelog(["help", HOSTILE]).run().exits(2));
    harmless(&hivelog(["--timezone", HOSTILE, "codes"]).run().exits(2));
    for format in ["human", "table"] {
        let run = hivelog(["config", "show", "-o", format]);
        harmless(&run.env("HIVELOG_CONNECTOR", HOSTILE).run().exits(0));
    }
    let json = hivelog(["explain", &pasted, "-o", "json"]).run().exits(0);
    assert!(
        !json.text().contains(|c: char| c.is_control() && c != '\n'),
        "{}",
        json.transcript()
    );
    assert_eq!(json.json()[0]["facts"][0]["value"], HOSTILE);
}

#[test]
fn every_exit_code_is_in_the_help_and_the_manual() {
    let help = hivelog(["help", "exit-codes"]).run().exits(0).text();
    let manual = hivelog(["man"]).run().exits(0).text();
    for exit in hivelog::failure::Exit::ALL {
        let line = format!("\n  {:<3}  ", exit.code());
        assert!(help.contains(&line), "{help}");
        assert!(
            manual.contains(&format!(".TP\n\\fB{}\\fR\n", exit.code())),
            "{}",
            exit.code()
        );
        hivelog(["explain", &exit.code().to_string()])
            .run()
            .exits(0);
    }
}

#[test]
fn every_variable_and_setting_is_in_the_help() {
    use hivelog::settings::keys::{FIELD_VARIABLES, KEYS, OTHER_VARIABLES, ValueKind};
    let help = hivelog(["help", "environment"]).run().exits(0).text();
    let variables = KEYS.iter().filter_map(|key| key.variable);
    let fields = FIELD_VARIABLES.iter().map(|(_, variable)| *variable);
    let others = OTHER_VARIABLES.iter().map(|(name, _)| *name);
    let settings = KEYS
        .iter()
        .filter(|key| key.kind != ValueKind::Secret)
        .map(|key| key.name);
    for name in variables.chain(fields).chain(others).chain(settings) {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn a_shell_is_offered_codes_with_their_meaning() {
    let offered = |words: &[&str], index: &str| {
        let run = hivelog(with(&["--", "hivelog"], words));
        let run = run
            .env("COMPLETE", "fish")
            .env("_CLAP_COMPLETE_INDEX", index);
        run.run().exits(0).text()
    };
    let codes = offered(&["codes", "4004"], "2");
    assert!(
        codes.contains("4004W\tWARNING: Rate Limit Exceeded"),
        "{codes}"
    );
    assert!(offered(&["explain", "OUTBOUND_"], "2").contains("OUTBOUND_4\t"));
    assert!(offered(&["emit", "--code", "4005"], "3").contains("4005E\t"));
    assert!(offered(&["emit", "--outcome", "RE"], "3").contains("RETRYING\t"));
    assert!(offered(&["tail", "-t", "trigger.event.f"], "3").contains("trigger.event.failed\t"));
    assert!(offered(&["validate", "--skip", "too-"], "3").contains("too-deep\t"));
    assert!(offered(&["validate", "--rule", "too-deep="], "3").contains("too-deep=off"));
    assert!(offered(&["help", "exit"], "2").contains("exit-codes"));
    let place = Place::new();
    place.file(".config/hivelog/config.toml", "[profile.night.server]\n");
    let run = place.hivelog(["--", "hivelog", "-p", ""]);
    let profiles = run
        .env("COMPLETE", "fish")
        .env("_CLAP_COMPLETE_INDEX", "2")
        .run()
        .exits(0);
    profiles.says("night");
    hivelog(["codes"])
        .env("COMPLETE", "tcsh")
        .run()
        .exits(2)
        .warns("unknown shell");
}

/// Reads each line of `-o ndjson` with a type that knows its fields and no others.
#[track_caller]
fn reads<T: DeserializeOwned>(args: &[&str]) -> Vec<T> {
    let ended = hivelog(with(args, &["-o", "ndjson"])).run().exits(0);
    let rows: Vec<T> = ended
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect();
    assert!(!rows.is_empty(), "{args:?}");
    rows
}

#[test]
fn the_json_of_the_look_ups_is_as_promised() {
    let codes: Vec<shapes::Code> = reads(&["codes"]);
    assert!(
        codes
            .iter()
            .all(|code| code.code == format!("{}{}", code.number, code.suffix))
    );
    let stages: Vec<shapes::Stage> = reads(&["codes", "stages"]);
    assert!(
        stages
            .iter()
            .all(|stage| ["connector", "platform"].contains(&stage.sender.as_str()))
    );
    reads::<shapes::Choice>(&["codes", "outcomes"]);
    reads::<shapes::Choice>(&["codes", "modes"]);
    reads::<shapes::SysType>(&["codes", "sys"]);
    let rules: Vec<shapes::Rule> = reads(&["codes", "rules"]);
    assert!(
        rules
            .iter()
            .all(|rule| ["error", "warning", "hint"].contains(&rule.level.as_str()))
    );
    reads::<shapes::Pick>(&["codes", "pick", "--retrying"]);
    reads::<shapes::Explanation>(&["explain", "4004", "trigger.event.ok", "missing-field"]);
    reads::<shapes::Setting>(&["config", "show"]);
    reads::<shapes::Check>(&["doctor"]);
}

#[test]
fn a_reader_that_stalls_does_not_keep_the_user_from_stopping() {
    let place = Place::new();
    let record = "{\"eventCode\":\"9999E\"}\n";
    place.file("many.ndjson", record.repeat(100_000));
    let mut command = place
        .hivelog(["validate", "--all", "-o", "ndjson", "many.ndjson"])
        .into_command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // One byte shows that it writes; nothing more is ever read, so the pipe fills up.
    let mut pipe = child.stdout.take().expect("a pipe");
    pipe.read_exact(&mut [0]).expect("a byte");
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
    let (ended, status) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait()));
    let status = status
        .recv_timeout(PATIENCE)
        .expect("it ends though nobody reads")
        .expect("it is waited for");
    assert_eq!(status.code(), Some(130));
    drop(pipe);
}
