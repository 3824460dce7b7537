//! S1 to S8: keys, passwords and tokens.

use crate::emit::{emit, record, records};
use crate::spool::run;
use crate::support::server::{Server, answer};
use crate::support::{PATIENCE, Place, Run, hivelog};
use hivelog::settings::secret::Secret;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// A key as it is, in base64, and percent-coded.
const CANARY: [&str; 3] = ["canary/7f3a+", "Y2FuYXJ5LzdmM2Er", "canary%2F7f3a%2B"];

fn assert_free(bytes: &[u8], about: &str) {
    for canary in CANARY {
        let mut windows = bytes.windows(canary.len());
        let found = windows.any(|window| window == canary.as_bytes());
        assert!(!found, "{canary} in {about}");
    }
}

/// Every file below a folder.
fn each_file(folder: &Path, look: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            each_file(&path, look);
        } else {
            look(&path, &std::fs::read(&path).unwrap_or_default());
        }
    }
}

#[test]
fn s1_no_flag_takes_a_secret_and_what_was_typed_is_not_repeated() {
    for (line, place) in [
        ("emit --key hunter2", "HIVELOG_KEY, or key_file"),
        ("emit --key=hunter2 -", "HIVELOG_KEY, or key_file"),
        ("run --key hunter2 -- true", "HIVELOG_KEY, or key_file"),
        ("tail --password hunter2", "HIVELOG_SERVER_PASSWORD, or"),
        ("tail --token=hunter2", "HIVELOG_SERVER_TOKEN, or"),
        ("tail --listen-secret hunter2", "HIVELOG_LISTEN_SECRET"),
        ("spool drain --key hunter2", "HIVELOG_KEY, or key_file"),
    ] {
        let ended = hivelog(line.split(' ')).run().exits(2).warns(place);
        let reported = ended.text() + &ended.errors();
        assert!(!reported.contains("hunter2"), "{reported}");
        assert!(!reported.contains("similar"), "{reported}");
    }
    for verb in ["emit", "tail", "run", "sandbox", "doctor", "config"] {
        let help = hivelog([verb, "--help"]).run().exits(0).text();
        for word in help
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let flag = word.trim_end_matches([',', ']', '.', ')']);
            let secret = ["key", "password", "token", "secret"]
                .iter()
                .any(|kind| flag.ends_with(kind));
            assert!(!secret, "{verb} {flag}");
        }
    }
}

#[test]
fn s2_s3_no_secret_is_written_or_shown() {
    let place = Place::new();
    let body = r#"{"title":"no canary/7f3a+","detail":"canary/7f3a+","uuid":"canary/7f3a+"}"#;
    let server = Server::answering(move |_, _| answer("400 x", "X-Echo: canary/7f3a+\r\n", body));
    let with_key = |run: Run| run.env("HIVELOG_KEY", CANARY[0]);
    let url = server.url();
    let mut reported = Vec::new();
    let args = ["emit", "-", "-vv", "--receipts", "--rejected", "rejected"];
    let emitted = with_key(run(&place, &url, &args))
        .stdin(record("a", "5004N"))
        .run();
    reported.push(emitted.exits(5));
    for args in [
        &["spool", "list", "-o", "json"][..],
        &["spool", "list"],
        &["spool", "export"],
        &["spool", "drain", "-vv"],
        &["emit", "--dry-run", "-vv"],
        &["emit", "--as-curl"],
    ] {
        let prepared = with_key(run(&place, &url, args));
        reported.push(prepared.stdin(record("a", "5004N")).run().exits(0));
    }
    let shown = place.hivelog(["config", "show", "--origin"]);
    reported.push(with_key(shown).run().exits(0));
    let silent = Server::scripted(|_, _, _| std::thread::park());
    let mut running = with_key(run(&place, &silent.url(), &["emit", "-"])).start();
    running.write((record("b", "5004N") + "\n").as_bytes());
    while silent.requests().is_empty() {
        std::thread::yield_now();
    }
    if let Ok(arguments) = std::fs::read(format!("/proc/{}/cmdline", running.pid())) {
        assert!(arguments.starts_with(b"/") && arguments.len() > 40);
        assert_free(&arguments, "the arguments");
    }
    running.signal("TERM");
    reported.push(running.wait());
    for ended in reported {
        assert_free(&ended.stdout, &ended.transcript());
        assert_free(&ended.stderr, &ended.transcript());
    }
    let mut count = 0;
    each_file(&place.path(""), &mut |path, bytes| {
        count += 1;
        assert_free(bytes, &path.display().to_string());
    });
    assert!(count > 4, "{count}");
}

