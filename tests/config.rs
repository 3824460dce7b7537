//! `config`: where settings come from, and the questions that write a profile.

use crate::support::server::{Server, answer as answering};
use crate::support::{PATIENCE, Place, Run};
use rexpect::session::{PtySession, spawn_command};

const PROFILES: &str = r#"
default_profile = "staging"

[synchive]
path = "/common"

[profile.staging.synchive]
url = "https://staging.example.com"
connector = "shop"
key_command = ["pass", "show", "x"]

[profile.live.synchive]
url = "https://live.example.com"
"#;

fn place() -> Place {
    let place = Place::new();
    place.file(".config/hivelog/config.toml", PROFILES);
    place
}

/// What `config show` says about one setting: value and origin.
fn setting(run: Run, name: &str) -> (String, String) {
    let rows = run.run().exits(0).json();
    let mut named = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["name"] == name);
    let row = named
        .next()
        .unwrap_or_else(|| panic!("no {name} in {rows}"));
    let text = |field: &str| row[field].as_str().expect("text").to_owned();
    (text("value"), text("origin"))
}

#[test]
fn each_source_beats_the_ones_behind_it_and_is_named() {
    let place = place();
    let show = |more: &[&str]| {
        let args = ["config", "show", "-o", "json"].iter().chain(more);
        place.hivelog(args.copied().collect::<Vec<_>>())
    };
    let is = |run: Run, name: &str, value: &str, origin: &str| {
        assert_eq!(setting(run, name), (value.to_owned(), origin.to_owned()));
    };
    is(
        show(&[]),
        "synchive.url",
        "https://staging.example.com",
        "profile staging",
    );
    is(
        show(&["-p", "live"]),
        "synchive.url",
        "https://live.example.com",
        "profile live",
    );
    is(show(&["-p", "live"]), "profile", "live", "flag");
    is(show(&[]), "profile", "staging", "defaults");
    is(
        show(&[]).env("HIVELOG_PROFILE", "live"),
        "profile",
        "live",
        "variable HIVELOG_PROFILE",
    );
    is(
        show(&[]).env("HIVELOG_SYNCHIVE_URL", "https://v.example.com"),
        "synchive.url",
        "https://v.example.com",
        "variable HIVELOG_SYNCHIVE_URL",
    );
    is(show(&[]), "synchive.path", "/common", "defaults");
    is(
        show(&["--config", "none"]),
        "synchive.path",
        "/data-service/v1/eventLog",
        "built-in",
    );
    is(
        show(&["--timezone", "+12:00"]),
        "timezone",
        "+12:00",
        "flag",
    );
    is(show(&[]), "timezone", "utc", "variable HIVELOG_TIMEZONE");
    place
        .hivelog(["config", "show", "--origin"])
        .run()
        .exits(0)
        .says("profile staging");
}

