//! What is written never destroys what is read, or what is written besides.

use crate::support::Place;
use std::fs::File;
use std::process::Stdio;

const RECORD: &str = "{\"kind\":\"sys\",\"type\":\"auth.ok\",\"data\":{}}\n";

/// A place with one file of records under three names, and one in a folder.
fn place() -> Place {
    let place = Place::new();
    let input = place.file("in.ndjson", RECORD);
    std::fs::hard_link(&input, place.path("hard.ndjson")).expect("a second name");
    std::os::unix::fs::symlink(&input, place.path("soft.ndjson")).expect("a link");
    place.file("folder/in.ndjson", RECORD);
    place.file("config.toml", "");
    place
}

/// Runs a command line with a file as its standard input, which must be refused without a trace.
fn is_refused(place: &Place, args: &[&str], because: &str) {
    let mut command = place.hivelog(args).env("HIVELOG_KEY", "k").into_command();
    let stdin = File::open(place.path("in.ndjson")).expect("the input");
    let ended = command.stdin(Stdio::from(stdin)).output().expect("a run");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{args:?}: {errors}");
    assert!(errors.contains(because), "{args:?}: {errors}");
    for input in ["in.ndjson", "folder/in.ndjson"] {
        let left = std::fs::read_to_string(place.path(input)).expect("the input");
        assert_eq!(left, RECORD, "{args:?}");
    }
    let files = std::fs::read_dir(place.path(".")).expect("the place");
    assert_eq!(files.count(), 5, "{args:?} wrote something");
}

#[test]
fn an_output_that_is_an_input_under_any_name_is_refused_before_it_is_opened() {
    let place = place();
    let emit = ["emit", "--url", "http://localhost:9", "--connector", "x"];
    let sandbox = ["sandbox", "run", "--expect", "in.ndjson"];
    for output in ["in.ndjson", "./hard.ndjson", "soft.ndjson"] {
        let report = format!("sarif={output}");
        for input in ["in.ndjson", "-", "/dev/stdin"] {
            is_refused(&place, &["validate", input, "--report", &report], "inputs");
            let baseline = ["validate", input, "--write-baseline", output];
            is_refused(&place, &baseline, "inputs");
            is_refused(&place, &["tail", input, "--tee", output], "inputs");
            let rejected = [&emit[..], &["--no-spool", "--rejected", output, input]].concat();
            is_refused(&place, &rejected, "inputs");
        }
        let expected = [&sandbox[..], &["--report", &report, "--", "true"]].concat();
        is_refused(&place, &expected, "inputs");
        let recorded = [&sandbox[..], &["--record", output, "--", "true"]].concat();
        is_refused(&place, &recorded, "inputs");
    }
    let walked = ["validate", "folder", "--report", "json=folder/in.ndjson"];
    is_refused(&place, &walked, "inputs");
    let known = ["validate", "folder", "--baseline", "in.ndjson"];
    let known = [&known[..], &["--report", "json=in.ndjson"]].concat();
    is_refused(&place, &known, "inputs");
}

#[test]
fn a_ready_file_that_is_a_pipe_or_a_link_stays_one() {
    use std::os::unix::fs::FileTypeExt;
    let place = place();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let reading = pipe.clone();
    let reader = std::thread::spawn(move || std::fs::read_to_string(reading));
    let tail = |ready| place.hivelog(["tail", "in.ndjson", "--ready-file", ready]);
    tail("pipe").run().exits(0);
    let kind = std::fs::metadata(&pipe).expect("the pipe").file_type();
    assert!(kind.is_fifo(), "the pipe was replaced");
    assert_eq!(reader.join().expect("a reader").expect("a line"), "-\n");

    let target = place.file("target", "before");
    std::os::unix::fs::symlink(&target, place.path("link")).expect("a link");
    tail("link").run().exits(0);
    assert_eq!(std::fs::read_to_string(&target).expect("a file"), "-\n");
    let link = std::fs::symlink_metadata(place.path("link")).expect("the link");
    assert!(link.is_symlink());
}

