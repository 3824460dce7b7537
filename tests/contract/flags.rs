//! Every flag that is promised is taken with what is promised behind it, and is in the help.

use crate::support::hivelog;

/// A subcommand and what may stand behind it, one promise each.
const PROMISED: &[(&str, &[&str])] = &[
    (
        "emit",
        &[
            "-c 4005E",
            "--code 4005E",
            "-s INBOUND_2",
            "--stage INBOUND_2",
            "-d INBOUND",
            "--direction INBOUND",
            "--outcome FAILED",
            "--correlation-id x",
            "--detail x",
            "--detail @file",
            "--state x",
            "--cause x",
            "--action x",
            "--technical-info @file",
            "--data-iri x",
            "--external-id A=1 --external-id B=2",
            "--integration A",
            "--shape B",
            "--schema limber",
            "--schema-version 2.1.0",
            "--mode LIVE",
            "--mode SANDBOX",
            "--stream a",
            "--custom-data {}",
            "--link-identities @file",
            "--generated-at now",
            "--generated-at none",
            "--default a.b=1 --default c=2",
            "--set a=1 --set b=2",
            "-i",
            "--url http://127.0.0.1:1",
            "--connector c",
            "--key-header X-K",
            "-H a:b --header c:d",
            "--jobs 8",
            "--rate 5/s",
            "--timeout 10s",
            "--retry-for 30s",
            "--spool path",
            "--no-spool",
            "--fail-on error",
            "--fail-on warning",
            "--fail-on hint",
            "--fail-on never",
            "--no-validate",
            "--fail-fast",
            "--rejected f",
            "--receipts",
            "--dry-run",
            "--as-curl",
            "--sandbox",
            "--allow-empty",
            "-",
            "a b",
            "-o ndjson",
            "-p x --config none --color never --timezone +12:00 --no-input -q",
        ],
    ),
    (
        "validate",
        &[
            "--schema auto",
            "--schema event-log",
            "--schema sys-event",
            "--rule unknown-field=error --rule wrong-type=off",
            "--only unknown-field,wrong-type",
            "--skip unknown-field",
            "--fail-on error",
            "--fail-on warning",
            "--fail-on hint",
            "--fail-on never",
            "--max-findings 3",
            "--fail-fast",
            "--whole",
            "--journey-key integrationKey,correlationId,direction,stream",
            "--now 2026-01-01T00:00:00Z",
            "--filter valid",
            "--filter invalid",
            "--fix",
            "--fix=timestamp",
            "--fix --diff",
            "--baseline f",
            "--write-baseline f",
            "--report sarif",
            "--report junit=f --report github=g --report gitlab=h",
            "--report json=f --report markdown=g",
            "--stdin-name n",
            "--allow-empty",
            "--all",
            "-",
            "a b",
            "-o ndjson",
            "-o json",
            "-o human",
        ],
    ),
    (
        "tail",
        &[
            "--listen :8080",
            "--listen 127.0.0.1:0",
            "--sandbox",
            "-",
            "a b",
            "--server http://127.0.0.1:1",
            "--events-path /e",
            "--transport auto",
            "--transport sse",
            "--transport ndjson",
            "--transport websocket",
            "--transport poll",
            "--poll-interval 5s",
            "--username u",
            "--envelope /a",
            "--since 15m",
            "--last 5",
            "--no-follow",
            "-t *.failed,!*.sync",
            "--type @bad,@auth,@trigger,@server",
            "--kind sys",
            "--kind usr",
            "--kind all",
            "--trigger t",
            "--flow f",
            "--status 500",
            "--slower-than 2s",
            "--grep x.*y",
            "--until *.ok",
            "--fail-on *.failed",
            "--expect *.ok",
            "--count 3",
            "--timeout 5s",
            "--idle-timeout 5s",
            "--settle 1s",
            "--page-items /items",
            "--cursor-param c",
            "--cursor-param c --page-items /i --cursor-pointer /next",
            "--subprotocol prefect",
            "--hello hi",
            "--auth bearer",
            "--auth basic --username u",
            "--auth header:X-Key",
            "--type-from sse-event",
            "--type-from /a/b",
            "--listen :1 --listen-path /x",
            "--listen :1 --listen-secret-header X-S",
            "--listen :1 --listen-secret-file f",
            "--reconnect 5",
            "--reconnect forever",
            "--resume n",
            "--gap warn",
            "--gap fail",
            "--gap ignore",
            "--ready-file f",
            "--hide-self",
            "--meta",
            "-o human",
            "-o ndjson",
            "-o json",
            "-o csv",
            "-o table",
            "-o logfmt",
            "-o cloudevents",
            "--fields a,b",
            "--time full",
            "--time short",
            "--time delta",
            "--time none",
            "--redact a,b",
            "--summary",
            "--summary=5s",
            "--tee f",
        ],
    ),
    (
        "run",
        &[
            "--on-start 1000N -- true",
            "--on-success 5000N -- true",
            "--on-failure 0000E --tail-lines 5 -- false a b",
            "-s INBOUND_2 -- true",
        ],
    ),
    ("journey", &["", "-", "14cac731 a b"]),
    (
        "stats",
        &[
            "--by flow",
            "--by trigger",
            "--by type",
            "--by code",
            "--by hour",
            "--field duration_ms",
            "--percentiles 50,90,99",
            "--fail-on p95(duration_ms)>2s",
            "-",
            "a b",
        ],
    ),
    ("spool list", &[""]),
    ("spool show", &["x"]),
    (
        "spool drain",
        &["", "--follow", "--url http://127.0.0.1:1 --connector c"],
    ),
    ("spool retry", &["x"]),
    ("spool drop", &["x --yes"]),
    ("spool export", &[""]),
    ("spool verify", &[""]),
    ("spool path", &[""]),
    (
        "sandbox",
        &["--port 0", "--seed 7", "--faults 503", "--record f"],
    ),
    (
        "sandbox run",
        &[
            "-- true",
            "--fail-on warning -- true",
            "--expect f -- true",
            "--report junit=f --report sarif -- true a b",
        ],
    ),
    (
        "sandbox fire",
        &[
            "trigger.event.ok",
            "trigger.event.ok --set a=1 --set b=2 --then server.started",
        ],
    ),
    ("sandbox play", &["f", "f --speed 60x"]),
    ("config init", &[""]),
    ("config show", &["", "--origin"]),
    ("config path", &[""]),
    ("doctor", &["", "--probe", "--allow-http"]),
    ("completions", &["bash", "zsh", "fish"]),
    ("man", &["", "--dir d"]),
    ("explain", &["4004", "4004 FAILED INBOUND_1"]),
    (
        "codes",
        &[
            "",
            "auth failed",
            "--level N",
            "--level W",
            "--level E",
            "--level info",
            "--level warning",
            "--level error",
            "--category data",
            "--category logic",
            "--category filter",
            "--category contact",
            "--category exchange",
            "--category internal",
            "stages",
            "outcomes",
            "modes",
            "sys",
            "sys *.failed",
            "rules",
        ],
    ),
    (
        "codes pick",
        &[
            "--side synchive",
            "--side external --http 503 --retrying --category contact",
        ],
    ),
    (
        "codes export",
        &[
            "--format json",
            "--format csv",
            "--format markdown",
            "--format typescript",
            "--format rust",
            "--format java",
            "--format json-schema",
        ],
    ),
    (
        "help",
        &[
            "exit-codes",
            "environment",
            "filters",
            "formats",
            "pipelines",
        ],
    ),
];