#[test]
fn a_secret_is_never_shown() {
    let place = place();
    for format in ["human", "table", "json", "ndjson", "csv"] {
        let ended = place
            .hivelog(["config", "show", "--origin", "-vv", "-o", format])
            .env("HIVELOG_KEY", "canary-key")
            .env("HIVELOG_SERVER_PASSWORD", "canary-word")
            .env("HIVELOG_SERVER_URL", "https://me:canary-url@host.example")
            .run()
            .exits(0)
            .says("***")
            .says("HIVELOG_KEY");
        let said = ended.text() + &ended.errors();
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn a_broken_file_is_reported_with_its_position_and_blocks_nothing_else() {
    let place = Place::new();
    let file = place.file(
        ".config/hivelog/config.toml",
        "[profile.a.synchive]\nulr = 1\n",
    );
    place
        .hivelog(["config", "show"])
        .run()
        .exits(2)
        .warns("unknown key profile.a.synchive.ulr, did you mean synchive.url?");
    let path = place.hivelog(["config", "path"]).run().exits(0);
    assert_eq!(path.text().trim_end(), file.display().to_string());
    place.hivelog(["help", "exit-codes"]).run().exits(0);
    place
        .hivelog(["--config", "none", "config", "show"])
        .run()
        .exits(0);
    place
        .hivelog(["--config", "none", "config", "path"])
        .run()
        .exits(1);
    place
        .hivelog(["--config", "absent.toml", "config", "show"])
        .run()
        .exits(2)
        .warns("config init");
    place
        .hivelog(["-p", "b", "--config", "none", "config", "show"])
        .run()
        .exits(2)
        .warns("unknown profile 'b'");
}

#[test]
fn questions_need_a_terminal_and_say_what_to_do_without() {
    let place = Place::new();
    place
        .hivelog(["config", "init"])
        .run()
        .exits(2)
        .warns("there is no terminal")
        .warns("config.toml")
        .warns("HIVELOG_SYNCHIVE_URL");
    let mut terminal = on_a_terminal(place.hivelog(["config", "init", "--no-input"]));
    expect(&mut terminal, "disables them");
    ends_with(&mut terminal, 2);
    assert!(!place.path(".config").exists(), "nothing was written");
}

fn on_a_terminal(run: Run) -> PtySession {
    let mut command = run.env("TERM", "xterm").into_command();
    command.env_remove("COLUMNS");
    let patience = u64::try_from(PATIENCE.as_millis()).expect("short");
    spawn_command(command, Some(patience)).expect("a pseudo-terminal")
}

fn expect(terminal: &mut PtySession, text: &str) {
    if let Err(error) = terminal.exp_string(text) {
        panic!("no {text:?}: {error}");
    }
}

fn ends_with(terminal: &mut PtySession, code: i32) {
    terminal.exp_eof().expect("its end");
    let status = terminal.process().wait().expect("a status");
    // Its type has no public name: `Exited(Pid(7), 2)`.
    let reported = format!("{status:?}");
    assert!(
        reported.starts_with("Exited") && reported.ends_with(&format!(", {code})")),
        "{reported}"
    );
}

fn answer(terminal: &mut PtySession, question: &str, line: &str) {
    expect(terminal, question);
    terminal.send_line(line).expect("it reads");
}

/// Answers everything up to the last questions, with a key that is typed.
fn describe_staging(terminal: &mut PtySession, url: &str) {
    answer(terminal, "Name of the profile", "staging");
    answer(terminal, "What is it for?", "");
    answer(terminal, "SyncHive's address", url);
    answer(terminal, "Connector, such as", "shop");
    answer(terminal, "(X-Shop-Connector-Key)", "");
    expect(terminal, "where does it come from?");
    terminal.send("\u{1b}[B\n").expect("it reads");
    terminal.flush().expect("it reads");
    answer(terminal, "(not shown)", "canary-key");
    answer(terminal, "Integration key", "ShopifyNZ");
    answer(terminal, "Schema name", "limber");
    answer(terminal, "Schema version", "");
    answer(terminal, "Mode", "");
}

#[cfg(unix)]
#[test]
fn the_answers_become_a_private_file_that_is_used_at_once() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let mut terminal = on_a_terminal(place.hivelog(["config", "init"]));
    let server = Server::answering(|_, _| answering("404 Not Found", "", ""));
    describe_staging(&mut terminal, &server.url());
    answer(&mut terminal, "Write this profile?", "y");
    answer(&mut terminal, "Test it now?", "y");
    expect(&mut terminal, "written");
    expect(&mut terminal, "synchive probe");
    expect(&mut terminal, "answers (HTTP 404)");
    // It has just been tested.
    expect(&mut terminal, "next: hivelog emit -i -p staging");
    ends_with(&mut terminal, 0);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].head.contains("canary"), "{}", requests[0].head);

    let file = place.path(".config/hivelog/config.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(!text.contains("canary"), "{text}");
    // What is derived or built in is shown as the default, and not written down.
    assert!(!text.contains("key_header"), "{text}");
    let key = place.path(".config/hivelog/staging.key");
    assert_eq!(
        std::fs::read_to_string(&key).expect("a key"),
        "canary-key\n"
    );
    for path in [&file, &key] {
        let mode = std::fs::metadata(path)
            .expect("metadata")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let show = || place.hivelog(["config", "show", "-o", "json"]);
    let from_profile = "profile staging".to_owned();
    assert_eq!(
        setting(show(), "synchive.url"),
        (server.url(), from_profile.clone())
    );
    assert_eq!(
        setting(show(), "defaults.integrationKey"),
        ("ShopifyNZ".to_owned(), from_profile)
    );

    // A second profile is added; the first one's name is refused, its text stays.
    let mut terminal = on_a_terminal(place.hivelog(["config", "init"]));
    answer(&mut terminal, "Name of the profile", "staging");
    expect(&mut terminal, "exists already");
    terminal
        .send("\u{7f}".repeat(7).as_str())
        .expect("it reads");
    terminal.send_line("other").expect("it reads");
    expect(&mut terminal, "What is it for?");
    terminal.send("\u{1b}[B\n").expect("it reads");
    terminal.flush().expect("it reads");
    answer(
        &mut terminal,
        "automation server's address",
        "http://127.0.0.1:7001",
    );
    answer(&mut terminal, "(/api/v1/events/stream)", "/events");
    expect(&mut terminal, "log in");
    terminal.send("\u{1b}[B\u{1b}[B\n").expect("it reads");
    terminal.flush().expect("it reads");
    answer(&mut terminal, "Write this profile?", "y");
    answer(&mut terminal, "Test it now?", "n");
    ends_with(&mut terminal, 0);
    let both = std::fs::read_to_string(&file).expect("a file");
    assert!(both.starts_with(&text), "{both}");
    assert!(both.contains("[profile.other.server]"), "{both}");
    assert!(both.contains("events_path = \"/events\""), "{both}");
}

#[test]
fn an_interrupt_writes_nothing_and_gives_the_cursor_back() {
    let place = Place::new();
    let mut terminal = on_a_terminal(place.hivelog(["config", "init"]));
    answer(&mut terminal, "Name of the profile", "staging");
    expect(&mut terminal, "both");
    terminal.send_control('c').expect("it reads");
    // The sequence that shows the cursor again.
    expect(&mut terminal, "\u{1b}[?25h");
    expect(&mut terminal, "interrupted");
    ends_with(&mut terminal, 130);
    assert!(!place.path(".config").exists(), "nothing was written");

    let mut terminal = on_a_terminal(place.hivelog(["config", "init"]));
    describe_staging(&mut terminal, "https://x.example.com");
    answer(&mut terminal, "Write this profile?", "n");
    ends_with(&mut terminal, 1);
    assert!(!place.path(".config").exists(), "nothing was written");
}

#[test]
fn a_home_that_is_a_file_is_like_one_without_a_profile_file() {
    for (args, code) in [
        (&["validate", "--allow-empty", "-"][..], 0),
        (&["codes", "4005E"], 0),
        (&["explain", "4005E"], 0),
        (&["stats", "--allow-empty", "-"], 0),
        (&["tail", "--allow-empty", "-"], 0),
        (&["config", "show"], 0),
    ] {
        let place = Place::new();
        let _ = place
            .hivelog(args)
            .env("HOME", "/dev/null")
            .run()
            .exits(code);
    }
}

#[test]
fn a_wrong_variable_is_named_in_its_error() {
    for (variable, value) in [
        ("HIVELOG_TIMEZONE", "mars"),
        ("HIVELOG_OUTPUT", "xml"),
        ("HIVELOG_PROFILE", "nobody"),
    ] {
        let run = Place::new().hivelog(["codes"]).env(variable, value).run();
        let _ = run.exits(2).warns(&format!("{variable}={value}"));
    }
    let place = Place::new();
    let run = |args: &[&str]| {
        let run = place.hivelog(args);
        let run = run.env("HIVELOG_SYNCHIVE_URL", "http://127.0.0.1:1");
        let run = run.env("HIVELOG_CONNECTOR", "c").env("HIVELOG_KEY", "k");
        run.env("HIVELOG_SERVER_URL", "http://127.0.0.1:1")
    };
    let line = "emit --code 1000N --stage INBOUND_1 --outcome PROCESSING --integration i --shape S \
                --schema s --external-id i=1";
    let line: Vec<&str> = line.split_whitespace().collect();
    let [emit, compose, tail] = [&["emit", "-"][..], &line, &["tail"]];
    let long = "k".repeat(9000);
    for (args, variable, value) in [
        (emit, "HIVELOG_CONFIG", "missing.toml"),
        (emit, "HIVELOG_SYNCHIVE_URL", "nowhere"),
        (emit, "HIVELOG_CONNECTOR", "a\nb"),
        (emit, "HIVELOG_KEY", &long),
        (emit, "HIVELOG_KEY", "a\nb"),
        (emit, "HIVELOG_KEY_HEADER", "no header"),
        (emit, "HIVELOG_KEY_HEADER", "Host"),
        (emit, "HIVELOG_SPOOL", "s3://bucket"),
        (compose, "HIVELOG_MODE", "LIV"),
        (tail, "HIVELOG_SERVER_URL", "nowhere"),
        (tail, "HIVELOG_SERVER_TOKEN", "two words"),
    ] {
        let ended = run(args).env(variable, value).stdin("").run();
        let ended = ended.exits(2);
        let first = ended.errors().lines().next().unwrap_or_default().to_owned();
        assert!(
            first.contains(variable),
            "{variable}: {}",
            ended.transcript()
        );
    }
    let latin: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"caf\xe9");
    let ended = run(tail).env("HIVELOG_SERVER_PASSWORD", latin).run();
    let _ = ended
        .exits(2)
        .warns("error: HIVELOG_SERVER_PASSWORD: its value is not UTF-8");
    let secret = "https://user:canary@host";
    let ended = run(emit)
        .env("HIVELOG_SYNCHIVE_URL", secret)
        .stdin("")
        .run();
    let ended = ended.exits(2).warns("HIVELOG_SYNCHIVE_URL: ");
    assert!(!ended.errors().contains("canary"), "{}", ended.transcript());
}

