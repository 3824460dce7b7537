//! Who may do what, which databases are taken, and how one is reached.

use super::{Shared, on_spool};
use crate::emit::record;
use crate::spool::sandbox;
use crate::support::postgres::{self, Cluster};
use crate::support::{Place, data};

const NOWHERE: &str = "http://localhost:9";

#[test]
fn each_role_may_do_its_part_and_no_more() {
    let Some(shared) = Shared::new() else { return };
    let name = |role: &str| format!("{}_{role}", shared.database);
    for role in ["sender", "drainer", "stranger"] {
        shared.sql(&format!("CREATE ROLE {} LOGIN", name(role)));
    }
    let grants = [
        "init",
        "--grant-sender",
        &name("sender"),
        "--grant-drainer",
        &name("drainer"),
    ];
    let granted = shared.spool(&grants).run().exits(0);
    assert!(
        granted
            .text()
            .lines()
            .all(|line| line.starts_with("GRANT "))
    );
    let sandbox = sandbox("");
    let on = |role: &str, args: &[&str]| {
        let url = shared.cluster.url(&name(role), &shared.database);
        on_spool(&shared.place, &url, &sandbox.url(), args)
    };
    let queue = ["emit", "--queue", "-"];
    let log = record("a", "5004N");
    let _ = on("sender", &queue).stdin(log.clone()).run().exits(0);
    let _ = on("sender", &["spool", "list"])
        .run()
        .exits(0)
        .says("5004N");
    let _ = on("sender", &["spool", "status"])
        .run()
        .exits(0)
        .says("1 ready");
    // Missing rights: a person has to give them, and nothing goes to this machine's inbox.
    for (role, args) in [
        ("sender", &["spool", "drop", "--all", "--yes"][..]),
        ("sender", &["spool", "drain"]),
        ("stranger", &["spool", "list"]),
        ("stranger", &queue),
    ] {
        let refused = on(role, args).stdin(log.clone()).run().exits(2);
        assert!(
            refused.errors().contains("permission denied"),
            "{}",
            refused.transcript()
        );
    }
    assert_eq!((shared.ready(), sandbox.ledger().len()), (1, 0));
    let _ = on("drainer", &["spool", "drain"]).run().exits(0);
    assert_eq!((shared.ready(), sandbox.ledger().len()), (0, 1));
    // One who may only append leaves the sending to whoever sends.
    let left = on("sender", &["emit", "-", "--retry-for", "100ms"])
        .stdin(log)
        .run()
        .exits(6);
    assert!(
        left.text().contains("another process is sending"),
        "{}",
        left.transcript()
    );
    assert_eq!(shared.ready(), 1);
}

#[test]
fn a_database_that_is_no_spool_or_another_one_is_refused_with_what_to_do() {
    let Some(shared) = Shared::new() else { return };
    let log = record("a", "5004N");
    let emit = |url: &str, args: &[&str]| {
        let mut all = vec!["emit", "--queue", "-"];
        all.extend(args);
        on_spool(&shared.place, url, NOWHERE, &all)
            .stdin(log.clone())
            .run()
    };
    let missing = shared.cluster.url("owner", "not_there");
    let _ = emit(&missing, &[]).exits(2).warns("does not exist");
    let empty = shared.cluster.url("owner", &shared.cluster.database());
    let _ = emit(&empty, &[]).exits(2).warns("hivelog spool init");
    shared.sql("UPDATE hivelog.spool SET format = 99");
    let _ = emit(&shared.url, &[])
        .exits(2)
        .warns("newer hivelog (format 99)");
    shared.sql("UPDATE hivelog.spool SET format = 1");
    let _ = emit(&shared.url, &[]).exits(0);
    // What loses what it has confirmed is taken only if that is wanted.
    let database = &shared.database;
    shared.sql(&format!(
        "ALTER DATABASE {database} SET synchronous_commit = off"
    ));
    let _ = emit(&shared.url, &[])
        .exits(2)
        .warns("synchronous_commit is off");
    let _ = emit(&shared.url, &["--allow-unsafe-database"]).exits(0);
    shared.sql(&format!(
        "ALTER DATABASE {database} RESET synchronous_commit"
    ));
    // As where the machine stopped before the id of the spool was written.
    let known = shared.place.path(".local/state/hivelog/postgres");
    for folder in std::fs::read_dir(known).expect("a folder") {
        let id = folder.expect("an entry").path().join("spool-id");
        std::fs::write(id, "").expect("a file");
    }
    let _ = emit(&shared.url, &[]).exits(0);
    // Made anew behind our back.
    shared.sql("UPDATE hivelog.spool SET id = gen_random_uuid()");
    let _ = emit(&shared.url, &[])
        .exits(2)
        .warns("another spool than before");
    assert_eq!(shared.ready(), 3);
}