#[test]
fn s4_a_secret_that_others_can_read_is_refused() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    for (mode, linked, code) in [
        (0o600, false, 0),
        (0o400, false, 0),
        (0o640, false, 2),
        (0o604, false, 2),
        (0o660, true, 2),
        // What counts is the file, wherever it lies.
        (0o600, true, 0),
    ] {
        let place = Place::new();
        let file = place.file("key", "canary-7f3a\n");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, permissions).expect("a mode");
        let named = place.path("named");
        if linked {
            symlink(&file, &named).expect("a link");
        } else {
            std::fs::rename(&file, &named).expect("moved");
        }
        place.file(
            ".config/hivelog/config.toml",
            format!(
                "default_profile = \"t\"\n[profile.t.synchive]\nurl = \"{}\"\nconnector = \"c\"\n\
                 key_file = \"{}\"\n",
                server.url(),
                named.display()
            ),
        );
        let run = place.hivelog(["emit", "-", "--no-spool"]).stdin(records(1));
        let ended = run.run().exits(code);
        assert!(!(ended.text() + &ended.errors()).contains("canary"));
    }
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn s5_neither_password_nor_token_is_ever_in_a_file() {
    let place = Place::new();
    let login = r#"{"token":"token-canary-7f3a","access_token":"token-canary-7f3a"}"#;
    let server = Server::answering(move |_, request| {
        if request.head.starts_with("POST") {
            answer("200 OK", "Content-Type: application/json\r\n", login)
        } else {
            let event = "data: {\"id\":\"1\",\"kind\":\"sys\",\"type\":\"server.ready\"}\n\n";
            answer("200 OK", "Content-Type: text/event-stream\r\n", event)
        }
    });
    let url = server.url();
    let args = ["tail", "--server", &url, "--username", "u", "--resume", "r"];
    // Several at once, as they would race for a cache if there were one.
    let all: Vec<_> = (0..8)
        .map(|number| {
            let name = format!("r{number}");
            let own = [&args[..6], &[&name, "--count", "1", "-vv", "-o", "ndjson"]].concat();
            let run = place
                .hivelog(own)
                .env("HIVELOG_SERVER_PASSWORD", "password-canary-7f3a");
            run.start()
        })
        .collect();
    for running in all {
        let ended = running.wait();
        let reported = ended.text() + &ended.errors();
        assert!(!reported.contains("canary"), "{reported}");
        assert_eq!(ended.code, Some(0), "{reported}");
    }
    let posted = |head: &str| head.starts_with("POST");
    assert!(
        server
            .requests()
            .iter()
            .any(|request| posted(&request.head))
    );
    each_file(&place.path(""), &mut |path, bytes| {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("canary"), "{}", path.display());
    });
}

#[test]
fn s6_a_secret_cannot_be_printed_by_accident() {
    assert_eq!(format!("{:?}", Secret::new("canary")), "***");
    // What has no other way to become text cannot be logged by who does not mean to.
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src/settings/secret/mod.rs");
    let text = std::fs::read_to_string(sources).expect("a source");
    for way in ["Display for Secret", "Serialize", "Deref for Secret"] {
        assert!(!text.contains(way), "{way}");
    }
    assert!(text.contains("struct Secret(Zeroizing<String>)"));
}