#[test]
fn a_file_that_is_held_whole_may_be_as_large_as_64_mib() {
    let place = place();
    let large = File::create(place.path("large")).expect("a file");
    large.set_len((64 << 20) + 1).expect("a file with a hole");
    let dry = ["emit", "--dry-run", "--code", "5004N"];
    let base = ["validate", "--baseline", "large", "in.ndjson"];
    for (line, exit) in [
        (&[&dry[..], &["--detail", "@large"]].concat()[..], 3),
        (&[&dry[..], &["--custom-data", "@large"]].concat(), 3),
        (&[&dry[..], &["--detail", "@-"]].concat(), 3),
        (&["sandbox", "run", "--expect", "large", "--", "true"], 3),
        (&["config", "show", "--config", "large"], 2),
        (&base, 3),
    ] {
        let mut command = place.hivelog(line).into_command();
        let stdin = File::open(place.path("large")).expect("the file");
        let ended = command.stdin(Stdio::from(stdin)).output().expect("a run");
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert!(errors.contains("larger than 64 MiB"), "{line:?}: {errors}");
        assert_eq!(ended.status.code(), Some(exit), "{line:?}: {errors}");
    }
}

#[test]
fn an_output_that_is_named_twice_is_refused() {
    let place = place();
    let reports = ["--report", "json=new", "--report", "sarif=./new"];
    is_refused(&place, &[&["validate"][..], &reports].concat(), "twice");
    let files = ["--write-baseline", "new", "--report", "junit=new"];
    is_refused(&place, &[&["validate"][..], &files].concat(), "twice");
    let files = ["--tee", "new", "--ready-file", "new"];
    is_refused(&place, &[&["tail", "-"][..], &files].concat(), "twice");
    let files = ["--record", "new", "--report", "json=new", "--", "true"];
    is_refused(&place, &[&["sandbox", "run"][..], &files].concat(), "twice");
    is_refused(&place, &["tail", "-", "--tee", "-"], "name a file");
}

#[test]
fn standard_output_that_is_the_input_or_a_report_is_refused() {
    let place = place();
    let target = ["--url", "http://localhost:9", "--connector", "x"];
    let preview = [&["emit", "--dry-run", "in.ndjson"][..], &target].concat();
    for (args, output) in [
        (&["validate", "in.ndjson"][..], "in.ndjson"),
        (&["tail", "hard.ndjson"], "in.ndjson"),
        (&preview, "in.ndjson"),
        (&["validate", "."], "folder/in.ndjson"),
        (
            &["validate", "folder", "--report", "json=in.ndjson"],
            "in.ndjson",
        ),
    ] {
        let file = File::options().append(true).open(place.path(output));
        let mut command = place.hivelog(args).env("HIVELOG_KEY", "k").into_command();
        command.stdout(Stdio::from(file.expect("the input")));
        let ended = command.output().expect("a run");
        assert_eq!(ended.status.code(), Some(2), "{args:?}");
        let left = std::fs::read_to_string(place.path(output)).expect("the input");
        assert_eq!(left, RECORD, "{args:?}");
    }
}

#[test]
fn a_dash_as_a_reports_file_is_standard_output() {
    let place = place();
    let ended = place
        .hivelog(["validate", "in.ndjson", "--report", "sarif=-"])
        .run();
    assert!(ended.text().contains("\"version\":\"2.1.0\""));
    assert!(!place.path("-").exists());
    let both = ["validate", "in.ndjson", "--report", "sarif=-"];
    let both = [&both[..], &["--report", "json"]].concat();
    assert_eq!(place.hivelog(both).run().code, Some(2));
}

#[test]
fn devices_and_an_own_baseline_may_be_read_and_written() {
    let place = place();
    let device = ["validate", "/dev/null", "--allow-empty"];
    let device = [&device[..], &["--report", "json=/dev/null"]].concat();
    assert_eq!(place.hivelog(device).run().code, Some(0));
    let fresh = ["validate", "in.ndjson", "--write-baseline", "known"];
    assert_eq!(place.hivelog(fresh).run().code, Some(0));
    let renewed = [&fresh[..], &["--baseline", "known"]].concat();
    assert_eq!(place.hivelog(renewed).run().code, Some(0));
}
