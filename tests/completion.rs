//! What a shell offers when TAB is pressed.

use crate::support::{PATIENCE, Place, python_with_packages, skip};
use rexpect::session::{PtySession, spawn_command};
use std::path::Path;
use std::process::Command;

/// What the program answers a shell that completes the last of some words.
fn offered(place: &Place, words: &[&str]) -> Vec<String> {
    let mut args = vec!["--", "hivelog"];
    args.extend(words);
    let run = place.hivelog(args).env("COMPLETE", "fish");
    let text = run.run().exits(0).text();
    text.lines()
        .map(|line| line.split('\t').next().expect("a value").to_owned())
        .collect()
}

#[test]
fn every_argument_that_is_a_file_is_offered_files() {
    let place = Place::new();
    place.file("two words.ndjson", "");
    place.file("folder/inner.json", "");
    for words in [
        ["emit", ""],
        ["validate", ""],
        ["tail", ""],
        ["stats", ""],
        ["--config", ""],
        ["emit", "--rejected="],
        ["emit", "--detail=@"],
        ["emit", "--technical-info=@"],
        ["run", "--custom-data=@"],
        ["emit", "--link-identities=@"],
        ["validate", "--baseline="],
        ["validate", "--write-baseline="],
        ["validate", "--report=sarif="],
        ["tail", "--listen-secret-file="],
        ["tail", "--ready-file="],
        ["tail", "--tee="],
        ["sandbox", "--record="],
    ] {
        let typed = words[1];
        let found = offered(&place, &[words[0], &format!("{typed}two")]);
        assert_eq!(found, [format!("{typed}two words.ndjson")], "{words:?}");
        let found = offered(&place, &[words[0], &format!("{typed}folder/")]);
        assert_eq!(found, [format!("{typed}folder/inner.json")], "{words:?}");
    }
    for words in [
        vec!["sandbox", "play", "tw"],
        vec!["sandbox", "run", "--expect", "tw"],
        vec!["sandbox", "run", "--report", "junit=tw"],
    ] {
        let found = offered(&place, &words);
        assert!(found[0].ends_with("two words.ndjson"), "{found:?}");
    }
    for words in [["man", "--dir"], ["emit", "--spool"]] {
        assert_eq!(offered(&place, &[words[0], words[1], "fo"]), ["folder/"]);
        assert!(offered(&place, &[words[0], words[1], "tw"]).is_empty());
    }
}

#[test]
fn a_topic_that_is_named_like_a_subcommand_is_offered_once() {
    let topics = offered(&Place::new(), &["help", ""]);
    for name in ["spool", "sandbox", "words"] {
        let times = topics.iter().filter(|topic| *topic == name).count();
        assert_eq!(times, 1, "{name} of {topics:?}");
    }
}

#[test]
fn a_job_is_offered_programs_and_its_arguments_files() {
    let place = Place::new();
    place.file("shopping-list.txt", "");
    for run in [&["run", "--"][..], &["sandbox", "run", "--"]] {
        let job = |words: &[&str]| offered(&place, &[run, words].concat());
        assert!(job(&["s"]).contains(&"sh".to_owned()));
        assert_eq!(job(&["./sh"]), ["./shopping-list.txt"]);
        assert_eq!(job(&["sh", "sh"]), ["shopping-list.txt"]);
        assert_eq!(job(&["sh", "-c", "sh"]), ["shopping-list.txt"]);
    }
}

#[test]
fn a_completion_runs_no_command_and_creates_nothing() {
    let place = Place::new();
    let key = format!("touch {}", place.path("ran").display());
    let profile = format!("[profile.night.synchive]\nkey_command = {key:?}\n");
    place.file(".config/hivelog/config.toml", &profile);
    let before = names(place.path("."));
    for words in [&["-p", ""][..], &["spool", "show", ""], &["emit", "-c", ""]] {
        offered(&place, words);
    }
    assert_eq!(names(place.path(".")), before);
}

#[test]
fn only_the_formats_of_the_subcommand_are_offered() {
    let place = Place::new();
    assert_eq!(
        offered(&place, &["validate", "-o", ""]),
        ["human", "ndjson", "json"]
    );
    assert_eq!(
        offered(&place, &["journey", "x.ndjson", "-o", "m"]),
        ["markdown", "mermaid"]
    );
    assert_eq!(offered(&place, &["-o", "cs"]), ["csv"]);
}