#[test]
fn s7_a_profiles_key_goes_to_the_profiles_server_only() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let place = Place::new();
    let key = place.file("key", "canary-7f3a");
    let permissions = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&key, permissions).expect("a mode");
    place.file(
        ".config/hivelog/config.toml",
        format!(
            "default_profile = \"t\"\n[profile.t.synchive]\nurl = \"https://own.example\"\n\
             connector = \"c\"\nkey_file = \"{}\"\n",
            key.display()
        ),
    );
    let url = server.url();
    for args in [
        &["emit", "-"][..],
        &["emit", "-", "--dry-run"],
        &["spool", "drain"],
    ] {
        let run = place.hivelog([args, &["--url", &url]].concat());
        let ended = run.stdin(records(1)).run().exits(2);
        let _ = ended.warns("is not sent to");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn what_is_not_a_key_is_rejected_and_a_byte_order_mark_is_not_part_of_one() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let place = Place::new();
    let profile = |source: &str| {
        place.file(
            ".config/hivelog/config.toml",
            format!(
                "default_profile = \"t\"\n[profile.t.synchive]\nurl = \"{}\"\n\
                 connector = \"c\"\n{source}\n",
                server.url()
            ),
        );
        place.hivelog(["emit", "-"]).stdin(records(1)).run()
    };
    let key = place.file("key", "\u{feff}canary-7f3a\n");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&key, mode).expect("a mode");
    let from_file = format!("key_file = \"{}\"", key.display());
    profile(&from_file).exits(0);
    assert_eq!(
        server.requests()[0].header("X-C-Connector-Key"),
        Some("canary-7f3a")
    );
    std::fs::write(&key, "k".repeat(70_000)).expect("a file");
    let _ = profile(&from_file).exits(2).warns("longer than 64 KiB");
    let pipe = place.path("pipe");
    let fifo = std::process::Command::new("mkfifo").arg(&pipe).status();
    if fifo.is_ok_and(|status| status.success()) {
        let _ = profile(&format!("key_file = \"{}\"", pipe.display()))
            .exits(2)
            .warns("is not a regular file");
    }
    let endless = "key_command = [\"sh\", \"-c\", \"yes | tr -d '\\\\n'\"]";
    let _ = profile(endless).exits(2).warns("longer than 64 KiB");
    if std::os::unix::fs::chown(&key, Some(65_534), None).is_ok() {
        let _ = profile(&from_file)
            .exits(2)
            .warns("belongs to another user");
    }
}

#[test]
fn a_command_that_others_may_have_written_is_not_run() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    for (mode, code) in [(0o644, 0), (0o664, 2), (0o646, 2), (0o600, 0)] {
        let place = Place::new();
        let file = place.file(
            ".config/hivelog/config.toml",
            format!(
                "default_profile = \"t\"\n[profile.t.synchive]\nurl = \"{}\"\n\
                 connector = \"c\"\nkey_command = [\"sh\", \"-c\", \"touch ran; echo k\"]\n",
                server.url()
            ),
        );
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&file, permissions).expect("a mode");
        let run = place.hivelog(["emit", "-", "--no-spool"]).stdin(records(1));
        let ended = run.run().exits(code);
        assert_eq!(place.path("ran").exists(), code == 0, "{mode:o}");
        if code == 2 {
            let _ = ended.warns("can be written by others").warns("chmod go-w");
        }
    }
}

#[test]
fn a_secret_with_a_control_character_is_reported_with_where_it_came_from() {
    let place = Place::new();
    let file = place.file("secret", "a\u{7}b\n");
    let permissions = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&file, permissions).expect("a mode");
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let emit = |profile: &str| {
        let profile = format!(
            "[profile.t.synchive]\nurl = \"{}\"\nconnector = \"c\"\n{profile}\n",
            server.url()
        );
        place.file(".config/hivelog/config.toml", profile);
        let args = ["emit", "-", "-p", "t", "--no-spool"];
        place.hivelog(args).stdin(records(1))
    };
    let variable = emit("").env("HIVELOG_KEY", "a\tb").run();
    let _ = variable
        .exits(2)
        .warns("the key from variable HIVELOG_KEY contains");
    let from_file = emit(&format!("key_file = \"{}\"", file.display())).run();
    let _ = from_file
        .exits(2)
        .warns(&format!("the key from file {}", file.display()));
    let from_command = emit("key_command = [\"printf\", \"a\\tb\"]").run();
    let _ = from_command
        .exits(2)
        .warns("the key from command 'printf' (")
        .warns("config.toml: profile.t.synchive.key_command) contains");
    let listen = place.hivelog(["tail", "--listen", ":0"]);
    let listen = listen.env("HIVELOG_LISTEN_SECRET", "a\tb").run();
    let _ = listen
        .exits(2)
        .warns("from variable HIVELOG_LISTEN_SECRET contains");
    assert!(server.requests().is_empty());
}