#[test]
fn every_promised_flag_is_accepted_and_in_the_help() {
    let mut broken = Vec::new();
    for (verb, promises) in PROMISED {
        let path: Vec<&str> = verb.split(' ').collect();
        let help = hivelog(path.iter().chain(&["--help"]))
            .run()
            .exits(0)
            .text();
        let listed: Vec<&str> = help
            .split(|c: char| !(c == '-' || c.is_ascii_alphanumeric()))
            .collect();
        for promise in *promises {
            let words = promise.split(' ').filter(|word| !word.is_empty());
            let line = ["hivelog"]
                .iter()
                .chain(&path)
                .copied()
                .chain(words.clone());
            if let Err(error) = hivelog::cli::command().try_get_matches_from(line) {
                broken.push(format!("{verb} {promise}: {error}"));
            }
            let flags = words.take_while(|word| *word != "--");
            for flag in flags.filter(|word| word.starts_with('-') && *word != "-") {
                let name = flag.split('=').next().unwrap_or(flag);
                if !listed.contains(&name) {
                    broken.push(format!("{name} is not in the help of {verb}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// `--where` takes a test with blanks in it.
#[test]
fn tests_with_blanks_are_one_value() {
    for (flag, value) in [
        ("--where", "data.inputs > 100"),
        (
            "--until",
            "trigger.schedule.ok flow_name=Orders duration_ms<2000",
        ),
    ] {
        let line = ["hivelog", "tail", flag, value];
        assert!(hivelog::cli::command().try_get_matches_from(line).is_ok());
    }
}
