//! A record goes out under the identity it was accepted for: address, connector, key header and
//! further headers together.

use super::{lines, numbered};
use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Place, Run};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The schema of the first build, word for word.
const FIRST_SCHEMA: &str = "
PRAGMA journal_mode = WAL;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    run BLOB NOT NULL,
    dest TEXT NOT NULL,
    source TEXT NOT NULL,
    record INTEGER NOT NULL,
    line INTEGER NOT NULL,
    code TEXT,
    correlation TEXT,
    integration TEXT,
    body BLOB NOT NULL,
    sum INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    counted INTEGER NOT NULL DEFAULT 0,
    maybe_dup INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT
);
CREATE INDEX event_ready ON event (dest, state, seq);
CREATE INDEX event_run ON event (run);
CREATE TABLE imported (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE dropped (id BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// Writes a key file and returns the profile that uses it.
fn profile(place: &Place, name: &str, url: &str, more: &str) -> String {
    let key = place.file(&format!("{name}.key"), format!("key-of-{name}"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    format!(
        "[profile.{name}.synchive]\nurl = \"{url}\"\nconnector = \"{name}_connector\"\n\
         key_file = \"{}\"\n{more}\n",
        key.display()
    )
}

fn configure(place: &Place, profiles: &[String]) {
    place.file(".config/hivelog/config.toml", profiles.concat());
}

fn run(place: &Place, args: &[&str]) -> Run {
    place.hivelog(args.iter().chain(&["--spool", "spool"]))
}

/// A server that answers 503 until that is changed.
fn down() -> (Server, Arc<AtomicBool>) {
    let up = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&up);
    let server = Server::answering(move |_, _| {
        let status = if state.load(Ordering::SeqCst) {
            "200 OK"
        } else {
            "503 x"
        };
        answer(status, "", "")
    });
    (server, up)
}

/// A spool of the first build that holds these records for an address.
pub fn first_spool(place: &Place, url: &str, records: &[String]) {
    place.file("spool/VERSION", "1\n");
    let folder = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(place.path("spool"), folder).expect("a mode");
    let database = rusqlite::Connection::open(place.path("spool/spool.db")).expect("a database");
    database.execute_batch(FIRST_SCHEMA).expect("the schema");
    for (number, body) in (1_i64..).zip(records) {
        let sum = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let inserted = database.execute(
            "INSERT INTO event (id, run, dest, source, record, line, code, correlation, body, \
             sum, accepted_ms) VALUES (randomblob(16), ?1, ?2, 'in', ?3, ?3, '5004N', ?3, ?4, \
             ?5, 1)",
            rusqlite::params![
                [2_u8; 16],
                format!("{url}/data-service/v1/eventLog"),
                number,
                body.as_bytes(),
                sum.cast_signed()
            ],
        );
        inserted.expect("a row");
    }
}

#[test]
fn what_one_profile_accepted_another_never_sends() {
    let place = Place::new();
    let (server, up) = down();
    let url = server.url();
    configure(
        &place,
        &[
            profile(
                &place,
                "shop",
                &url,
                "headers = { X-Tenant = \"canary-7f3a\" }",
            ),
            profile(&place, "erp", &url, ""),
        ],
    );
    let _ = run(&place, &["-p", "shop", "emit", "-", "--retry-for", "0s"])
        .stdin(numbered("a", 2, 1).join("\n"))
        .run()
        .exits(6);
    let kept = run(&place, &["spool", "list", "-o", "json"]).run().json();
    assert_eq!(kept[0]["connector"], "shop_connector");
    assert_eq!(kept[0]["keyHeader"], "x-shop-connector-key");
    assert_eq!(kept[0]["headers"][0], "x-tenant");
    for entry in std::fs::read_dir(place.path("spool")).expect("a folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("canary-7f3a"));
    }
    up.store(true, Ordering::SeqCst);
    let before = server.requests().len();
    let _ = run(&place, &["-p", "erp", "emit", "-"])
        .stdin(record("b", "5004N"))
        .run()
        .exits(0);
    let _ = run(&place, &["-p", "erp", "spool", "drain"])
        .run()
        .exits(0)
        .warns("2 records wait")
        .warns("shop_connector")
        .warns("spool drain -p shop");
    let _ = run(&place, &["-p", "shop", "spool", "drain"])
        .run()
        .exits(0);
    let sent: Vec<_> = server.requests()[before..]
        .iter()
        .map(|request| {
            let header = |name| request.header(name).unwrap_or_default().to_owned();
            (
                header("limber-connector"),
                header("x-erp-connector-key"),
                header("x-shop-connector-key"),
                header("x-tenant"),
            )
        })
        .collect();
    let erp = ("erp_connector", "key-of-erp", "", "");
    let shop = ("shop_connector", "", "key-of-shop", "canary-7f3a");
    let wanted = [erp, shop, shop]
        .map(|(a, b, c, d)| (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned()));
    assert_eq!(sent, wanted);
}

#[test]
fn a_destination_that_is_being_sent_to_does_not_hold_up_another() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url();
    configure(
        &place,
        &[
            profile(&place, "shop", &url, ""),
            profile(&place, "erp", &url, ""),
        ],
    );
    let forwarder = run(&place, &["-p", "shop", "spool", "drain", "--follow"]).start();
    forwarder.stderr.until("until stopped");
    let _ = run(&place, &["-p", "erp", "emit", "-"])
        .stdin(record("b", "5004N"))
        .run()
        .exits(0);
    forwarder.signal("TERM");
    forwarder.end().exits(143);
}

#[test]
fn a_record_of_the_first_build_is_sent_when_one_identity_alone_can_be_meant() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let body = record("old", "5004N");
    first_spool(&place, &server.url(), std::slice::from_ref(&body));
    configure(&place, &[profile(&place, "shop", &server.url(), "")]);
    let _ = run(&place, &["-p", "shop", "spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 1");
    let requests = server.requests();
    assert_eq!(
        requests[0].header("limber-connector"),
        Some("shop_connector")
    );
    assert_eq!(requests[0].body, body.as_bytes());
    let version = std::fs::read_to_string(place.path("spool/VERSION")).expect("a version");
    assert_eq!(version, "2\n", "an older hivelog refuses it");
}

#[test]
fn a_sender_of_the_first_build_is_named_that_keeps_its_records_back() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    first_spool(&place, &server.url(), &[record("old", "5004N")]);
    configure(&place, &[profile(&place, "shop", &server.url(), "")]);
    let sender = std::fs::File::create(place.path("spool/drain.lock")).expect("a file");
    sender.lock().expect("a lock");
    for args in [&["spool", "drain"][..], &["emit", "-", "--allow-empty"]] {
        let _ = run(&place, &[&["-p", "shop"], args].concat())
            .run()
            .warns("an older hivelog is sending from this spool: stop it first");
    }
    assert!(server.requests().is_empty());
    drop(sender);
    let _ = run(&place, &["-p", "shop", "spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 1");
}

#[test]
fn a_record_of_the_first_build_that_several_could_have_accepted_waits_for_a_person() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let url = server.url();
    first_spool(&place, &url, &[record("old", "5004N")]);
    configure(
        &place,
        &[
            profile(&place, "shop", &url, ""),
            profile(&place, "erp", &url, ""),
        ],
    );
    for args in [
        &["-p", "erp", "spool", "drain"][..],
        &["-p", "erp", "emit", "-", "--allow-empty"],
    ] {
        let _ = run(&place, args)
            .run()
            .exits(0)
            .warns("1 record waits")
            .warns("spool migrate");
    }
    assert!(server.requests().is_empty());
    let kept = lines(&place, &url);
    assert!(kept[0]["connector"].is_null(), "{kept:?}");
    let _ = run(&place, &["-p", "shop", "spool", "migrate"])
        .run()
        .exits(0)
        .says("migrated 1");
    let _ = run(&place, &["-p", "erp", "spool", "drain"]).run().exits(0);
    assert!(server.requests().is_empty());
    let _ = run(&place, &["-p", "shop", "spool", "drain"])
        .run()
        .exits(0)
        .says("delivered 1");
    assert_eq!(
        server.requests()[0].header("limber-connector"),
        Some("shop_connector")
    );
}

#[test]
fn a_record_of_the_first_build_whose_connector_no_profile_tells_waits() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    first_spool(&place, &server.url(), &[record("old", "5004N")]);
    let _ = super::run(&place, &server.url(), &["spool", "drain"])
        .run()
        .exits(0)
        .warns("spool migrate");
    assert!(server.requests().is_empty());
}