#[test]
fn s8_no_command_is_run_that_nobody_asked_for() {
    let place = Place::new();
    let trace = place.path("trace");
    let trace = trace.to_str().expect("text");
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let prepared = run(&place, &server.url(), &["emit", "-"]);
    let tool = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace];
    let Some(prepared) = prepared.under(&tool) else {
        return;
    };
    let _ = prepared.stdin(records(3)).run().exits(0);
    let trace = std::fs::read_to_string(trace).expect("a trace");
    assert_eq!(trace.matches("execve(").count(), 1, "{trace}");
}

#[test]
fn s15_s17_a_key_with_a_line_break_is_refused_before_any_connection() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    for key in ["a\r\nX-Evil: 1", "a\nb", "a\tb", "\u{1}"] {
        let run = emit(&server.url(), &["-"]).env("HIVELOG_KEY", key);
        let ended = run.stdin(records(1)).run().exits(2).warns("line break");
        assert!(!ended.errors().contains("Evil"), "{}", ended.transcript());
    }
    for header in [
        "Host: x",
        "Content-Length: 1",
        "Authorization: Bearer x",
        "Transfer-Encoding: chunked",
        "limber-connector: other",
        "X-Shopify-Connector-Key: other",
        "X-A: b\r\nX-Evil: 1",
    ] {
        let run = emit(&server.url(), &["-", "-H", header]);
        let _ = run.stdin(records(1)).run().exits(2);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_secret_comes_through_a_pipe_that_the_shell_has_opened() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let place = Place::new();
    let profile = format!(
        "[profile.t.synchive]\nurl = \"{}\"\nconnector = \"c\"\nkey_file = \"/dev/fd/9\"\n",
        server.url()
    );
    place.file(".config/hivelog/config.toml", profile);
    let shell = "exec \"$0\" \"$@\" 9< <(sleep 0.1; echo canary-7f3a)";
    let run = place.hivelog(["emit", "-p", "t", "-"]).stdin(records(1));
    let Some(run) = run.under(&["bash", "-c", shell]) else {
        return;
    };
    let _ = run.run().exits(0);
    let key = server.requests()[0]
        .header("X-C-Connector-Key")
        .map(str::to_owned);
    assert_eq!(key.as_deref(), Some("canary-7f3a"));
    let listen = [
        "tail",
        "--listen",
        "0",
        "--timeout",
        "1ms",
        "--listen-secret-file",
    ];
    let shell = "exec \"$0\" \"$@\" <(echo canary-7f3a)";
    let run = place.hivelog(listen).under(&["bash", "-c", shell]);
    let _ = run.expect("bash").run().exits(8);
}

#[test]
fn a_pipe_in_the_place_of_a_key_does_not_stop_the_sandbox() {
    let place = Place::new();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let profile = format!("[profile.t.synchive]\nurl = \"https://h\"\nkey_file = {pipe:?}\n");
    place.file(".config/hivelog/config.toml", profile);
    let args = ["sandbox", "run", "--allow-empty", "--", "true"];
    let _ = place.hivelog(args).run().exits(0);
}

#[test]
fn a_command_for_the_key_ends_with_the_program() {
    for signal in ["INT", "TERM"] {
        let place = Place::new();
        let script = "echo $$ > own; sleep 600 & echo $! > child.new; mv child.new child; wait";
        let command = format!("key_command = [\"sh\", \"-c\", {script:?}]");
        let profile = format!(
            "[profile.t.synchive]\nurl = \"http://127.0.0.1:9\"\nconnector = \"c\"\n{command}\n"
        );
        place.file(".config/hivelog/config.toml", profile);
        // In a session of its own, where no terminal is, as a job of cron is run.
        let run = place.hivelog(["emit", "-p", "t", "-"]).stdin(records(1));
        let running = run.under(&["setsid"]).expect("setsid").start();
        while !place.path("child").exists() {
            std::thread::yield_now();
        }
        running.signal(signal);
        assert_eq!(running.wait().code, None, "the signal ends it");
        for name in ["own", "child"] {
            let pid = std::fs::read_to_string(place.path(name)).expect("a number");
            let stat = format!("/proc/{}/stat", pid.trim());
            let deadline = std::time::Instant::now() + PATIENCE;
            while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
                assert!(std::time::Instant::now() < deadline, "{name} lives on");
                std::thread::yield_now();
            }
        }
    }
}
