//! What stands in `examples/` works as it stands.

use crate::emit::record;
use crate::spool::sandbox;
use crate::support::{Ended, Place, Run, skip};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(example(name)).expect("an example")
}

/// A home with the program where its installers put it.
fn home() -> (Place, String) {
    let place = Place::new();
    let bin = place.path(".local/bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    symlink(env!("CARGO_BIN_EXE_hivelog"), bin.join("hivelog")).expect("a link");
    let bin = bin.to_str().expect("text").to_owned();
    (place, bin)
}

/// A job for the examples to start, which ends so.
fn job(place: &Place, code: u8) {
    use std::os::unix::fs::PermissionsExt;
    let script = format!("#!/bin/sh\necho \"$@\" >&2\nexit {code}\n");
    let path = place.file(".local/bin/import-orders", script);
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a mode");
}

/// The value of a setting of a unit.
fn setting(unit: &str, name: &str) -> String {
    let joined = unit.replace("\\\n", " ");
    let beginning = format!("{name}=");
    let mut lines = joined.lines();
    let value = lines.find_map(|line| line.strip_prefix(&beginning));
    value.expect("a setting").to_owned()
}

/// A command line of an example, run by the shell in a place.
fn shell(place: &Place, bin: &str, line: &str) -> Run {
    let run = place.hivelog([
        "sandbox",
        "run",
        "--fail-on",
        "error",
        "--",
        "sh",
        "-c",
        line,
    ]);
    run.env("PATH", format!("{bin}:/usr/bin:/bin"))
}

/// What systemd has to say of units. Some versions look for a program in their own folders only
/// when they verify a unit, so it is named with its path.
fn verified(place: &Place, bin: &str, scope: &str, units: &[(&str, &str)]) -> Option<Ended> {
    let mut verify = Command::new("systemd-analyze");
    let verify = verify
        .args(["verify", "--man=no", scope])
        .env("HOME", place.path(""))
        .env("XDG_RUNTIME_DIR", place.path(""));
    for (name, installed) in units {
        let starts = format!("ExecStart={bin}/hivelog");
        let unit = text(name).replace("ExecStart=hivelog", &starts);
        verify.arg(place.file(installed, unit));
    }
    let Ok(output) = verify.output() else {
        skip("systemd-analyze is not installed");
        return None;
    };
    Some(Ended::of(output))
}

#[test]
fn the_units_are_such_as_systemd_starts() {
    let (place, bin) = home();
    let user = [
        ("hivelog-drain.service", "hivelog-drain.service"),
        ("systemd/nightly-import.service", "nightly-import.service"),
        ("systemd/nightly-import.timer", "nightly-import.timer"),
    ];
    // The instance is named by a user that there is.
    let system = [(
        "systemd/hivelog-drain@.service",
        "hivelog-drain@root.service",
    )];
    for (scope, units) in [("--user", &user[..]), ("--system", &system)] {
        let Some(ended) = verified(&place, &bin, scope, units) else {
            return;
        };
        let ended = ended.exits(0);
        assert!(
            !ended.errors().contains("hivelog"),
            "{}",
            ended.transcript()
        );
    }
}

#[test]
fn the_drain_services_send_what_waits_and_end_as_their_units_expect() {
    for unit in ["hivelog-drain.service", "systemd/hivelog-drain@.service"] {
        let place = Place::new();
        let sandbox = sandbox("");
        let url = sandbox.url();
        place.file(
            ".config/hivelog/config.toml",
            format!("[profile.default.synchive]\nurl = \"{url}\"\nconnector = \"c\"\n"),
        );
        let spool = place.path("shared");
        let with = |run: Run| {
            run.env("HIVELOG_SPOOL", &spool)
                .env("HIVELOG_SYNCHIVE_URL", &url)
                .env("HIVELOG_CONNECTOR", "c")
        };
        let queue = place.hivelog(["emit", "--queue", "-"]);
        let _ = with(queue).stdin(record("j", "5004N")).run().exits(0);
        let unit = text(unit);
        let line = setting(&unit, "ExecStart");
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("hivelog"));
        let drain = place.hivelog(words.chain(["-o", "ndjson"]));
        let draining = with(drain).env("HIVELOG_KEY", "k").start();
        draining.stdout.until("\"delivered\"");
        draining.signal(&setting(&unit, "KillSignal")[3..]);
        let code = setting(&unit, "SuccessExitStatus").parse().expect("a code");
        let _ = draining.end().exits(code);
    }
}

#[test]
fn the_nightly_job_reports_how_it_went() {
    let service = text("systemd/nightly-import.service");
    let crontab = text("crontab");
    let scheduled = crontab.lines().find(|line| line.contains("hivelog run"));
    let (_, scheduled) = scheduled
        .expect("a line")
        .split_once("  ")
        .expect("a command");
    for line in [setting(&service, "ExecStart"), scheduled.to_owned()] {
        for code in [0, 3] {
            let (place, bin) = home();
            job(&place, code);
            let ended = shell(&place, &bin, &line).run().exits(i32::from(code));
            let ended = ended.warns("--since yesterday");
            let _ = ended.warns("2 accepted, 0 refused");
        }
    }
}

#[test]
fn the_other_lines_of_the_crontab_are_silent_until_there_is_something_to_say() {
    let (place, bin) = home();
    let crontab = text("crontab");
    let lines: Vec<&str> = crontab
        .lines()
        .filter_map(|line| Some(line.split_once("* * * *  ")?.1))
        .collect();
    let [drain, status] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    let sandbox = sandbox("400:1/1");
    let run = |line: &str| {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(place.path(""))
            .env_clear()
            .env("HOME", place.path(""))
            .env("PATH", format!("{bin}:/usr/bin:/bin"))
            .env("HIVELOG_SYNCHIVE_URL", sandbox.url())
            .env("HIVELOG_CONNECTOR", "c")
            .env("HIVELOG_KEY", "k")
            .output();
        Ended::of(output.expect("a shell"))
    };
    for line in [drain, status] {
        let ended = run(line).exits(0);
        assert_eq!((ended.text(), ended.errors()), <_>::default(), "{line}");
    }
    let log = place.file("log", record("j", "5004N"));
    let _ = run(&format!("hivelog emit {}", log.display())).exits(5);
    let _ = run(status).says("threshold exceeded: dead");
}
