//! Recorded input: however many files it is in, from a pipe, packed by the tools people use.

use crate::support::{Place, skip};
use std::process::Command;

const EVENT: &str = "{\"kind\":\"sys\",\"type\":\"auth.ok\",\"data\":{\"ok\":true,\"exp\":1}}\n";

/// Packs what stands on standard input of a shell; nothing where the tool is not there.
fn packed(place: &Place, command: &str) -> bool {
    let tool = command.split(' ').next().unwrap_or_default();
    let version = Command::new(tool).arg("--version").output();
    if version.is_err() {
        skip(&format!("{tool} is not installed"));
        return false;
    }
    let shell = Command::new("sh")
        .args(["-c", command])
        .current_dir(place.path("."))
        .status();
    assert!(shell.is_ok_and(|status| status.success()), "{command}");
    true
}

#[test]
fn files_folders_and_pipes_may_be_compressed() {
    let place = Place::new();
    place.file("in.ndjson", EVENT.repeat(1000));
    place.file("folder/other.txt", "");
    let packers = [
        (
            "gzip -k -c in.ndjson > folder/in.ndjson.gz",
            "folder/in.ndjson.gz",
        ),
        (
            "zstd -q -19 -c in.ndjson > folder/in.ndjson.zst",
            "folder/in.ndjson.zst",
        ),
    ];
    let mut files = 0;
    for (pack, file) in packers {
        if !packed(&place, pack) {
            continue;
        }
        files += 1;
        let checked = place.hivelog(["validate", file]).run().exits(0);
        assert!(
            checked.transcript().contains("1000 records"),
            "{}",
            checked.transcript()
        );
        let stdin = std::fs::read(place.path(file)).expect("the packed file");
        let counted = place.hivelog(["stats", "--by", "type", "-o", "ndjson", "-"]);
        let counted = counted.stdin(stdin).run().exits(0);
        assert!(
            counted.text().contains("\"count\":1000"),
            "{file}: {}",
            counted.transcript()
        );
        let shown = place.hivelog(["tail", "-o", "ndjson", file]).run().exits(0);
        assert_eq!(shown.text(), EVENT.repeat(1000), "{file}");
        // Nothing is made of a packed file that is not one.
        let before = std::fs::read(place.path(file)).expect("the packed file");
        place
            .hivelog(["validate", "--fix", file])
            .run()
            .exits(3)
            .warns("it is compressed");
        assert_eq!(
            std::fs::read(place.path(file)).expect("the packed file"),
            before
        );
    }
    let checked = place.hivelog(["validate", "folder"]).run().exits(0);
    let records = format!("{} records", 1000 * files);
    assert!(
        checked.transcript().contains(&records),
        "{}",
        checked.transcript()
    );
}

#[test]
fn what_is_cut_off_or_holds_too_much_is_unreadable() {
    let place = Place::new();
    place.file("in.ndjson", EVENT.repeat(1000));
    if packed(&place, "gzip -c in.ndjson | head -c 100 > cut.gz") {
        let cut = place.hivelog(["validate", "cut.gz"]).run().exits(3);
        assert!(cut.errors().contains("cut.gz") && cut.errors().contains("cut off"));
    }
    place.file("blanks", " ".repeat(100_000_000));
    if packed(&place, "gzip -9 -c blanks > bomb.gz") {
        let bomb = place.hivelog(["stats", "bomb.gz"]).run().exits(3);
        assert!(
            bomb.errors().contains("1000 times its size"),
            "{}",
            bomb.transcript()
        );
    }
}

#[test]
fn thousands_of_small_files_a_pipe_and_a_large_file_are_read_in_their_order() {
    let place = Place::new();
    for number in 0..2000 {
        place.file(&format!("folder/{number:04}.json"), EVENT);
    }
    // It ends in the midst of many blocks, and so do its records.
    place.file("large.ndjson", EVENT.repeat(20_000));
    let pipe = place.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let args = [
        "stats",
        "--by",
        "type",
        "-o",
        "ndjson",
        "folder",
        "pipe",
        "large.ndjson",
    ];
    let running = place.hivelog(args).start();
    std::fs::write(&pipe, EVENT.repeat(3000)).expect("a reader");
    let counted = running.wait().exits(0);
    assert!(
        counted.text().contains("\"count\":25000"),
        "{}",
        counted.transcript()
    );

    place.file("folder/0007.json", "{");
    place.file("folder/1999.json", "[");
    place.file("large.ndjson", EVENT.repeat(19_999) + "{\n");
    let checked = place.hivelog(["validate", "-o", "ndjson", "folder", "large.ndjson"]);
    let checked = checked.run().exits(1);
    let found = checked.text();
    let found = found.lines().filter(|line| line.contains("json-syntax"));
    let places: Vec<_> = found
        .map(|line| {
            let found: serde_json::Value = serde_json::from_str(line).expect("a finding");
            (
                found["source"].as_str().expect("a source").to_owned(),
                found["line"].clone(),
            )
        })
        .collect();
    let expected = [
        ("folder/0007.json".to_owned(), 1.into()),
        ("folder/1999.json".to_owned(), 1.into()),
        ("large.ndjson".to_owned(), 20_000.into()),
    ];
    assert_eq!(places, expected);
}
