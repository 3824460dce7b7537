//! The house stays as it was built: which part may name which, and words that have one place.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each part may name beside itself. [`ENDS`] are left out.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "commands", "records", "check", "follow", "query", "settings", "host", "failure",
            "model",
        ],
    ),
    (
        "commands",
        &[
            "render", "records", "link", "spool", "follow", "check", "query", "retry", "sandbox",
            "settings", "host", "failure", "model", "wire",
        ],
    ),
    ("records", &["failure", "host", "wire"]),
    ("render", &["failure", "model"]),
    ("sandbox", &["check", "render", "serve", "wire", "model"]),
    ("link", &["retry", "serve", "wire", "model"]),
    ("spool", &["retry", "link", "model"]),
    ("follow", &["query", "retry", "model"]),
    ("check", &["model", "wire"]),
    ("query", &["model"]),
    ("wire", &["model"]),
    ("settings", &["host", "failure", "model"]),
    ("host", &["failure", "model"]),
    ("retry", &[]),
    ("serve", &[]),
    ("model", &[]),
    ("failure", &[]),
];

/// What sees the command line and the commands.
const ENDS: [&str; 3] = ["main", "lib", "without_settings"];

/// Where a subcommand's output is made, below its folder.
const OUTPUT: [&str; 2] = ["output", "reports"];

/// What an output may name beside its own subcommand: it fetches and decides nothing.
const OUTPUT_ARROWS: [&str; 4] = ["render", "check", "failure", "model"];

/// Words (as regular expressions) and the only places they may stand in.
const WORDS: &[(&str, &[&str])] = &[
    // Where a panic ends the process, and is tested in another one.
    (r"process::exit", &["lib"]),
    (r"\be?print(ln)?!", &[]),
    (r"\bstd::env\b", &["host", "lib"]),
    (r"\bchrono::", &["model/timestamp"]),
    (r"\bclap\w*::", &["cli", "lib"]),
    (r"\b(reqwest|h2)::", &["link"]),
    (r"\bhyper(_util)?::", &["serve"]),
    (r"tungstenite::", &["link"]),
    (r"\banyhow::", &["commands", "cli", "failure", "lib"]),
    (r"\brusqlite::", &["spool/sqlite"]),
    (r"\btokio_postgres::", &["spool/postgres"]),
    (r"\bdialoguer::", &["commands/ask"]),
];

/// Parts that only compute: time and data are arguments.
const PURE: [&str; 6] = ["model", "check", "wire", "query", "retry", "follow"];

/// What they must do without.
const IMPURE: &str =
    r"\basync\b|\btokio::|\bInstant::now\b|\bSystemTime\b|\bstd::(fs|net|process|thread)\b";

struct Source {
    /// Path below `src/`, without the ending: `model/code`.
    place: String,
    /// The text without comments.
    code: String,
}

impl Source {
    /// The part of the house it belongs to.
    fn part(&self) -> &str {
        self.place.split('/').next().unwrap_or(&self.place)
    }

    fn lies_in(&self, places: &[&str]) -> bool {
        let within = |place: &str| {
            let rest = self.place.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        places.iter().any(|place| within(place))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(read(&root, &path));
            }
        }
    }
    assert!(found.len() > 30, "the sources were found");
    found
}

fn read(root: &Path, path: &Path) -> Source {
    let text = std::fs::read_to_string(path).expect("a file");
    let comments = Regex::new(r"(?m)^\s*//.*$|\s//\s.*$").expect("a pattern");
    let below: PathBuf = path.strip_prefix(root).expect("below").with_extension("");
    let place = below.display().to_string();
    Source {
        place: place.trim_end_matches("/mod").to_owned(),
        code: comments.replace_all(&text, "").into_owned(),
    }
}

/// The parts a file names: `crate::render::table`, and the members of `use crate::{…}`.
fn named(code: &str) -> BTreeSet<String> {
    let single = Regex::new(r"\bcrate::(\w+)").expect("a pattern");
    let group = Regex::new(r"\bcrate::\{([^}]*)\}").expect("a pattern");
    let member = Regex::new(r"(?:^|,)\s*(\w+)").expect("a pattern");
    let singles = single.captures_iter(code).map(|found| found[1].to_owned());
    let grouped = group.captures_iter(code).flat_map(|found| {
        let inside = found[1].to_owned();
        let members = member.captures_iter(&inside).map(|one| one[1].to_owned());
        members.collect::<Vec<_>>()
    });
    singles.chain(grouped).collect()
}

#[test]
fn every_part_names_only_what_lies_below_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let part = source.part();
        if ENDS.contains(&part) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(own, _)| *own == part) else {
            wrong.push(format!(
                "src/{} belongs to no part of the table",
                source.place
            ));
            continue;
        };
        for other in named(&source.code) {
            if other != part && !allowed.contains(&other.as_str()) {
                wrong.push(format!("src/{} names crate::{other}", source.place));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The subcommand whose output this is.
fn output_of(place: &str) -> Option<&str> {
    let mut steps = place.split('/');
    let command = (steps.next() == Some("commands")).then(|| steps.next())??;
    steps
        .next()
        .is_some_and(|step| OUTPUT.contains(&step))
        .then_some(command)
}

#[test]
fn output_names_only_its_own_command_and_what_it_draws_with() {
    let other_command = Regex::new(r"crate::commands::(\w+)").expect("a pattern");
    let mut wrong = Vec::new();
    let mut outputs = 0;
    for source in sources() {
        let Some(command) = output_of(&source.place) else {
            continue;
        };
        outputs += 1;
        for other in named(&source.code) {
            if other != "commands" && !OUTPUT_ARROWS.contains(&other.as_str()) {
                wrong.push(format!("src/{} names crate::{other}", source.place));
            }
        }
        for other in other_command.captures_iter(&source.code) {
            if &other[1] != command {
                wrong.push(format!("src/{} names {}", source.place, &other[0]));
            }
        }
    }
    assert!(outputs > 20, "the outputs were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_with_one_place_stand_nowhere_else() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (word, places) in WORDS {
        let pattern = Regex::new(word).expect("a pattern");
        for source in sources.iter().filter(|source| !source.lies_in(places)) {
            if let Some(found) = pattern.find(&source.code) {
                wrong.push(format!("src/{} says {}", source.place, found.as_str()));
            }
        }
    }
    let impure = Regex::new(IMPURE).expect("a pattern");
    for source in sources.iter().filter(|source| source.lies_in(&PURE)) {
        if let Some(found) = impure.find(&source.code) {
            wrong.push(format!(
                "src/{} is not pure: {}",
                source.place,
                found.as_str()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_type_has_a_name_of_its_own() {
    let definition = Regex::new(r"(?m)^(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|type) (\w+)")
        .expect("a pattern");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for found in definition.captures_iter(&source.code) {
            let named = places.entry(found[1].to_owned()).or_default();
            named.push(source.place.clone());
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn every_test_file_is_declared() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = std::fs::read_to_string(folder.join("main.rs")).expect("a file");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("text");
        if path.extension().is_some_and(|ending| ending == "rs") && name != "main" {
            let declared = main.lines().any(|line| line == format!("mod {name};"));
            assert!(declared, "tests/main.rs does not declare mod {name};");
        }
    }
}

#[test]
fn the_reader_of_arrows_sees_every_way_of_naming_a_part() {
    let code = "use crate::render::table;\nuse crate::{cli::codes, host::Host, failure};\nlet x = crate::link::client();\n";
    let parts: Vec<_> = named(code).into_iter().collect();
    assert_eq!(parts, ["cli", "failure", "host", "link", "render"]);
}