#[test]
fn a_profile_named_like_a_subcommand_is_no_subcommand() {
    let place = Place::new();
    place.file(
        ".config/hivelog/config.toml",
        "[profile.emit.spool]\nlocation = \"elsewhere\"\n",
    );
    for profile in [&["-p", "emit"][..], &["-pemit"], &["--profile", "emit"]] {
        let after = |words: &[&str]| offered(&place, &[profile, words].concat());
        assert!(after(&["config", "li"]).contains(&"list".to_owned()));
        assert_eq!(after(&["journey", "-o", "mer"]), ["mermaid"]);
        assert!(after(&["em"]).contains(&"emit".to_owned()));
    }
    assert_eq!(offered(&place, &["-p", "em"]), ["emit"]);
    assert_eq!(offered(&place, &["-p", "emit"]), ["emit"]);
}

#[test]
fn what_can_be_explained_is_offered_in_any_case() {
    let found = offered(&Place::new(), &["explain", "outbound"]);
    for wanted in ["OUTBOUND_4", "outbound-needs-iri"] {
        assert!(found.iter().any(|one| one == wanted), "{found:?}");
    }
}

#[test]
fn ids_of_the_spool_are_offered_with_state_and_code_as_lists_show_them() {
    let place = Place::new();
    let queue = ["emit", "--queue", "--url", "http://127.0.0.1:9"];
    let fields = ["-c", "5005N", "-s", "INBOUND_3", "--outcome", "PROCESSING"];
    let data = [
        "--integration",
        "ShopifyNZ",
        "--shape",
        "Product",
        "--schema",
        "limber",
        "--external-id",
        "ShopifyNZ=1",
        "--mode",
        "LIVE",
        "--connector",
        "shop-connector",
    ];
    let args = [&queue[..], &fields, &data].concat();
    place.hivelog(args).run().exits(0);
    let listed = place.hivelog(["spool", "list", "-o", "ndjson"]).run();
    let id = listed.exits(0).ndjson()[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let before = names(place.path("."));
    let short = id[id.len() - 8..].to_owned();
    let verbs = ["show", "drop", "retry", "list", "export"];
    for verb in verbs {
        assert_eq!(offered(&place, &["spool", verb, &short[..3]]), [&*short]);
        assert_eq!(offered(&place, &["spool", verb, &id[..13]]), [&*id]);
    }
    assert_eq!(names(place.path(".")), before);

    // What stands on the line says which spool.
    let elsewhere = place.path("elsewhere").display().to_string();
    let moved = ["spool", "move", "--to", &elsewhere];
    place.hivelog(moved).run().exits(0);
    let show = |words: &[&str]| {
        offered(
            &place,
            &[&["spool", "show"], words, &[&short[..3]]].concat(),
        )
    };
    assert_eq!(show(&[]), Vec::<String>::new());
    assert_eq!(show(&["--spool", &elsewhere]), [&*short]);
    assert_eq!(show(&[&format!("--spool={elsewhere}")]), [&*short]);
    let profile = format!("[profile.far.spool]\nlocation = {elsewhere:?}\n");
    place.file(".config/hivelog/config.toml", &profile);
    for profile in [&["-pfar"][..], &["-p", "far"], &["--profile=far"]] {
        assert_eq!(show(profile), [&*short], "{profile:?}");
    }
}

fn names(folder: impl AsRef<Path>) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        all.push(path.display().to_string());
        if path.is_dir() {
            all.extend(names(path));
        }
    }
    all.sort();
    all
}

/// What is typed before TAB, and what the line is afterwards, where each shell agrees.
const LINES: &[(&str, &str)] = &[
    ("emit tw", r"emit two\ words.ndjson "),
    ("validate fol", r"validate fol\ der/"),
    (r"tail fol\ der/", r"tail fol\ der/inner.json "),
    ("stats \"fol der/", "stats \"fol der/inner.json\" "),
    ("--config tw", r"--config two\ words.ndjson "),
    ("emit --rejected=tw", r"emit --rejected=two\ words.ndjson "),
    (
        "validate --report sarif=tw",
        r"validate --report sarif=two\ words.ndjson ",
    ),
    ("sandbox play ~/tw", r"sandbox play ~/two\ words.ndjson "),
    ("emit --outcome RETR", "emit --outcome RETRYING "),
    ("emit --outcome=RETR", "emit --outcome=RETRYING "),
    (
        "validate --rule after",
        "validate --rule after-terminal-error=",
    ),
    (
        "validate --rule too-deep=o",
        "validate --rule too-deep=off ",
    ),
    (
        "validate --rule=too-deep=o",
        "validate --rule=too-deep=off ",
    ),
    ("tail -t @au", "tail -t @auth "),
    ("explain outbound_4", "explain OUTBOUND_4 "),
    ("--config other.toml -p da", "--config other.toml -p day "),
    ("-p nig", "-p night:shift "),
    ("-p night:sh", "-p night:shift "),
    ("--profile=night:sh", "--profile=night:shift "),
    ("run -- cat tw", r"run -- cat two\ words.ndjson "),
];

