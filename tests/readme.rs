//! What the README says is what happens.

use crate::generated::{REGENERATE, is_regenerated};
use crate::support::{Place, hivelog, skip};
use hivelog::failure::Exit;
use regex::Regex;
use std::fmt::Write;
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

/// A folder in which examples work: that of the sources, as far as they need it.
fn checkout() -> Place {
    let place = Place::new();
    let link = place.path("examples");
    std::os::unix::fs::symlink(root().join("examples"), link).expect("a link");
    place
}

#[test]
fn the_first_command_does_the_main_job_and_the_second_runs_all_tests() {
    let commands = blocks(&readme(), "sh");
    let first = commands[0]
        .strip_prefix("cargo run --locked -- ")
        .expect("it builds and runs");
    let place = checkout();
    let ended = place.hivelog(first.split(' ')).run().exits(0);
    assert!(
        ended.text().contains("delivered 7, invalid 0"),
        "{}",
        ended.transcript()
    );
    assert_eq!(commands[1], "cargo test --locked");
    // What passes here is what is run for every change.
    let ci = std::fs::read_to_string(root().join(".ci/run")).expect("the script");
    assert!(ci.contains(&format!("\n{}\n", commands[1])), "{ci}");
}

/// One command of a block of examples, and what is shown below it.
struct Example {
    script: String,
    shown: String,
}

fn examples(block: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut continues = false;
    for line in block.lines() {
        if let Some(begin) = line.strip_prefix("$ ") {
            examples.push(Example {
                script: begin.to_owned(),
                shown: String::new(),
            });
        } else {
            let example = examples.last_mut().expect("a command first");
            let text = if continues {
                &mut example.script
            } else {
                &mut example.shown
            };
            text.push('\n');
            text.push_str(line);
        }
        continues = line.ends_with('\\');
    }
    examples
}

/// What differs from run to run, made the same.
fn steady(text: &str) -> String {
    let time = Regex::new(r"\b\d+(\.\d+)? (ms|s)\b").expect("a pattern");
    time.replace_all(text.trim(), "9 ms").into_owned()
}

/// Runs every example as it is printed, in the order of the page, and compares what is shown below
/// it; or writes that anew.
#[test]
fn generated_examples_print_what_is_shown() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("python3 is not installed");
    }
    let place = checkout();
    let mut page = readme();
    let program = Path::new(env!("CARGO_BIN_EXE_hivelog"))
        .parent()
        .expect("a folder");
    for block in blocks(&page.clone(), "console") {
        let mut written = String::new();
        for example in examples(&block) {
            let mut bash = Command::new("bash");
            bash.args(["-c", &format!("{} 2>&1", example.script)])
                .current_dir(place.path("."))
                .env_clear()
                .env("HOME", place.path("."))
                .env("COLUMNS", "90")
                .env("HIVELOG_TIMEZONE", "utc")
                .env("PATH", format!("{}:/usr/bin:/bin", program.display()));
            let ended = bash.output().expect("bash runs");
            let text = String::from_utf8_lossy(&ended.stdout).into_owned();
            let text = text.replace(&place.path(".").display().to_string(), "~");
            // The answer of a check may be no.
            let is_answer = matches!(ended.status.code(), Some(0 | 1));
            assert!(is_answer, "{}: {text}", example.script);
            let _ = write!(written, "$ {}\n{}", example.script, text);
            if !is_regenerated() {
                assert_eq!(
                    steady(&example.shown),
                    steady(&text),
                    "{}; to write the page anew: {REGENERATE}=1 cargo test generated",
                    example.script
                );
            }
        }
        if steady(&block) != steady(&written) {
            page = page.replace(&block, written.trim_end());
        }
    }
    if is_regenerated() {
        std::fs::write(root().join("README.md"), page).expect("the README");
    }
}

#[test]
fn every_link_leads_somewhere_and_the_install_lines_are_those_of_the_help() {
    let page = readme();
    let links = Regex::new(r##"(?:\]\(|src="|srcset=")([^)"#]+)"##).expect("a pattern");
    for found in links.captures_iter(&page) {
        assert!(root().join(&found[1]).exists(), "{}", &found[1]);
    }
    let help = hivelog(["help", "completions"]).run().exits(0).text();
    for row in page.lines().filter(|line| line.contains("COMPLETE")) {
        let line = row.rsplit(" | ").next().expect("a cell");
        let line = line.trim_matches(|c| "` |".contains(c)).replace("\\|", "|");
        assert!(help.contains(&line), "{line}");
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