#[test]
fn a_wrong_value_in_the_profile_file_is_reported_with_file_table_and_key() {
    for (table, line, args) in [
        ("synchive", "url = \"nowhere\"", "emit -"),
        ("synchive", "connector = \"a\\nb\"", "emit -"),
        ("synchive", "key_header = \"no header\"", "emit -"),
        ("synchive", "retry_on = [200]", "emit -"),
        ("spool", "location = \"s3://bucket\"", "emit -"),
        ("server", "url = \"nowhere\"", "tail"),
    ] {
        for profile in ["", "profile.a."] {
            let place = Place::new();
            let key = line.split_once(' ').unwrap().0;
            let head = if profile.is_empty() {
                ""
            } else {
                "default_profile = \"a\"\n"
            };
            place.file("c.toml", format!("{head}[{profile}{table}]\n{line}\n"));
            let mut run = place.hivelog(args.split(' ')).env("HIVELOG_KEY", "k");
            for (name, variable, value) in [
                ("url", "HIVELOG_SYNCHIVE_URL", "http://127.0.0.1:1"),
                ("connector", "HIVELOG_CONNECTOR", "c"),
            ] {
                if (table, key) != ("synchive", name) {
                    run = run.env(variable, value);
                }
            }
            let ended = run.env("HIVELOG_CONFIG", "c.toml").stdin("").run();
            let _ = ended
                .exits(2)
                .warns(&format!("c.toml: {profile}{table}.{key}: "));
        }
    }
}

