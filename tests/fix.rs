//! `validate --fix`, `--diff`, and baselines: what is changed, what stays, and what is left.

use crate::support::{Place, data, hivelog};
use crate::validate::{lines, valid_log, with};
use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file")
}

fn rules(ndjson: &[Value]) -> Vec<&str> {
    ndjson
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect()
}

#[test]
fn the_published_sample_is_fixed_but_for_its_missing_iri() {
    let place = Place::new();
    let sample = std::fs::read_to_string(data("published-sample.json")).expect("the sample");
    let file = place.file("sample.json", &sample);
    let ended = place
        .hivelog(["validate", "--fix", "-o", "ndjson", "sample.json"])
        .run()
        .exits(1)
        .warns("sample.json: 3 repairs");
    let left = ended.ndjson();
    assert_eq!(rules(&left), ["outbound-needs-iri"]);
    assert_eq!(
        (&left[0]["line"], &left[0]["column"]),
        (&json!(10), &json!(11))
    );
    let right = sample
        .replace("ShopifyNZ.\n", "ShopifyNZ.\\n")
        .replace("accepted.\n", "accepted.\\n")
        .replace("\"2.1.0\",\n}", "\"2.1.0\"\n}");
    assert_eq!(read(&file), right);
    let inode = std::fs::metadata(&file).expect("the file").ino();
    let again = place
        .hivelog(["validate", "--fix", "sample.json"])
        .run()
        .exits(1);
    assert!(!again.errors().contains("repair"));
    assert_eq!(std::fs::metadata(&file).expect("the file").ino(), inode);
    assert_eq!(read(&file), right);
    let hidden = std::fs::read_dir(place.path("."))
        .expect("a folder")
        .count();
    assert_eq!(hidden, 1);
}

#[test]
fn everything_between_the_repairs_stays_byte_for_byte() {
    let odd = valid_log().to_string().replacen(':', " :\t", 2);
    let code = with(json!({"eventCode": "5004I"})).to_string();
    let input = format!("\u{feff}  {odd} \r\n\r\n{code},\r\nnonsense\n{odd}\n\n");
    let right = input
        .replace('\u{feff}', "")
        .replace("5004I", "5004N")
        .replace("},\r\n", "}\r\n");
    let place = Place::new();
    let file = place.file("logs.ndjson", &input);
    let ended = place
        .hivelog(["validate", "--fix", "-o", "ndjson", "logs.ndjson"])
        .run();
    assert_eq!(read(&file), right);
    assert_eq!(
        rules(&ended.exits(1).ndjson()),
        ["json-syntax", "duplicate-log"]
    );
    let array = format!("[ {odd} ,\n{code},\n]\n");
    let fixed = hivelog(["validate", "--fix", "-"])
        .stdin(array)
        .run()
        .exits(0);
    assert_eq!(
        fixed.text(),
        format!("[ {odd} ,\n{}\n]\n", code.replace("5004I", "5004N"))
    );
}

#[test]
fn standard_input_is_fixed_to_standard_output_while_it_arrives() {
    let mut running = hivelog(["validate", "--fix", "-o", "ndjson", "-"]).start();
    let loose = with(json!({"mode": "live", "lifeCycleStage": "inbound-2"}));
    running.write(lines(&[loose]).as_bytes());
    let first = running.stdout.next();
    assert_eq!(first, lines(&[valid_log()]));
    running.write(lines(&[with(json!({"eventCode": "4005I"}))]).as_bytes());
    assert!(running.stdout.next().contains("4005I"));
    let reported = running.stderr.until("unknown-code");
    assert!(reported.contains("4005N does not exist"), "{reported}");
    let _ = running.end().exits(1).warns("\"summary\":true");
}

#[test]
fn a_time_is_rewritten_only_when_asked() {
    let input = lines(&[with(
        json!({"generatedAt": "2024-05-03 17:30:00.895 +1200"}),
    )]);
    let kept = hivelog(["validate", "--fix", "-"])
        .stdin(input.clone())
        .run()
        .exits(0);
    assert_eq!(kept.text(), input);
    let ended = hivelog(["validate", "--fix=timestamp", "-"])
        .stdin(input)
        .run()
        .exits(0);
    assert_eq!(ended.text(), lines(&[valid_log()]));
}

