//! `sandbox run`: a program's own tests, judged by the event logs they sent.

use super::GOOD;
use crate::support::{PATIENCE, Place, skip};

/// A program that sends one event log as a client that is not ours would.
fn sender(place: &Place, body: &str) -> std::path::PathBuf {
    place.file(
        "send.sh",
        format!(
            "exec 3<>/dev/tcp/127.0.0.1/${{SYNCHIVE_URL##*:}}\nbody='{body}'\nprintf 'PUT /data-service/v1/eventLog HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\nAny-Key: %s\\r\\nlimber-connector: c\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \"$SYNCHIVE_KEY\" ${{#body}} \"$body\" >&3\ncat <&3 >/dev/null\necho from the program\n"
        ),
    )
}

#[test]
fn a_program_is_judged_by_the_event_logs_it_sent() {
    let place = Place::new();
    sender(&place, GOOD);
    let ended = place
        .hivelog(["sandbox", "run", "--", "bash", "send.sh"])
        .run();
    let ended = ended
        .exits(0)
        .warns("1 accepted, 0 refused in 1 journey: 0 errors");
    assert_eq!(
        ended.text(),
        "from the program\n",
        "its output is passed through"
    );

    sender(&place, &GOOD.replace("5004N", "5004I"));
    let ended = place
        .hivelog(["sandbox", "run", "--", "bash", "send.sh"])
        .run()
        .exits(1)
        .warns("unknown-code");
    assert_eq!(ended.text(), "from the program\n");
    let _ = place
        .hivelog([
            "sandbox",
            "run",
            "--fail-on",
            "never",
            "--",
            "bash",
            "send.sh",
        ])
        .run()
        .exits(0);

    let run = |script: &str| {
        place
            .hivelog(["sandbox", "run", "--", "sh", "-c", script])
            .run()
    };
    let _ = run("exit 7").exits(7);
    let _ = run("kill -9 $$").exits(137);
    let _ = run("true").exits(3).warns("sent no event log");
    let _ = place
        .hivelog(["sandbox", "run", "--", "no-such-program"])
        .run()
        .exits(127)
        .warns("could not be started");
    let _ = run("test \"$HIVELOG_SYNCHIVE_URL\" = \"$SYNCHIVE_URL\" -a \"$HIVELOG_KEY\" = \"$SYNCHIVE_KEY\" || exit 9").exits(3);
}

#[test]
fn expectations_are_written_from_a_run_and_held_against_the_next() {
    let place = Place::new();
    sender(&place, GOOD);
    let run = |more: &[&str]| {
        let arguments = ["sandbox", "run", "--expect", "expect.toml"];
        let command = ["--", "bash", "send.sh"];
        place
            .hivelog(arguments.iter().chain(more).chain(&command))
            .run()
    };
    let _ = run(&[]).exits(3).warns("--update");
    let _ = run(&["--update"]).exits(0);
    let _ = run(&[]).exits(0);
    sender(
        &place,
        &GOOD
            .replace("INBOUND_1", "INBOUND_2")
            .replace("5004N", "2000N"),
    );
    let _ = run(&[]).exits(1).warns("not as expected");
    place.file("expect.toml", "codes = ['5004I']");
    let _ = run(&[]).exits(2).warns("did you mean");
}

#[test]
fn a_signal_is_handed_on_to_the_program_and_the_verdict_still_comes() {
    let place = Place::new();
    let script = "trap 'echo stopped; exit 5' TERM; echo up; while :; do sleep 0.05; done";
    let running = place
        .hivelog(["sandbox", "run", "--", "sh", "-c", script])
        .start();
    assert_eq!(running.stdout.next(), "up\n");
    running.signal("TERM");
    let ended = running.end().exits(143).warns("0 accepted, 0 refused");
    assert_eq!(ended.text(), "stopped\n");
}

#[test]
fn the_profile_decides_on_codes_and_rules_as_it_does_for_validate() {
    let place = Place::new();
    place.file(
        "own.toml",
        "[check]\nextra_codes = ['9000N']\n[check.rules]\nnever-ended = 'off'\n",
    );
    place.file("expect.toml", "codes = ['9000N']\n");
    let run = |more: &[&str]| {
        let arguments = ["sandbox", "run", "--fail-on", "warning", "--whole"];
        let command = ["--", "bash", "send.sh"];
        place
            .hivelog(arguments.iter().chain(more).chain(&command))
            .run()
    };
    sender(&place, GOOD);
    let _ = run(&[]).exits(1).warns("never-ended");
    let _ = run(&["--config", "own.toml"]).exits(0);
    sender(&place, &GOOD.replace("5004N", "9000N"));
    let _ = run(&[]).exits(1).warns("unknown-code");
    let _ = run(&["--config", "own.toml", "--expect", "expect.toml"]).exits(0);
}