fn place() -> Place {
    let place = Place::new();
    place.file("two words.ndjson", "");
    place.file("fol der/inner.json", "");
    place.file("other.toml", "[profile.day.server]\n");
    place.file(
        ".config/hivelog/config.toml",
        "[profile.\"night:shift\".server]\n",
    );
    place
}

/// A shell without anybody's start-up files that finds the program, or nothing where it is not
/// installed.
fn shell(place: &Place, words: &[&str]) -> Option<Command> {
    if Command::new(words[0]).arg("--version").output().is_err() {
        skip(&format!("{} is not installed", words[0]));
        return None;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_hivelog"));
    let folder = program.parent().expect("a folder");
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .current_dir(place.path("."))
        .env_clear()
        .env("HOME", place.path("."))
        .env("TERM", "dumb")
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    Some(command)
}

/// Has bash print its command line at Ctrl-G.
const BASH_SHOWS: [&str; 2] = [
    r#"show() { printf '<%s>' "<$READLINE_LINE>"; }"#,
    r#"bind -x '"\C-g": show'"#,
];

/// Has zsh print its command line at Ctrl-G.
const ZSH_SHOWS: &str = r#"show() { print -rn "<""<$BUFFER>>" }; zle -N show; bindkey '^G' show"#;

/// A shell in a terminal that has read these lines. Ctrl-G has it print its command line.
fn terminal(command: Command, lines: &[&str]) -> PtySession {
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    let mut terminal = spawn_command(command, Some(patience)).expect("a terminal");
    for line in lines {
        terminal.send_line(line).expect("it is read");
    }
    terminal.send_line("echo re''ady").expect("it is read");
    terminal.exp_string("ready").expect("the shell has begun");
    terminal
}

/// Types a line and TAB: what the line is then.
fn completed(terminal: &mut PtySession, typed: &str) -> String {
    let keys = format!("hivelog {typed}\t\u{7}\u{15}");
    terminal.send(&keys).expect("it is read");
    terminal.flush().expect("it is read");
    let (_, line) = terminal
        .exp_regex("<<[^<>]*>>")
        .unwrap_or_else(|error| panic!("{typed:?}: {error}"));
    let line = line.trim_start_matches("<<hivelog ");
    line.trim_end_matches(">>").to_owned()
}

#[test]
fn bash_completes_after_the_line_of_the_readme() {
    let place = place();
    let Some(bash) = shell(&place, &["bash", "--norc", "-i"]) else {
        return;
    };
    let mut bash = terminal(
        bash,
        &[&line_of_the_readme("bash"), BASH_SHOWS[0], BASH_SHOWS[1]],
    );
    for (typed, wanted) in LINES {
        assert_eq!(completed(&mut bash, typed), *wanted, "{typed}");
    }
    // Its line editor quotes the sign, which changes nothing.
    let folder = completed(&mut bash, "emit --detail @fo");
    assert_eq!(folder, r"emit --detail \@fol\ der/");
    let inner = completed(&mut bash, &folder);
    assert_eq!(inner, r"emit --detail \@fol\ der/inner.json ");
    // A variable is written out, unless it is none.
    let home = std::fs::canonicalize(place.path(".")).expect("a folder");
    let home = home.display();
    for (typed, wanted) in [
        ("emit $HOME/oth", format!("emit {home}/other.toml ")),
        (
            "--config=${HOME}/oth",
            format!("--config={home}/other.toml "),
        ),
        ("emit \"$HOME/oth", format!("emit \"{home}/other.toml\" ")),
        ("emit '$HOME/oth", "emit '$HOME/oth".to_owned()),
    ] {
        assert_eq!(completed(&mut bash, typed), wanted, "{typed}");
    }
}

#[test]
fn zsh_completes_after_the_line_of_the_readme() {
    let place = place();
    let Some(zsh) = shell(&place, &["zsh", "-f", "-i"]) else {
        return;
    };
    let mut zsh = terminal(
        zsh,
        &[
            "autoload -U compinit; compinit -u -D",
            &line_of_the_readme("zsh"),
            ZSH_SHOWS,
        ],
    );
    for (typed, wanted) in LINES {
        assert_eq!(completed(&mut zsh, typed), *wanted, "{typed}");
    }
}

/// The files that packages install, as each shell finds them.
#[test]
fn the_files_of_the_packages_ask_the_program_with_the_first_tab() {
    let place = place();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/completions");
    let files = files.display();
    let typed = "explain outbound_4";
    if let Some(zsh) = shell(&place, &["zsh", "-f", "-i"]) {
        let folder = format!("fpath=({files} $fpath); autoload -U compinit; compinit -u -D");
        let mut zsh = terminal(zsh, &[&folder, ZSH_SHOWS]);
        for _ in 0..2 {
            assert_eq!(completed(&mut zsh, typed), "explain OUTBOUND_4 ");
        }
    }
    if let Some(bash) = shell(&place, &["bash", "--norc", "-i"]) {
        // As bash-completion does: read at the first TAB, then asked again.
        let load = format!("load() {{ source {files}/hivelog.bash && return 124; }}");
        let lines = [
            &*load,
            "complete -F load hivelog",
            BASH_SHOWS[0],
            BASH_SHOWS[1],
        ];
        let mut bash = terminal(bash, &lines);
        for _ in 0..2 {
            assert_eq!(completed(&mut bash, typed), "explain OUTBOUND_4 ");
        }
    }
    if let Some(mut fish) = shell(&place, &["fish", "--no-config"]) {
        let script = format!("source {files}/hivelog.fish; complete -C 'hivelog {typed}'");
        let output = fish.args(["-c", &script]).output().expect("fish runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.starts_with("OUTBOUND_4\t"), "{output:?}");
    }
}

#[test]
fn fish_completes_with_meanings_after_the_line_of_the_readme() {
    let place = place();
    let Some(mut fish) = shell(&place, &["fish", "--no-config"]) else {
        return;
    };
    let typed = [
        "emit tw",
        "validate fol",
        r"tail fol\ der/",
        "stats \"fol der/",
        "emit --rejected=tw",
        "sandbox play ~/tw",
        "emit --outcome RETR",
        "validate --rule too-deep=o",
        "tail -t @au",
        "--profile=night:sh",
        "run -- cat tw",
    ];
    let asked = typed.map(|typed| format!("complete -C 'hivelog {typed}'\n"));
    let script = format!("{}\n{}", line_of_the_readme("fish"), asked.concat());
    let output = fish.args(["-c", &script]).output().expect("fish runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let values: Vec<_> = lines
        .iter()
        .map(|line| line.split('\t').next().expect("a value"))
        .collect();
    assert_eq!(
        values,
        [
            "two words.ndjson",
            "fol der/",
            "fol der/inner.json",
            "fol der/inner.json",
            "--rejected=two words.ndjson",
            "~/two words.ndjson",
            "RETRYING",
            "too-deep=off",
            "@auth",
            "--profile=night:shift",
            "two words.ndjson",
        ],
        "{output:?}"
    );
    assert!(lines[6].starts_with("RETRYING\t"), "{}", lines[6]);
}

/// What the scripts that do without the program make of a line and TAB.
const SCRIPTED: &[(&str, &str)] = &[
    ("emit --outcome RETR", "emit --outcome RETRYING "),
    ("emit --outcome=RETR", "emit --outcome=RETRYING "),
    (
        "validate --rule too-deep=o",
        "validate --rule too-deep=off ",
    ),
    (
        "validate --rule=too-deep=o",
        "validate --rule=too-deep=off ",
    ),
    ("tail -t @au", "tail -t @auth "),
    ("validate tw", r"validate two\ words.ndjson "),
    ("--config tw", r"--config two\ words.ndjson "),
    ("emit --url tw", "emit --url tw"),
];

#[test]
fn the_scripts_that_do_without_the_program_know_files_and_closed_lists() {
    let place = place();
    if let Some(bash) = shell(&place, &["bash", "--norc", "-i"]) {
        let script = "source <(hivelog completions bash)";
        let mut bash = terminal(bash, &[script, BASH_SHOWS[0], BASH_SHOWS[1]]);
        for (typed, wanted) in SCRIPTED {
            assert_eq!(completed(&mut bash, typed), *wanted, "bash: {typed}");
        }
    }
    if let Some(zsh) = shell(&place, &["zsh", "-f", "-i"]) {
        let script = "autoload -U compinit; compinit -u -D; source <(hivelog completions zsh)";
        let mut zsh = terminal(zsh, &[script, ZSH_SHOWS]);
        for (typed, wanted) in SCRIPTED {
            assert_eq!(completed(&mut zsh, typed), *wanted, "zsh: {typed}");
        }
    }
}

/// What elvish makes of a line and TAB, asked without the key.
const ELVISH: &[(&str, &str)] = &[
    ("emit --outcome RETR", "RETRYING"),
    ("emit --outcome=RETR", "--outcome=RETRYING"),
    ("validate --rule too-deep=o", "too-deep=off"),
    ("tail -t @au", "@auth"),
    ("validate fol", "fol der/"),
    ("-p nig", "night:shift"),
];

#[test]
fn elvish_completes_after_the_line_of_the_readme() {
    let place = place();
    let Some(elvish) = shell(&place, &["elvish", "-norc"]) else {
        return;
    };
    let mut elvish = elvish;
    elvish.env("TERM", "xterm");
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    let mut terminal = spawn_command(elvish, Some(patience)).expect("a pseudo-terminal");
    terminal
        .send_line(&line_of_the_readme("elvish"))
        .expect("it is read");
    for (at, (typed, wanted)) in ELVISH.iter().chain(ELVISH).enumerate() {
        if at == ELVISH.len() {
            let script = "eval (hivelog completions elvish | slurp)";
            terminal.send_line(script).expect("it is read");
        }
        let asked = format!(
            "$edit:completion:arg-completer[hivelog] hivelog {typed} | \
             each {{|c| print '<'; echo '<'(to-string $c)'>>' }}"
        );
        terminal.send_line(&asked).expect("it is read");
        terminal
            .exp_string(&format!("<<{wanted}>>"))
            .unwrap_or_else(|error| panic!("{typed}: {error}"));
    }
}

/// The scripts for PowerShell, which no Debian package brings, are at least read by a parser of its
/// language.
#[test]
fn the_scripts_for_powershell_are_read_by_a_parser() {
    let place = place();
    let printed = place.hivelog(["completions", "powershell"]).run().exits(0);
    // The parser does not know a method that takes a block without parentheses.
    let text = printed.text().replace(".Where{ ", ".Where({ ");
    let text = text.replace("} |\n        Sort-Object", "}) |\n        Sort-Object");
    place.file("static.ps1", text);
    let run = place.hivelog(Vec::<&str>::new());
    let asked = run.env("COMPLETE", "powershell").run().exits(0);
    place.file("dynamic.ps1", asked.stdout);
    place.file("line.ps1", line_of_the_readme("powershell"));
    let script = "import sys, tree_sitter as t, tree_sitter_powershell as p\n\
                  parser = t.Parser(t.Language(p.language()))\n\
                  wrong = [f for f in sys.argv[1:] if parser.parse(open(f, 'rb').read()).root_node.has_error]\n\
                  sys.exit(f'not PowerShell: {wrong}' if wrong else 0)";
    let python = |args: &[&str]| {
        let mut python = python_with_packages();
        python.args(args).current_dir(place.path(".")).output()
    };
    let known = python(&["-c", "import tree_sitter, tree_sitter_powershell"]);
    if !known.is_ok_and(|ended| ended.status.success()) {
        return skip("tree-sitter-powershell is not installed");
    }
    let files = ["-c", script, "static.ps1", "dynamic.ps1", "line.ps1"];
    let ended = python(&files).expect("python runs");
    assert!(ended.status.success(), "{ended:?}");
}

/// What the README tells a user of this shell to write into its start-up file.
fn line_of_the_readme(shell: &str) -> String {
    let readme = include_str!("../README.md");
    let row = readme
        .lines()
        .find(|line| line.starts_with(&format!("| {shell} | ")))
        .expect("a row");
    let line = row.rsplit(" | ").next().expect("a cell");
    let line = line.trim_matches(|c| "` |".contains(c));
    line.replace("\\|", "|")
}
