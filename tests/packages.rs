//! The packages, and what others call hivelog by: built, read and run, as far as one machine can.

use crate::support::{Ended, Place, python_with_packages, skip};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

fn ended(command: &mut Command) -> Ended {
    Ended::of(command.output().expect("it starts"))
}

/// Packs the program of this build, without the care that a release takes.
fn pack(place: &Place, kind: &str, into: &str) -> PathBuf {
    let out = place.path(into);
    let program = env!("CARGO_BIN_EXE_hivelog");
    let mut build = Command::new(root().join("packaging/build"));
    build.args([kind, "--fast", "--binary", program, "--out"]);
    let _ = ended(build.arg(&out)).exits(0);
    out
}

fn only(folder: &Path, ending: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let found = paths.find(|path| path.to_string_lossy().ends_with(ending));
    found.unwrap_or_else(|| panic!("no {ending} in {}", folder.display()))
}

/// Runs a program that was unpacked, with nothing of this checkout around it.
fn run(program: &Path, args: &[&str], folder: &Path) -> Ended {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env_clear();
    ended(command.env("HOME", folder).env("HIVELOG_TIMEZONE", "utc"))
}

#[test]
fn the_debian_package_unpacks_to_a_program_that_starts() {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        return skip("dpkg-deb is not installed");
    }
    let place = Place::new();
    let out = pack(&place, "deb", "out");
    let package = only(&out, ".deb");
    let to = place.path("installed");
    let mut unpack = Command::new("dpkg-deb");
    let _ = ended(unpack.arg("--extract").args([&package, &to])).exits(0);

    let program = to.join("usr/bin/hivelog");
    let version = run(&program, &["--version"], &to).exits(0);
    assert_eq!(
        version.text().trim(),
        concat!("hivelog ", env!("CARGO_PKG_VERSION"))
    );
    let sample = root().join("examples/three-journeys.ndjson");
    let sample = sample.to_str().expect("text");
    let _ = run(&program, &["emit", "--sandbox", sample], &to)
        .exits(0)
        .says("delivered 7");
    for part in [
        "share/man/man1/hivelog-emit.1.gz",
        "share/bash-completion/completions/hivelog",
        "share/zsh/vendor-completions/_hivelog",
        "share/fish/vendor_completions.d/hivelog.fish",
        "share/doc/hivelog/copyright",
        "share/doc/hivelog/examples/connector.py",
        "lib/systemd/user/hivelog-drain.service",
    ] {
        assert!(to.join("usr").join(part).is_file(), "{part}");
    }
    // What the README points to is there.
    let papers = to.join("usr/share/doc/hivelog");
    let readme = std::fs::read_to_string(papers.join("README.md")).expect("a README");
    let link = Regex::new(r#"\]\(([^)#:]+)\)|(?:src|srcset)="([^":]+)""#).expect("a pattern");
    let links = link.captures_iter(&readme);
    let links: Vec<_> = links
        .filter_map(|link| link.get(1).or(link.get(2)))
        .map(|path| path.as_str())
        .collect();
    assert!(links.len() > 10, "{links:?}");
    for path in links {
        assert!(papers.join(path).exists(), "{path}");
    }
    // The unit starts what the package has brought.
    let unit = std::fs::read_to_string(to.join("usr/lib/systemd/user/hivelog-drain.service"));
    let unit = unit.expect("a unit");
    let setting = |name: &str| unit.lines().find_map(|line| line.strip_prefix(name));
    let starts: Vec<_> = setting("ExecStart=")
        .expect("a command")
        .split(' ')
        .collect();
    let mut folders = setting("ExecSearchPath=").expect("folders").split(':');
    assert!(folders.any(|folder| {
        let folder = folder.trim_start_matches('/');
        to.join(folder).join(starts[0]).is_file()
    }));
    let _ = run(&program, &[&starts[1..], &["--help"]].concat(), &to).exits(0);

    let mut control = Command::new("dpkg-deb");
    let control = ended(control.arg("--field").arg(&package)).exits(0).text();
    for wanted in [
        "Package: hivelog",
        "Depends: libc6 (>= 2.",
        "Recommends: ca-certificates",
    ] {
        assert!(control.contains(wanted), "{control}");
    }
}