#[test]
fn a_record_goes_on_behind_a_line_that_was_cut_off() {
    let place = Place::new();
    sender(&place, GOOD);
    let record = place.file("record", "{\"number\":1,\"at");
    for lines in [2, 3] {
        let args = [
            "sandbox", "run", "--record", "record", "--", "bash", "send.sh",
        ];
        let _ = place.hivelog(args).run().exits(0);
        let text = std::fs::read_to_string(&record).expect("a record");
        let text: Vec<_> = text.lines().collect();
        assert_eq!(text.len(), lines, "{text:?}");
        for line in &text[1..] {
            let entry: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(entry["status"], 200);
        }
    }
}

/// The connectors that are shipped as examples, run as their first lines say.
#[test]
fn the_example_connectors_send_event_logs_that_are_right() {
    let place = Place::new();
    for (program, file, logs) in [("python3", "connector.py", 5), ("node", "connector.mjs", 2)] {
        if std::process::Command::new(program)
            .arg("--version")
            .output()
            .is_err()
        {
            skip(&format!(
                "{program} is not installed; examples/{file} was not run"
            ));
            continue;
        }
        let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(file);
        let example = example.to_str().expect("text");
        let _ = place
            .hivelog([
                "sandbox",
                "run",
                "--fail-on",
                "hint",
                "--",
                program,
                example,
            ])
            .run()
            .exits(0)
            .warns(&format!("{logs} accepted, 0 refused"));
    }
}

/// Runs a program that sends what no rule likes, and hands over the report of this format.
fn report(format: &str, more: &[&str]) -> String {
    let place = Place::new();
    sender(&place, &GOOD.replace("5004N", "5004I"));
    let wanted = format!("{format}=report");
    let arguments = ["sandbox", "run", "--report", &wanted];
    let command = ["--", "bash", "send.sh"];
    let _ = place
        .hivelog(arguments.iter().chain(more).chain(&command))
        .run()
        .exits(1);
    std::fs::read_to_string(place.path("report")).expect("a report")
}

#[test]
fn reports_are_those_of_validate() {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let findings = json(&report("json", &[]));
    assert_eq!(findings[0]["rule"], "unknown-code");
    assert_eq!(
        (&findings[0]["record"], &findings[0]["line"]),
        (&1.into(), &1.into())
    );
    assert_eq!(findings[1]["summary"], true);
    assert_eq!(findings[1]["errors"], 1);

    let sarif = json(&report("sarif", &[]));
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(result["ruleId"], "unknown-code");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "event-logs");
    assert_eq!(place["region"]["startLine"], 1);

    let gitlab = json(&report("gitlab", &[]));
    assert_eq!(gitlab[0]["check_name"], "unknown-code");
    assert_eq!(gitlab[0]["location"]["path"], "event-logs");

    let github = report("github", &[]);
    assert!(
        github.starts_with("::error file=event-logs,line=1,col="),
        "{github}"
    );
    let junit = report("junit", &[]);
    assert!(
        junit.contains("<testsuites name=\"hivelog sandbox run\" tests=\"1\" failures=\"1\""),
        "{junit}"
    );
    assert!(junit.contains("journey 14cac731"), "{junit}");
    let markdown = report("markdown", &[]);
    assert!(
        markdown.starts_with("### hivelog sandbox run\n\n1 record in 1 journey: **1 error"),
        "{markdown}"
    );
}

