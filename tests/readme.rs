//! What the README says is what happens.

use crate::support::{Place, hivelog};
use hivelog::failure::Exit;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("the README")
}

/// The fenced blocks of one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push(block.join("\n"));
        }
    }
    found
}

#[test]
fn the_first_command_does_the_main_job_and_the_second_runs_all_tests() {
    let commands = blocks(&readme(), "sh");
    let first = commands[0]
        .strip_prefix("cargo run --locked --quiet -- ")
        .expect("it builds and runs");
    let args = first
        .split(' ')
        .map(|word| word.replace("examples/", &format!("{}/examples/", root().display())));
    let ended = hivelog(args).run().exits(7);
    assert!(
        ended.text().contains("delivered 7, invalid 2 (lines 8-9)"),
        "{}",
        ended.tell()
    );
    for reason in ["after-terminal-error", "outbound-needs-iri"] {
        assert!(ended.text().contains(reason), "{}", ended.tell());
    }
    assert_eq!(commands[1], "cargo test --locked");
}

#[test]
fn the_examples_work_when_pasted() {
    let place = Place::new();
    let program = Path::new(env!("CARGO_BIN_EXE_hivelog"));
    for folder in ["tests", "examples"] {
        let link = place.path(folder);
        std::os::unix::fs::symlink(root().join(folder), link).expect("a link");
    }
    let examples = blocks(&readme(), "console");
    assert_eq!(examples.len(), 5);
    for (example, code) in examples.iter().zip([1, 1, 0, 0, 0]) {
        let script = example.replace("$ hivelog", "hivelog");
        let ended = Command::new("bash")
            .args(["-c", &script])
            .current_dir(place.path("."))
            .env_clear()
            .env("HOME", place.path("."))
            .env(
                "PATH",
                format!(
                    "{}:/usr/bin:/bin",
                    program.parent().expect("a folder").display()
                ),
            )
            .output()
            .expect("bash runs");
        assert_eq!(ended.status.code(), Some(code), "{script}\n{ended:?}");
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    // The README sets flags in code style.
    let readme = readme().replace('`', "");
    for exit in Exit::ALL {
        if [Exit::Interrupted, Exit::Terminated].contains(&exit) {
            continue;
        }
        let row = format!("| {} | {} |", exit.code(), exit.meaning());
        assert!(readme.contains(&row), "{row}");
    }
    assert!(readme.contains("| 130, 143 | interrupted, terminated |"));
}