#[test]
fn what_needs_no_settings_works_in_spite_of_a_broken_profile_file() {
    let place = Place::new();
    place.file(
        ".config/hivelog/config.toml",
        "[profile.a.synchive]\nulr = 1\n",
    );
    for words in [&["codes", "4005E"][..], &["explain", "4005E"]] {
        let run = || place.hivelog(words);
        let ended = run().run().exits(0).says("Authentication");
        let _ = ended
            .warns("warning: ")
            .warns("unknown key profile.a.synchive.ulr");
        let ended = place.hivelog(words.iter().chain(&["-q"])).run().exits(0);
        assert_eq!(ended.errors(), "");
        // What was asked for by name is not passed over.
        for more in [&["-p", "a"][..], &["--config", "absent"]] {
            let _ = place.hivelog(words.iter().chain(more)).run().exits(2);
        }
    }
    // The verdict may depend on it, and so may the codes that others are to accept.
    let export = ["codes", "export", "--format", "json"];
    let validate = ["validate", "-"];
    for words in [&export[..], &validate] {
        let _ = place.hivelog(words).stdin("{}").run().exits(2);
    }
}

#[test]
fn the_names_other_programs_have_for_a_command_are_understood() {
    for words in [
        &["-q", "version"][..],
        &["-p", "version", "version"],
        &["version"],
    ] {
        let version = Place::new().hivelog(words).run().exits(0);
        assert!(
            version.text().starts_with("hivelog "),
            "{}",
            version.transcript()
        );
    }
    for words in [&["init"][..], &["-p", "x", "init"], &["-p", "init", "init"]] {
        let ended = Place::new().hivelog(words).run().exits(2);
        let _ = ended.warns("config init").warns("there is no terminal");
    }
    for name in ["check", "lint"] {
        let run = Place::new().hivelog([name, "-"]).stdin("{}").run();
        let _ = run.exits(1).says("missing-field");
    }
}

