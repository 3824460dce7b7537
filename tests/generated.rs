//! The shipped completions and manual pages are what the program prints.

use crate::support::{Place, hivelog};
use std::collections::BTreeMap;
use std::path::Path;

/// Set to 1, this variable makes the test write the files instead of comparing them.
pub const REGENERATE: &str = "HIVELOG_REGENERATE";

/// Whether generated files are written instead of compared.
pub fn is_regenerated() -> bool {
    std::env::var(REGENERATE).is_ok_and(|value| value == "1")
}

#[test]
fn completions_are_up_to_date() {
    let shells = [
        ("bash", "hivelog.bash"),
        ("elvish", "hivelog.elv"),
        ("fish", "hivelog.fish"),
        ("powershell", "_hivelog.ps1"),
        ("zsh", "_hivelog"),
    ];
    let printed = shells.map(|(shell, file)| {
        let script = hivelog(["completions", shell]).run().exits(0).stdout;
        (file.to_owned(), script)
    });
    compare("completions", BTreeMap::from(printed));
}

#[test]
fn manual_pages_are_up_to_date_and_say_how_to_read_the_exit_code() {
    let place = Place::new();
    let folder = place.path("man");
    hivelog(["man".as_ref(), "--dir".as_ref(), folder.as_os_str()])
        .run()
        .exits(0);
    let pages = files(&folder);
    assert!(pages.contains_key("hivelog-codes-pick.1"));
    for (name, page) in &pages {
        let text = String::from_utf8_lossy(page);
        for part in [
            ".SH NAME",
            ".SH SYNOPSIS",
            ".SH \"GLOBAL OPTIONS\"",
            ".SH \"EXIT CODES\"",
        ] {
            assert!(text.contains(part), "{name} has no {part}");
        }
        // Where lines are not filled, what `man` puts before them fits as well in 100 columns, but
        // for the one line that must be copied whole.
        let mut is_filled = true;
        for line in text.lines() {
            match line {
                ".nf" => is_filled = false,
                ".fi" => is_filled = true,
                _ => {}
            }
            let shown = line.replace("\\*(Aq", "'").replace('\\', "");
            let fits = shown.chars().count() <= 100 - "           ".len();
            assert!(
                is_filled || fits || line.contains("$env:"),
                "{name}: {line}"
            );
        }
    }
    let printed = hivelog(["man"]).run().exits(0).stdout;
    assert_eq!(pages.get("hivelog.1"), Some(&printed));
    let printed = hivelog(["man", "spool-drain"]).run().exits(0).stdout;
    assert_eq!(pages.get("hivelog-spool-drain.1"), Some(&printed));
    hivelog(["man", "emti"]).run().exits(2).warns("emit");
    compare("man", pages);
}

/// Compares one generated file with what it should be, or writes it.
pub fn compare_file(path: &Path, wanted: &[u8]) {
    if is_regenerated() {
        std::fs::write(path, wanted).expect("a file");
        return;
    }
    let same = std::fs::read(path).is_ok_and(|kept| kept == wanted);
    assert!(
        same,
        "{} is out of date; to write it anew: {REGENERATE}=1 cargo test generated pictures",
        path.display()
    );
}

fn compare(folder: &str, printed: BTreeMap<String, Vec<u8>>) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if is_regenerated() {
        let _ = std::fs::remove_dir_all(&shipped);
        std::fs::create_dir_all(&shipped).expect("a folder");
        for (name, bytes) in printed {
            std::fs::write(shipped.join(name), bytes).expect("a file");
        }
        return;
    }
    let kept = files(&shipped);
    let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    let reported = format!("to write {folder}/ anew: {REGENERATE}=1 cargo test generated");
    assert_eq!(names(&kept), names(&printed), "{reported}");
    for (name, bytes) in &printed {
        let same = kept.get(name) == Some(bytes);
        assert!(
            same,
            "{folder}/{name} differs from what the program prints; {reported}"
        );
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("text");
            (name, std::fs::read(entry.path()).expect("a file"))
        })
        .collect()
}