#[test]
fn the_archive_and_its_papers_are_the_same_bytes_each_time() {
    let place = Place::new();
    let [first, second] = ["one", "two"].map(|name| pack(&place, "tar", name));
    let read = |path: PathBuf| std::fs::read(path).expect("a file");
    let archive = only(&first, ".tar.gz");
    assert!(read(archive.clone()) == read(only(&second, ".tar.gz")));
    let mut check = Command::new("sha256sum");
    let _ = ended(check.args(["--check", "SHA256SUMS"]).current_dir(&first)).exits(0);

    let bill: Value = serde_json::from_slice(&read(only(&first, ".cdx.json"))).expect("JSON");
    assert_eq!(bill["bomFormat"], "CycloneDX");
    let parts = bill["components"].as_array().expect("components").iter();
    let parts: BTreeSet<_> = parts
        .map(|part| part["purl"].as_str().expect("text").to_owned())
        .collect();
    let lock: toml::Table = text("Cargo.lock").parse().expect("TOML");
    let locked = lock["package"].as_array().expect("packages").iter();
    let locked: BTreeSet<_> = locked
        .filter(|package| package.get("source").is_some())
        .map(|package| {
            format!(
                "pkg:cargo/{}@{}",
                package["name"].as_str().expect("text"),
                package["version"].as_str().expect("text")
            )
        })
        .collect();
    assert_eq!(parts, locked);

    let to = place.path("unpacked");
    std::fs::create_dir(&to).expect("a folder");
    let mut unpack = Command::new("tar");
    let _ = ended(unpack.arg("-xzf").arg(archive).arg("-C").arg(&to)).exits(0);
    let inside = only(&to, "-linux").join("bin/hivelog");
    let _ = run(&inside, &["explain", "4005E"], &to).exits(0);
}

/// The packages of other tools name files that exist, at the places where ours has them.
#[test]
fn what_other_tools_pack_is_there() {
    let cargo: toml::Table = text("Cargo.toml").parse().expect("TOML");
    let metadata = cargo["package"]["metadata"].as_table().expect("a table");
    let mut sources: Vec<String> = Vec::new();
    for asset in metadata["deb"]["assets"].as_array().expect("a list") {
        sources.push(asset[0].as_str().expect("text").to_owned());
    }
    for asset in metadata["generate-rpm"]["assets"]
        .as_array()
        .expect("a list")
    {
        sources.push(asset["source"].as_str().expect("text").to_owned());
    }
    for source in sources {
        if source.starts_with("target/") {
            continue;
        }
        let (folder, name) = source.rsplit_once('/').unwrap_or((".", &source));
        let pattern = format!("^{}$", regex::escape(name).replace("\\*", ".*"));
        let pattern = Regex::new(&pattern).expect("a pattern");
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder");
        let mut names = entries.map(|entry| entry.expect("an entry").file_name());
        assert!(
            names.any(|name| pattern.is_match(&name.to_string_lossy())),
            "{source}"
        );
    }
    for address in ["repository", "homepage", "documentation"] {
        assert!(
            cargo["package"].get(address).is_none(),
            "{address} leads nowhere"
        );
    }
}

/// The image is made of the program that the packages have, and each file comes from a stage that
/// is there.
#[test]
fn the_image_holds_what_the_packages_hold() {
    let image = text("packaging/Dockerfile");
    let lines = image.lines().filter(|line| !line.starts_with('#'));
    let instructions: Vec<(&str, Vec<&str>)> = lines
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rest)| (name, rest.split(' ').collect()))
        .collect();
    let mut stages = BTreeSet::new();
    for (name, words) in &instructions {
        match *name {
            "FROM" => {
                if let [_, "AS", stage] = words[..] {
                    stages.insert(stage);
                }
            }
            "COPY" => {
                let from = words.iter().find_map(|word| word.strip_prefix("--from="));
                assert!(from.is_none_or(|stage| stages.contains(stage)), "{words:?}");
            }
            "WORKDIR" | "RUN" | "ENV" | "VOLUME" | "ENTRYPOINT" | "CMD" => {}
            other => panic!("{other} is not checked here"),
        }
    }
    let built = instructions.iter().find(|(name, _)| *name == "RUN");
    let (_, command) = built.expect("a program is built");
    assert_eq!(command[..4], ["packaging/build", "bin", "--out", "/out"]);

    let place = Place::new();
    let out = pack(&place, "bin", "out");
    let copied = instructions
        .iter()
        .find_map(|(_, words)| words.iter().find_map(|word| word.strip_prefix("/out/")));
    let program = out.join(copied.expect("the program is copied"));
    let _ = run(&program, &["--version"], &out).exits(0);
}