#[test]
fn the_key_header_is_shown_though_nobody_set_it() {
    let place = Place::new();
    let show = || place.hivelog(["config", "show", "-o", "json"]);
    let derived = show().env("HIVELOG_CONNECTOR", "shopify_connector");
    let (header, origin) = setting(derived, "synchive.key_header");
    assert!(header.eq_ignore_ascii_case("X-Shopify-Connector-Key"));
    assert_eq!(origin, "built-in");
    let given = show().env("HIVELOG_KEY_HEADER", "X-Own");
    assert_eq!(setting(given, "synchive.key_header").0, "X-Own");
}

#[test]
fn an_unknown_rule_in_the_profile_file_is_reported_with_its_table() {
    for table in ["check.rules", "profile.a.check.rules"] {
        let place = Place::new();
        let text =
            format!("default_profile = \"a\"\n[profile.a]\n[{table}]\nnever-endet = \"off\"\n");
        let file = place.file(".config/hivelog/config.toml", text);
        let run = place.hivelog(["validate", "-"]).stdin("{}").run().exits(2);
        let _ = run
            .warns(&format!("{}: {table}: ", file.display()))
            .warns("never-ended");
    }
}

#[test]
fn a_time_zone_in_posix_form_is_understood_and_an_unknown_one_reported() {
    let event = r#"{"type":"server.ok","ts":"2026-01-01T00:00:00Z","kind":"sys","data":{}}"#;
    let shown = |zone: &str| {
        let place = Place::new();
        place
            .hivelog(["tail", "-o", "human", "--timezone", "local", "-"])
            .env("TZ", zone)
            .stdin(event)
            .run()
            .exits(0)
    };
    for (zone, hour) in [
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "13:00"),
        ("<+12>-12", "12:00"),
        ("UTC0", "00:00"),
    ] {
        let ended = shown(zone).says(hour);
        assert!(!ended.errors().contains("TZ="), "{}", ended.errors());
    }
    let _ = shown("Mars/Phobos").warns("TZ=Mars/Phobos is not a known time zone");
}

#[test]
fn the_nearest_subcommand_is_suggested_first() {
    let run = Place::new().hivelog(["vaildate"]).run().exits(2);
    let errors = run.errors();
    let tip = errors.lines().find(|line| line.contains("tip:"));
    let first = tip.and_then(|tip| tip.split('\'').nth(1));
    assert_eq!(first, Some("validate"), "{errors}");
}

#[test]
fn profiles_are_listed_with_their_addresses_whichever_is_chosen() {
    let place = place();
    let list = |more: &[&str]| {
        let args = ["config", "list"].iter().chain(more).copied();
        place.hivelog(args.collect::<Vec<_>>())
    };
    let rows = list(&["-o", "json"]).run().exits(0).json();
    assert_eq!(
        rows,
        serde_json::json!([
            {"name": "live", "default": false, "synchive": "https://live.example.com",
             "connector": null, "server": null},
            {"name": "staging", "default": true, "synchive": "https://staging.example.com",
             "connector": "shop", "server": null},
        ])
    );
    let people = list(&[]).run().exits(0).text();
    let staging = people.lines().find(|line| line.starts_with("staging"));
    assert!(staging.is_some_and(|line| line.contains('*')), "{people}");
    // A default that does not exist is what one wants to look up here.
    place.file(
        ".config/hivelog/config.toml",
        "default_profile = \"gone\"\n[profile.a.server]\nurl = \"https://me:canary@x.example\"\n",
    );
    let ended = list(&["-o", "csv"]).run().exits(0);
    assert!(ended.text().contains("a,false,,,https://me:***@x.example/"));
    let empty = Place::new();
    let ended = empty
        .hivelog(["config", "list", "-o", "json"])
        .run()
        .exits(0);
    assert_eq!(ended.json(), serde_json::json!([]));
    let _ = ended.warns("config init");
}