#[test]
fn every_configured_destination_is_sent_to_and_one_that_is_held_holds_up_no_other() {
    let place = Place::new();
    let up = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&up);
    let server = Server::answering(move |_, request| {
        let status = match request.header("limber-connector") {
            Some("erp_connector") => "401 x",
            _ if state.load(Ordering::SeqCst) => "200 OK",
            _ => "503 x",
        };
        answer(status, "", "")
    });
    let url = server.url();
    let known = [
        profile(&place, "erp", &url, ""),
        // Nothing waits for it, so nobody asks for its key.
        profile(&place, "idle", &url, "").replace("idle.key", "no-such.key"),
        profile(&place, "shop", &url, ""),
    ];
    let gone = profile(&place, "gone", "http://127.0.0.1:9", "");
    configure(&place, &[known.concat(), gone]);
    for name in ["erp", "shop", "gone"] {
        let _ = run(&place, &["-p", name, "emit", "-", "--retry-for", "0s"])
            .stdin(numbered(name, 2, 2).join("\n"))
            .run();
    }
    configure(&place, &known);
    assert_eq!(lines(&place, &url).len(), 6);
    up.store(true, Ordering::SeqCst);
    let _ = run(&place, &["spool", "drain", "--all-profiles"])
        .env("HIVELOG_KEY", "of-no-profile")
        .run()
        .exits(7)
        .says("delivered 2")
        .says("kept 2")
        .warns("2 records wait for http://127.0.0.1:9/")
        .warns("gone_connector")
        .warns("no profile has this");
    for request in server.requests() {
        assert!(!request.head.contains("of-no-profile"), "{}", request.head);
    }
}