#[test]
fn what_no_rule_found_is_in_every_report() {
    let place = Place::new();
    place.file("expect.toml", "journeys = 7\n");
    sender(&place, GOOD);
    let send = std::fs::read_to_string(place.path("send.sh")).expect("text");
    place.file("send.sh", send.replace("limber-connector: c\\r\\n", ""));
    let formats = ["json", "sarif", "gitlab", "github", "junit", "markdown"];
    let wanted = formats.map(|format| format!("--report={format}={format}.out"));
    let arguments = [
        "sandbox",
        "run",
        "--fail-on",
        "never",
        "--expect",
        "expect.toml",
    ];
    let _ = place
        .hivelog(
            arguments
                .into_iter()
                .chain(wanted.iter().map(String::as_str))
                .chain(["--", "bash", "send.sh"]),
        )
        .run()
        .exits(1);
    for format in formats {
        let report = std::fs::read_to_string(place.path(&format!("{format}.out")));
        let report = report.expect("a report");
        for wanted in ["refused", "limber-connector", "not-as-expected"] {
            assert!(report.contains(wanted), "{wanted} in {format}: {report}");
        }
    }
    let junit = std::fs::read_to_string(place.path("junit.out")).expect("a report");
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("name=\"the run as a whole\""),
        "a refusal is below the threshold, an expectation never is: {junit}"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_the_command_runs() {
    let place = Place::new();
    let run = |arguments: &[&str]| {
        let all = ["sandbox", "run"].iter().chain(arguments);
        place.hivelog(all.chain(&["--", "touch", "ran"])).run()
    };
    let _ = run(&["--report", "sarif=no/such/folder"])
        .exits(3)
        .warns("no/such/folder");
    let _ = run(&["--update", "--expect", "no/such/folder"])
        .exits(3)
        .warns("no/such/folder");
    let _ = run(&["--report", "json", "--report", "junit"])
        .exits(2)
        .warns("FORMAT=FILE");
    let _ = run(&["--report", "sarrif"])
        .exits(2)
        .warns("did you mean sarif");
    assert!(!place.path("ran").exists());
}

#[test]
fn a_report_without_a_file_takes_standard_output_after_the_program() {
    let place = Place::new();
    sender(&place, GOOD);
    let ended = place
        .hivelog([
            "sandbox", "run", "-o", "json", "--report", "junit", "--", "bash", "send.sh",
        ])
        .run()
        .exits(0);
    let text = ended.text();
    assert!(text.starts_with("from the program\n<?xml "), "{text}");
    assert!(!text.contains("\"good\""), "{text}");
}

#[test]
fn the_page_stays_with_the_verdict_when_it_is_opened() {
    use std::io::{Read, Write};
    let place = Place::new();
    sender(&place, &GOOD.replace("5004N", "5004I"));
    let browser = place.file(
        "browser",
        "#!/bin/sh\necho \"$1\" >url.new && mv url.new url\n",
    );
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&browser, private).expect("a program");
    let args = ["sandbox", "run", "--open", "--", "bash", "send.sh"];
    let running = place.hivelog(args).env("BROWSER", &browser).start();
    running.stderr.until("Ctrl-C ends the sandbox");
    let begun = std::time::Instant::now();
    while !place.path("url").exists() {
        assert!(begun.elapsed() < PATIENCE, "it is shown");
        std::thread::yield_now();
    }
    let url = std::fs::read_to_string(place.path("url")).expect("an address");
    let address = url
        .trim()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut connection = std::net::TcpStream::connect(address).expect("a connection");
    let asked = write!(
        connection,
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    );
    asked.expect("a request");
    let mut page = String::new();
    connection.read_to_string(&mut page).expect("a page");
    for wanted in ["The run failed", "unknown-code", "1 error,"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    running.signal("INT");
    // It ends as the run was judged.
    let _ = running.end().exits(1);
}

#[test]
fn what_the_emulator_did_not_take_is_not_left_in_the_users_spool() {
    let place = Place::new();
    place.file("good.json", GOOD);
    let script = r#""$0" emit --retry-for 0s good.json >&2; "$0" spool status --fail-on 'ready>0' >&2
        echo $?; "$0" spool path"#;
    let program = env!("CARGO_BIN_EXE_hivelog");
    let sandbox = ["sandbox", "run", "--faults", "503:100%", "--"];
    let command = ["sh", "-c", script, program];
    let ended = place.hivelog(sandbox.into_iter().chain(command)).run();
    let text = ended.text();
    let (code, folder) = text.trim_end().split_once('\n').expect("two lines");
    assert_eq!(code, "1", "it waits there: {}", ended.transcript());
    assert!(!std::path::Path::new(folder).exists(), "{folder}");
    let _ = place
        .hivelog(["spool", "status", "--fail-on", "ready>0"])
        .run()
        .exits(0);
}