#[test]
fn an_address_is_judged_before_anything_is_opened() {
    let place = Place::new();
    for (address, wanted) in [
        ("postgres://me:canary@db.example/d", "contains a password"),
        ("postgres://me@db.example/d?pasword=canary", "'pasword'"),
        ("postgres://me@db.example/d?sslmode=disable", "--allow-http"),
        ("postgres://me@db.example", "no database"),
        ("mysql://db.example/d", "use a folder or postgres://"),
    ] {
        let refused = on_spool(&place, address, NOWHERE, &["emit", "--queue", "-"])
            .run()
            .exits(2);
        let said = refused.transcript();
        assert!(refused.errors().contains(wanted), "{said}");
        assert!(!refused.errors().contains("canary"), "{said}");
        let shown = on_spool(&place, address, NOWHERE, &["config", "show"]).run();
        assert!(!shown.text().contains(":canary@"), "{}", shown.transcript());
    }
    // What it may show, it shows without asking anybody for a password.
    let profile = "[profile.x.spool]\nlocation = \"postgres://me@db.example/d\"\n\
                   password_command = [\"touch\", \"asked\"]\n";
    place.file("config.toml", profile);
    let _ = place
        .hivelog(["--config", "config.toml", "-p", "x", "spool", "path"])
        .run()
        .exits(0)
        .says("postgres://me@db.example/d");
    assert!(!place.path("asked").exists());
}

/// A server on the network of this machine, with TLS and passwords.
fn on_the_network() -> Option<Cluster> {
    let settings = "listen_addresses = '127.0.0.1,127.0.0.2'\nssl = on\n\
                    ssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n";
    let access = "local all all trust\nhost all all 127.0.0.0/8 scram-sha-256\n";
    Cluster::with(settings, &["server.pem", "server.key"], Some(access))
}

#[test]
fn certificates_and_passwords_are_checked() {
    let Some(cluster) = on_the_network() else {
        return;
    };
    let database = cluster.database();
    cluster.sql(&database, "ALTER ROLE owner PASSWORD 'canary:7f3a'");
    let place = Place::new();
    let by_socket = cluster.url("owner", &database);
    let _ = on_spool(&place, &by_socket, NOWHERE, &["spool", "init"])
        .run()
        .exits(0);
    let port = cluster.port();
    let at = |host: &str, more: &str| format!("postgres://owner@{host}:{port}/{database}{more}");
    let (ours, stranger) = (data("tls/ca.pem"), data("tls/selfsigned.pem"));
    let verified = |host: &str, root: &std::path::Path| {
        at(
            host,
            &format!("?sslmode=verify-full&sslrootcert={}", root.display()),
        )
    };
    let list = |url: &str| on_spool(&place, url, NOWHERE, &["spool", "list"]);
    let known = |url: &str| list(url).env("HIVELOG_SPOOL_PASSWORD", "canary:7f3a").run();
    let good = verified("localhost", &ours);
    let _ = known(&good).exits(0);
    let _ = known(&at("localhost", "?sslmode=require")).exits(0);
    let _ = known(&at("127.0.0.1", "")).exits(0);
    // Whom nobody vouches for, and who has another name, hears no password.
    let _ = known(&verified("localhost", &stranger))
        .exits(2)
        .warns("certificate");
    let _ = known(&verified("127.0.0.2", &ours))
        .exits(2)
        .warns("certificate");
    let _ = known(&verified("localhost", &place.path("none")))
        .exits(2)
        .warns("sslrootcert");

    let _ = list(&good).run().exits(4).warns("requires a password");
    let wrong = list(&good)
        .env("HIVELOG_SPOOL_PASSWORD", "wrong-canary")
        .run()
        .exits(4);
    assert!(
        !wrong.transcript().contains("wrong-canary\n"),
        "{}",
        wrong.transcript()
    );
    let refused = on_spool(&place, &good, NOWHERE, &["emit", "--queue", "-"])
        .env("PGPASSWORD", "wrong")
        .stdin(record("a", "5004N"))
        .run()
        .exits(4);
    assert!(
        refused.errors().contains("password authentication failed"),
        "{}",
        refused.transcript()
    );
    assert!(
        !place
            .path(".local/state/hivelog/postgres")
            .join("inbox")
            .exists()
    );
    // The other places a password comes from.
    let _ = list(&good).env("PGPASSWORD", "canary:7f3a").run().exits(0);
    let pgpass = place.file(
        ".pgpass",
        format!("localhost:{port}:*:owner:canary\\:7f3a\n"),
    );
    let _ = list(&good).run().exits(4);
    std::fs::set_permissions(&pgpass, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let _ = list(&good).run().exits(0);
    std::fs::remove_file(pgpass).expect("a file");
    let profile = format!(
        "[profile.x.spool]\nlocation = \"{good}\"\npassword_command = [\"echo\", \"canary:7f3a\"]\n"
    );
    place.file("config.toml", profile);
    let by_profile = |more: &[&str]| {
        let mut all = vec!["--config", "config.toml", "-p", "x", "spool", "list"];
        all.extend(more);
        place.hivelog(all).run()
    };
    let _ = by_profile(&[]).exits(0);
    // A profile's password is for its own spool.
    let other = at("127.0.0.1", "");
    let _ = by_profile(&["--spool", &other])
        .exits(2)
        .warns("belongs to another spool");
}

#[test]
fn a_spool_is_made_by_one_and_seen_by_all_at_once() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let place = Place::new();
    let url = cluster.url("owner", &cluster.database());
    let makers: Vec<_> = (0..3)
        .map(|_| on_spool(&place, &url, NOWHERE, &["spool", "init"]).start())
        .collect();
    for maker in makers {
        let _ = maker.wait().exits(0);
    }
    let _ = on_spool(&place, &url, NOWHERE, &["spool", "verify"])
        .run()
        .exits(0);
}