#[cfg(unix)]
#[test]
fn another_default_changes_one_line_and_keeps_the_mode() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let text = "# Ours.\ndefault_profile = \"staging\"   # until the launch\n\
                [profile.staging.synchive]\nurl = \"https://s.example.com\"\n\
                [profile.live.synchive]\nurl = \"https://l.example.com\"\n";
    let file = place.file(".config/hivelog/config.toml", text);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&file, mode).expect("a mode");
    let _ = place
        .hivelog(["config", "use", "live"])
        .env("HIVELOG_PROFILE", "staging")
        .run()
        .exits(0)
        .warns("default_profile is live")
        .warns("HIVELOG_PROFILE=staging");
    let changed = std::fs::read_to_string(&file).expect("a file");
    let wanted = text.replace("= \"staging\"   #", "= \"live\"   #");
    assert_eq!(changed, wanted);
    let metadata = std::fs::metadata(&file).expect("metadata");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    let profile = setting(place.hivelog(["config", "show", "-o", "json"]), "profile");
    assert_eq!(profile, ("live".to_owned(), "defaults".to_owned()));

    let _ = place
        .hivelog(["config", "use", "liev"])
        .run()
        .exits(2)
        .warns("did you mean live?")
        .warns("known profiles: live, staging");
    let same = std::fs::read_to_string(&file).expect("a file");
    assert_eq!(same, wanted);
    let _ = Place::new()
        .hivelog(["config", "use", "live"])
        .run()
        .exits(2)
        .warns("config init");
}

#[test]
fn the_file_is_edited_and_checked() {
    let place = Place::new();
    let edit = |editor: &str| {
        let run = place.hivelog(["config", "edit"]);
        run.env("EDITOR", editor).run()
    };
    let add = |line: &str| format!("sh -c 'printf \"{line}\\n\" >> \"$1\"' sh");
    let _ = edit(&add("timezone = \\\"utc\\\"")).exits(0);
    let file = place.path(".config/hivelog/config.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.starts_with("# The profile file") && text.ends_with("timezone = \"utc\"\n"));
    let _ = edit(&add("[synchiev]"))
        .exits(2)
        .warns("did you mean synchive?");
    let _ = edit("false").exits(2).warns("the editor 'false'");
    let _ = place
        .hivelog(["config", "edit"])
        .run()
        .exits(2)
        .warns("set VISUAL or EDITOR");
}

#[cfg(unix)]
#[test]
fn a_path_may_begin_at_home_and_a_wrong_one_is_named_with_its_key() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let file = place.file(
        ".config/hivelog/config.toml",
        "[profile.a.synchive]\nurl = \"https://x.example.com\"\nconnector = \"shop\"\n\
         key_file = \"~/key\"\n[profile.a.spool]\nlocation = \"~/waiting\"\n",
    );
    let key = place.file("key", "canary\n");
    let doctor = || place.hivelog(["doctor", "-p", "a", "-o", "json"]).run();
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&key, permissions).expect("a mode");
    };
    mode(0o600);
    let ended = doctor().exits(0);
    assert!(ended.text().contains(&key.display().to_string()));
    let waiting = place.path("waiting").display().to_string();
    assert!(ended.text().contains(&waiting), "{}", ended.transcript());
    mode(0o644);
    let named = format!("{}: profile.a.synchive.key_file: ", file.display());
    let ended = doctor().exits(1);
    assert!(ended.text().contains(&named), "{}", ended.transcript());
}