/// A YAML file's documents, read by a foreign parser; nothing where it is not installed.
fn yaml(path: &str) -> Option<Vec<Value>> {
    let known = python_with_packages().args(["-c", "import yaml"]).output();
    if !known.is_ok_and(|known| known.status.success()) {
        skip("pyyaml is not installed");
        return None;
    }
    let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let input = std::fs::File::open(root().join(path)).expect(path);
    let mut python = python_with_packages();
    let output = python.args(["-c", script]).stdin(input).output();
    let output = output.expect("python runs");
    assert!(output.status.success(), "{path}: {output:?}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// A shell in which hivelog is the program of this build.
fn shell(place: &Place, script: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_hivelog"));
    let folder = program.parent().expect("a folder").display();
    let mut shell = Command::new("bash");
    shell
        .args(["-euc", script])
        .current_dir(place.path("."))
        .env_clear()
        .env("HOME", place.path("."))
        .env("PATH", format!("{folder}:/usr/bin:/bin"));
    shell
}

/// A connector's tests: one event log that is right, and with `wrong` one that is not.
fn tests_of_a_connector(place: &Place) {
    let sample = text("examples/event-logs.ndjson");
    let lines: Vec<_> = sample.lines().collect();
    place.file("right.ndjson", lines[0]);
    place.file("wrong.ndjson", lines[8]);
}

const RIGHT: &str = "hivelog emit --no-spool right.ndjson";
const WRONG: &str = "hivelog emit --no-spool --no-validate wrong.ndjson || true";

#[test]
fn the_pre_commit_hooks_find_and_repair() {
    let Some(documents) = yaml(".pre-commit-hooks.yaml") else {
        return;
    };
    let hooks = documents[0].as_array().expect("hooks");
    let place = Place::new();
    tests_of_a_connector(&place);
    for hook in hooks {
        let entry = hook["entry"].as_str().expect("text");
        let _ = ended(&mut shell(&place, &format!("{entry} right.ndjson"))).exits(0);
        let _ = ended(&mut shell(&place, &format!("{entry} wrong.ndjson"))).exits(1);
        let files = Regex::new(hook["files"].as_str().expect("text")).expect("a pattern");
        assert!(files.is_match("tests/event-logs.ndjson") && files.is_match("eventlog.json"));
        assert!(!files.is_match("package.json"));
    }
}

#[test]
fn the_github_action_annotates_and_writes_sarif() {
    let Some(documents) = yaml("packaging/github-action/action.yml") else {
        return;
    };
    let action = &documents[0];
    let step = action["runs"]["steps"]
        .as_array()
        .expect("steps")
        .last()
        .expect("a step");
    let script = step["run"].as_str().expect("text");
    let inputs = action["inputs"].as_object().expect("inputs");
    let run = |command: &str| {
        let place = Place::new();
        tests_of_a_connector(&place);
        let mut shell = shell(&place, script);
        shell.env("GITHUB_ACTION_PATH", root().join("packaging/github-action"));
        shell.env("GITHUB_STEP_SUMMARY", place.path("summary.md"));
        for (variable, value) in step["env"].as_object().expect("variables") {
            let name = value.as_str().expect("text");
            let name = name
                .trim_start_matches("${{ inputs.")
                .trim_end_matches(" }}");
            let default = inputs[name]["default"].as_str().unwrap_or(command);
            shell.env(variable, default);
        }
        let ended = ended(&mut shell);
        let read = |name: &str| std::fs::read_to_string(place.path(name)).expect(name);
        (ended, read("hivelog.sarif"), read("summary.md"))
    };
    let (ended, sarif, _) = run(RIGHT);
    let _ = ended.exits(0);
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    let (ended, sarif, summary) = run(WRONG);
    let ended = ended.exits(1);
    assert!(ended.text().contains("::error "), "{}", ended.transcript());
    assert!(summary.contains("outbound-needs-iri"), "{summary}");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(
        sarif["runs"][0]["results"][0]["ruleId"],
        "outbound-needs-iri"
    );
}

#[test]
fn the_gitlab_component_writes_both_of_its_reports() {
    let Some(documents) = yaml("packaging/gitlab-component/templates/hivelog.yml") else {
        return;
    };
    let inputs = documents[0]["spec"]["inputs"].as_object().expect("inputs");
    let job = &documents[1]["event-logs"];
    let filled = |text: &str, command: &str| {
        let input = Regex::new(r"\$\[\[ inputs\.([a-z-]+) \]\]").expect("a pattern");
        let value = |found: &regex::Captures<'_>| {
            let input = inputs.get(&found[1]).expect("a declared input");
            input["default"].as_str().unwrap_or(command).to_owned()
        };
        input.replace_all(text, value).into_owned()
    };
    for (command, code, findings) in [(RIGHT, 0, 0), (WRONG, 1, 1)] {
        let place = Place::new();
        tests_of_a_connector(&place);
        let script = filled(job["script"][0].as_str().expect("text"), command);
        let mut shell = shell(&place, &script);
        for (name, value) in job["variables"].as_object().expect("variables") {
            shell.env(name, filled(value.as_str().expect("text"), command));
        }
        let _ = ended(&mut shell).exits(code);
        let reports = job["artifacts"]["reports"].as_object().expect("reports");
        let read = |name: &str| {
            let path = place.path(reports[name].as_str().expect("text"));
            std::fs::read_to_string(path).expect(name)
        };
        assert!(read("junit").contains("<testsuite"));
        let quality: Value = serde_json::from_str(&read("codequality")).expect("JSON");
        assert_eq!(quality.as_array().map(Vec::len), Some(findings));
    }
}

/// The workflows to copy run a connector's tests and judge them, with the expectation written as
/// their comments say.
#[test]
fn the_workflows_to_copy_do_what_their_comments_say() {
    let paths = [
        "examples/ci/github-actions.yml",
        "examples/ci/gitlab-ci.yml",
    ];
    for path in paths {
        let Some(documents) = yaml(path) else {
            return;
        };
        let place = Place::new();
        tests_of_a_connector(&place);
        std::fs::create_dir(place.path("tests")).expect("a folder");
        for tests in ["npm", "run-tests.sh"] {
            let script = place.file(tests, format!("#!/bin/sh\n{RIGHT}\n"));
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(script, mode).expect("a mode");
        }
        let run = |script: &str| {
            let script = format!("PATH=$PWD:$PATH\n{script}");
            let mut shell = shell(&place, &script);
            ended(shell.env("GITHUB_STEP_SUMMARY", place.path("summary.md"))).exits(0)
        };
        let comment = text(path);
        let comment = comment.lines().take_while(|line| line.starts_with('#'));
        let comment: Vec<_> = comment.map(|line| line.trim_start_matches("# ")).collect();
        let comment = comment.join(" ");
        let update = &comment[comment.find("hivelog sandbox").expect("a command")..];
        let _ = run(update);
        let job = &documents[0]["event-logs"]["script"][0];
        let steps = documents[0]["jobs"]["event-logs"]["steps"].as_array();
        let step = steps.and_then(|steps| steps.last());
        let script = step.map_or(job, |step| &step["run"]);
        let _ = run(script.as_str().expect("a script"));
    }
}

/// The settings that `docs/editors.md` gives are of the language of their editors, and its pattern
/// reads what validate prints.
#[test]
fn the_page_for_editors_works() {
    let page = text("docs/editors.md");
    let blocks: Vec<_> = page.split("```json\n").skip(1).collect();
    let blocks = blocks
        .iter()
        .map(|block| block.split("```").next().expect("a block"));
    let blocks: Vec<Value> = blocks
        .map(|block| serde_json::from_str(block).expect("JSON"))
        .collect();
    let task = &blocks[1]["tasks"][0];
    let pattern = &task["problemMatcher"]["pattern"];
    let place = Place::new();
    tests_of_a_connector(&place);
    let command = task["command"].as_str().expect("text");
    let command = command.replace("${file}", "wrong.ndjson");
    let ended = ended(&mut shell(&place, &command)).exits(1);
    let finding = Regex::new(pattern["regexp"].as_str().expect("text")).expect("a pattern");
    let found = ended.text().lines().find_map(|line| {
        let found = finding.captures(line)?;
        let part = |name: &str| {
            let group = usize::try_from(pattern[name].as_u64().expect("a group")).expect("small");
            found[group].to_owned()
        };
        Some(["file", "line", "severity", "code", "message"].map(part))
    });
    let [file, line, severity, code, message] = found.expect("a finding");
    assert_eq!(
        [&*file, &*line, &*severity, &*code],
        ["wrong.ndjson", "1", "error", "outbound-needs-iri"]
    );
    assert!(message.starts_with("dataId has no iri"), "{message}");
}