#[test]
fn a_diff_shows_the_changes_and_writes_nothing() {
    let place = Place::new();
    let input = format!(
        "{}{}",
        lines(&[valid_log()]),
        lines(&[with(json!({"mode": "live"}))])
    );
    let file = place.file("logs.ndjson", &input);
    let ended = place
        .hivelog([
            "validate",
            "--fix",
            "--diff",
            "--skip",
            "duplicate-log",
            "logs.ndjson",
        ])
        .run()
        .exits(0)
        .warns("2 records in 1 journey: no findings");
    let valid = valid_log();
    assert_eq!(
        ended.text(),
        format!(
            "--- logs.ndjson\n+++ logs.ndjson\n@@ -1,2 +1,2 @@\n {valid}\n-{}\n+{valid}\n",
            valid.to_string().replace("LIVE", "live")
        )
    );
    assert_eq!(read(&file), input);
    let sample = data("published-sample.json");
    let before = read(&sample);
    let ended = hivelog([
        Path::new("validate"),
        Path::new("--fix"),
        Path::new("--diff"),
        &sample,
    ])
    .run()
    .exits(1);
    assert_eq!(
        ended.text().matches("\n@@ ").count(),
        2,
        "{}",
        ended.transcript()
    );
    assert_eq!(read(&sample), before);
}