#[cfg(unix)]
#[test]
fn a_path_that_a_shell_left_as_it_was_typed_begins_at_home_too() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let home = place.path("").display().to_string();
    let key = place.file("bin/key", "#!/bin/sh\nprintf %s \"$1\" >arg\necho canary\n");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    place.file(
        "other.toml",
        "[profile.a.synchive]\nurl = \"https://x.example.com\"\nconnector = \"~/shop\"\n\
         key_command = [\"~/bin/key\", \"~/x\"]\n",
    );
    let waiting = format!("{}/waiting\n", home.trim_end_matches('/'));
    for command in [
        place.hivelog(["spool", "path", "--spool=~/waiting"]),
        place
            .hivelog(["spool", "path"])
            .env("HIVELOG_SPOOL", "~/waiting"),
    ] {
        assert_eq!(command.run().exits(0).text(), waiting);
    }
    for command in [
        place.hivelog(["doctor", "-p", "a", "--config=~/other.toml", "-o", "json"]),
        place
            .hivelog(["doctor", "-p", "a", "-o", "json"])
            .env("HIVELOG_CONFIG", "~/other.toml"),
    ] {
        let run = command.run();
        assert!(run.text().contains("~/shop"), "{}", run.transcript());
        let arg = std::fs::read_to_string(place.path("arg")).expect("the command was run");
        assert_eq!(arg, "~/x");
        std::fs::remove_file(place.path("arg")).expect("a file");
    }
}

#[test]
fn only_a_profile_file_that_is_missing_can_be_written_by_questions() {
    let place = Place::new();
    let written = "'hivelog config init' writes one";
    let binary = place.path("binary");
    std::fs::write(&binary, [0xff, 0xfe]).expect("a file");
    for (name, is_missing) in [("none", true), ("binary", false), (".", false)] {
        let path = place.path(name).display().to_string();
        let path = path + if is_missing { ".toml" } else { "" };
        let ended = place.hivelog(["--config", &path, "config", "list"]).run();
        let ended = ended.exits(2);
        let said = ended.errors();
        assert_eq!(said.contains(written), is_missing, "{said}");
        let other = "name another with --config";
        assert_eq!(said.contains(other), !is_missing, "{said}");
        assert!(said.contains("'--config none' uses none"), "{said}");
    }
}

#[test]
fn a_secret_that_cannot_be_used_says_what_to_do() {
    let place = Place::new();
    let profile = "[profile.a.synchive]\nurl = \"https://y.example.com\"\n\
                   connector = \"shop\"\nkey_file = \"absent.key\"\n";
    place.file(".config/hivelog/config.toml", profile);
    let emit = |args: &[&str]| {
        let all = [&["emit", "-p", "a", "-"], args].concat();
        place.hivelog(all).stdin("{}\n").run()
    };
    let ended = emit(&[]).exits(3);
    ended.warns("write the key into it").warns("chmod 600");
    let ended = emit(&["--url", "https://z.example.com"]).exits(2);
    ended.warns("give what https://z.example.com expects in HIVELOG_KEY");
}

#[test]
fn what_is_missing_or_misspelt_is_named_with_its_place() {
    let place = Place::new();
    let file = place.file(
        ".config/hivelog/config.toml",
        "[profile.a.synchive]\nurl = \"http://192.0.2.1\"\nconnector = \"shop\"\n\
         [profile.b.synchive]\nurl = \"https://y.example.com\"\n",
    );
    let emit = |args: &[&str]| {
        let all = [&["emit", "--no-spool", "-"], args].concat();
        place.hivelog(all).stdin("{}\n").run().exits(2)
    };
    emit(&[]).warns("a profile (-p a, -p b)");
    let named = format!("[profile.a.synchive] of {}", file.display());
    emit(&["-p", "a", "--allow-http"]).warns(&named);

    let doctor = |args: &[&str]| {
        let all = [&["doctor", "-p", "a", "-o", "json"], args].concat();
        let run = place.hivelog(all).env("HIVELOG_KEY", "k");
        run.env("HIVELOG_MINE", "1").run()
    };
    let ended = doctor(&[]).exits(1);
    assert!(
        ended.text().contains("--allow-http"),
        "{}",
        ended.transcript()
    );
    let ended = doctor(&["--allow-http"]).exits(0);
    assert!(
        ended.text().contains("HIVELOG_MINE is not a variable"),
        "{}",
        ended.transcript()
    );

    let misspelt = place
        .hivelog(["codes", "4005E"])
        .env("HIVELOG_CONECTOR", "shop");
    misspelt
        .run()
        .exits(0)
        .warns("did you mean HIVELOG_CONNECTOR?");
    let own = place.hivelog(["codes", "4005E"]).env("HIVELOG_MINE", "1");
    assert_eq!(own.run().exits(0).errors(), "");
}