#[test]
fn a_forwarder_leaves_a_destination_that_is_held_to_others_and_tries_it_again() {
    for all in [false, true] {
        let place = Place::new();
        let server = Server::answering(|_, request| {
            let erp = request.header("limber-connector") == Some("erp_connector");
            let works = !erp || request.head.contains("key-that-works");
            answer(if works { "200 OK" } else { "401 x" }, "", "")
        });
        let url = server.url();
        configure(
            &place,
            &[
                profile(&place, "erp", &url, ""),
                profile(&place, "shop", &url, ""),
            ],
        );
        let follow = ["spool", "drain", "--follow", "-o", "ndjson"];
        let follower = if all {
            run(&place, &[&follow[..], &["--all-profiles"]].concat())
        } else {
            run(&place, &[&follow[..], &["-p", "erp"]].concat())
        };
        let follower = follower.start();
        follower.stderr.until("until stopped");
        let queue = |id: &str| {
            run(&place, &["-p", "erp", "emit", "-", "--queue"])
                .stdin(record(id, "5004N"))
                .run()
                .exits(0)
        };
        queue("first");
        follower.stdout.until("\"status\":\"kept\"");
        let held = follower.stderr.until(" is held");
        assert!(held.contains("401"), "{held}");
        // Another process with a key that works sends at once, what waits before its own.
        let _ = run(&place, &["-p", "erp", "emit", "-", "--retry-for", "10m"])
            .env("HIVELOG_KEY", "key-that-works")
            .stdin(record("second", "5004N"))
            .run()
            .exits(0)
            .says("delivered 1");
        // The forwarder tries again with the key as it is now.
        queue("third");
        place.file("erp.key", "key-that-works");
        run(&place, &["spool", "retry", "--all", "--yes"])
            .run()
            .exits(0);
        follower.stdout.until("\"correlationId\":\"third\"");
        follower.signal("TERM");
        let ended = follower.end().exits(143);
        assert!(!ended.errors().contains(" is held"), "{}", ended.errors());
        let taken: Vec<_> = server
            .requests()
            .iter()
            .filter(|request| request.head.contains("key-that-works"))
            .map(|request| String::from_utf8_lossy(&request.body).into_owned())
            .collect();
        assert_eq!(taken.len(), 3, "{taken:?}");
        for (body, id) in taken.iter().zip(["first", "second", "third"]) {
            assert!(body.contains(&format!("\"{id}\"")), "{id}: {body}");
        }
    }
}