#[test]
fn links_and_modes_are_kept_and_odd_targets_are_refused() {
    let place = Place::new();
    let file = place.file("real/logs.ndjson", lines(&[with(json!({"mode": "live"}))]));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real/logs.ndjson", place.path("link.ndjson")).expect("a link");
    let _ = place
        .hivelog(["validate", "--fix", "link.ndjson"])
        .run()
        .exits(0);
    assert!(place.path("link.ndjson").is_symlink());
    assert_eq!(read(&file), lines(&[valid_log()]));
    let mode = std::fs::metadata(&file)
        .expect("the file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let _ = place
        .hivelog(["validate", "--fix", "/dev/null"])
        .run()
        .exits(3)
        .warns("not a regular file");
}

#[test]
fn a_rule_that_is_off_asks_for_no_repair() {
    let input = lines(&[with(json!({"mode": "live", "eventCode": "1000n"}))]);
    let ended = hivelog(["validate", "--fix", "--skip", "unknown-value", "-"])
        .stdin(input)
        .run()
        .exits(0);
    assert_eq!(ended.text(), lines(&[with(json!({"mode": "live"}))]));
}

#[test]
fn a_pipe_that_is_compared_is_read_from_its_first_byte() {
    let input = lines(&[with(json!({"mode": "live"}))]);
    let ended = hivelog(["validate", "--fix", "--diff", "/dev/stdin"])
        .stdin(input.as_str())
        .run()
        .exits(0);
    ended.says(&format!("-{input}"));
}

#[test]
fn what_is_compressed_is_not_fixed_wherever_it_comes_from() {
    let mut packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec();
    packed.extend(b"\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    let place = Place::new();
    let file = place.file("logs.ndjson.gz", &packed);
    for args in [
        &["--fix", "-"][..],
        &["--fix", "--diff", "-"],
        &["--fix", "logs.ndjson.gz"],
    ] {
        let ended = place
            .hivelog(["validate"].iter().chain(args))
            .stdin(packed.clone())
            .run()
            .exits(3)
            .warns("it is compressed");
        assert_eq!(ended.text().replace("no records\n", ""), "", "{args:?}");
    }
    assert_eq!(std::fs::read(&file).expect("the file"), packed);
}

#[test]
fn an_interrupted_run_leaves_the_file_as_it_was() {
    let place = Place::new();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let input = lines(&[with(json!({"mode": "live"}))]);
    let file = place.file("logs.ndjson", &input);
    // The second source never speaks, so the first is done and the second is waited for.
    let running = place
        .hivelog(["validate", "--fix", "-o", "ndjson", "logs.ndjson", "-"])
        .start();
    let _ = running.stderr.until("1 repair");
    running.signal("INT");
    let _ = running.wait().exits(130);
    assert_eq!(read(&file), lines(&[valid_log()]));
    let left: Vec<_> = std::fs::read_dir(place.path("."))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_baseline_holds_what_is_known_and_no_more() {
    let place = Place::new();
    let old = with(json!({"mode": "x", "extra": 1}));
    place.file("logs.ndjson", lines(std::slice::from_ref(&old)));
    let args = ["validate", "--write-baseline", "known.json", "logs.ndjson"];
    let _ = place.hivelog(args).run().exits(1).says("unknown-value");
    let baseline = read(&place.path("known.json"));
    let parsed: Value = serde_json::from_str(&baseline).expect("JSON");
    assert_eq!(parsed["version"], 1);
    let rules_in: Vec<_> = parsed["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(rules_in.len(), 2);
    assert_eq!(baseline.lines().count(), 7, "a finding a line: {baseline}");

    let other = json!({"correlationId": "77b0c731-6dd7-424c-bfbf-f0be0b07f8cf"});
    let moved = format!(
        "\n{}{}",
        lines(&[with(other)]),
        lines(std::slice::from_ref(&old))
    );
    place.file("logs.ndjson", moved);
    let known = [
        "validate",
        "--baseline",
        "known.json",
        "-o",
        "ndjson",
        "logs.ndjson",
    ];
    let ended = place.hivelog(known).run().exits(0).ndjson();
    assert_eq!(rules(&ended), [""; 0]);
    assert_eq!(ended[0]["known"], 2);

    place.file(
        "logs.ndjson",
        lines(&[
            old,
            with(json!({"mode": "x", "extra": 2, "eventCode": "2000N"})),
        ]),
    );
    let ended = place.hivelog(known).run().exits(1).ndjson();
    let mut fresh = rules(&ended);
    fresh.sort_unstable();
    assert_eq!(fresh, ["unknown-field", "unknown-value"]);

    place.file("broken.json", "{}");
    for (file, said) in [
        ("none.json", "--write-baseline"),
        ("broken.json", "not what --write-baseline writes"),
    ] {
        let _ = place
            .hivelog(["validate", "--baseline", file, "logs.ndjson"])
            .run()
            .exits(3)
            .warns(said);
    }
    let _ = place
        .hivelog(["validate", "--write-baseline", "no/folder/x", "logs.ndjson"])
        .run()
        .exits(3);
}

#[test]
fn a_file_with_a_second_name_or_a_closed_one_is_left_alone_with_a_reason() {
    let place = Place::new();
    let broken = "{\"mode\":\"live\"}\n";
    let file = place.file("in.ndjson", broken);
    std::fs::hard_link(&file, place.path("other.ndjson")).expect("a second name");
    place
        .hivelog(["validate", "--fix", "in.ndjson"])
        .run()
        .exits(3)
        .warns("2 names (hard links)");
    assert_eq!(read(&place.path("other.ndjson")), broken);
    let report = ["validate", "-", "--report", "json=other.ndjson"];
    place
        .hivelog(report)
        .stdin("{}")
        .run()
        .exits(3)
        .warns("2 names (hard links)");
    assert_eq!(read(&file), broken);
}

#[test]
fn extended_attributes_stay_with_a_file_that_is_fixed() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let place = Place::new();
    let file = place.file("in.ndjson", "{\"mode\":\"live\"}\n");
    if setxattr(&file, "user.origin", b"shop", XattrFlags::empty()).is_err() {
        return crate::support::skip("this file system has no extended attributes");
    }
    place
        .hivelog(["validate", "--fix", "in.ndjson"])
        .run()
        .exits(1);
    assert_eq!(read(&file), "{\"mode\":\"LIVE\"}\n");
    let mut value = [0; 16];
    let length = getxattr(&file, "user.origin", &mut value[..]);
    assert_eq!(length.map(|length| &value[..length]), Ok(&b"shop"[..]));
}
