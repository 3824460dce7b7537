//! Examples of every subcommand, for its help and its manual page.

/// A subcommand's path, and what one of its commands prints.
const SCENES: [(&str, &str); 3] = [
    ("journey", include_str!("../../docs/scenes/journey.txt")),
    ("stats", include_str!("../../docs/scenes/night.txt")),
    ("stats", include_str!("../../docs/scenes/compare.txt")),
];

/// Commands of a subcommand with what they print.
pub fn scenes(path: &str) -> impl Iterator<Item = &'static str> {
    let scenes = SCENES.iter().filter(move |(of, _)| *of == path);
    scenes.map(|(_, scene)| *scene)
}

/// A subcommand's path, and command lines to copy.
pub const EXAMPLES: &[(&str, &str)] = &[
    (
        "",
        "\
hivelog emit --sandbox examples/three-journeys.ndjson
hivelog validate logs.ndjson
hivelog sandbox run -- npm test
hivelog tail --until 'trigger.schedule.ok flow_name=Orders' --timeout 10m
hivelog explain 4005E",
    ),
    (
        "emit",
        "\
hivelog emit --sandbox -c 5005N -s INBOUND_3 --outcome PROCESSING \\
    --integration ShopifyNZ --shape Product --schema limber \\
    --external-id ShopifyNZ=9217354452632
hivelog emit logs.ndjson --set mode=SANDBOX --rejected refused.ndjson
hivelog emit --queue logs.ndjson
tail -f connector.log | hivelog emit -o ndjson",
    ),
    (
        "validate",
        "\
hivelog validate logs.ndjson
hivelog validate --whole --rule detail-missing=error logs/
hivelog validate --fix --diff logs.ndjson
hivelog validate --report junit=event-logs.xml logs.ndjson
connector --print-logs | hivelog validate -o ndjson -
hivelog validate --filter valid - < logs.ndjson | hivelog emit -",
    ),
    (
        "codes",
        "\
hivelog codes rate limit
hivelog codes --level W --category contact
hivelog codes pick --side external --http 429 --retrying
hivelog codes export --format json-schema > event-log.schema.json",
    ),
    ("codes stages", "hivelog codes stages inbound"),
    ("codes outcomes", "hivelog codes outcomes failed"),
    ("codes modes", "hivelog codes modes"),
    ("codes sys", "hivelog codes sys 'trigger.*'"),
    (
        "codes rules",
        "\
hivelog codes rules iri
hivelog codes rules -o csv > rules.csv",
    ),
    (
        "codes pick",
        "\
hivelog codes pick --side external --http 429 --retrying
hivelog codes pick --side synchive --category data",
    ),
    (
        "codes export",
        "\
hivelog codes export --format typescript > event-codes.ts
hivelog codes export --format json-schema > event-log.schema.json",
    ),
    (
        "explain",
        "\
hivelog explain 4004
hivelog explain OUTBOUND_4 RETRYING
hivelog explain trigger.schedule.failed
hivelog explain 'Rate Limit Exceeded'
hivelog explain 'flow validation failed: node 3'",
    ),
    (
        "tail",
        "\
hivelog tail -t @bad --since 2h
hivelog tail --until 'trigger.schedule.ok flow_name=Orders' --timeout 10m
hivelog tail --where 'duration_ms > 2s or data.inputs > 100'
hivelog tail --resume night -o ndjson >> night.ndjson
hivelog tail --listen :8080 --ready-file ready
hivelog tail --summary night.ndjson
hivelog tail --sandbox",
    ),
    (
        "journey",
        "\
hivelog journey logs.ndjson
hivelog journey 14cac731 logs.ndjson night.ndjson
hivelog journey 9217354452632 logs/ --open
hivelog journey --status failed --since yesterday logs/",
    ),
    (
        "run",
        "\
hivelog run -s INBOUND_2 --shape Product --external-id ShopifyNZ=42 \\
    --on-start 5004N --on-success 2000N --on-failure 2002E -- ./import.sh",
    ),
    (
        "spool",
        "\
hivelog spool status
hivelog spool list --dead
hivelog spool drain",
    ),
    (
        "spool status",
        "\
hivelog spool status
hivelog spool status --fail-on 'oldest>1h' --fail-on dead
hivelog spool status -o prometheus",
    ),
    (
        "spool list",
        "\
hivelog spool list
hivelog spool list --dead --code '5*' -o json",
    ),
    ("spool show", "hivelog spool show 7f3a91c2"),
    (
        "spool drain",
        "\
hivelog spool drain
hivelog spool drain --follow
hivelog spool drain --dead --all-profiles",
    ),
    (
        "spool retry",
        "\
hivelog spool retry 7f3a91c2
hivelog spool retry --dead --code 5003E",
    ),
    (
        "spool drop",
        "\
hivelog spool drop 7f3a91c2
hivelog spool drop --dead --since 2026-11-25T00:00:00Z --yes",
    ),
    (
        "spool export",
        "\
hivelog spool export > waiting.ndjson
hivelog spool export --dead | hivelog validate -
hivelog spool export -o ndjson > backup.ndjson",
    ),
    (
        "spool import",
        "\
hivelog spool import backup.ndjson
hivelog spool export -o ndjson | ssh backup hivelog spool import -",
    ),
    ("spool verify", "hivelog spool verify"),
    ("spool migrate", "hivelog spool migrate"),
    ("spool path", "du -h \"$(hivelog spool path)\""),
    (
        "spool init",
        "\
hivelog spool init --spool postgres://owner@db.example.com/hivelog
hivelog spool init --grant-sender shop --grant-drainer sender",
    ),
    (
        "spool move",
        "hivelog spool move --to postgres://sender@db.example.com/hivelog",
    ),
    (
        "stats",
        "\
hivelog stats night.ndjson
hivelog stats --by error night.ndjson
hivelog stats --by hour --percentiles 50,99 night.ndjson
hivelog stats --by code logs/ -o json
hivelog stats --fail-on 'errorRate>0.05' --fail-on 'p95(duration_ms)>2s' \\
    night.ndjson",
    ),
    (
        "sandbox",
        "\
hivelog sandbox
hivelog sandbox --port 7930 --faults '503:5%, delay:50ms..200ms'
hivelog sandbox run --expect tests/event-logs.toml -- npm test",
    ),
    (
        "sandbox run",
        "\
hivelog sandbox run -- npm test
hivelog sandbox run --expect tests/event-logs.toml --update -- npm test
hivelog sandbox run --expect tests/event-logs.toml --report github -- \\
    npm test
hivelog sandbox run --faults '503:first=2' --whole -- ./run-tests.sh",
    ),
    (
        "sandbox fire",
        "\
hivelog sandbox fire trigger.schedule.failed \\
    --set flow_name='Nightly orders' --then trigger.schedule.disabled \\
    --server http://127.0.0.1:7930",
    ),
    (
        "sandbox play",
        "\
hivelog sandbox play night.ndjson --speed 60x \\
    --server http://127.0.0.1:7930",
    ),
    (
        "config",
        "\
hivelog config init
hivelog config list
hivelog config use live
hivelog config show --origin",
    ),
    (
        "config init",
        "\
hivelog config init
hivelog config init -p staging",
    ),
    ("config list", "hivelog config list -o json"),
    ("config use", "hivelog config use live"),
    ("config edit", "EDITOR=nano hivelog config edit"),
    (
        "config show",
        "\
hivelog config show --origin
hivelog config show -o json",
    ),
    ("config path", "cat \"$(hivelog config path)\""),
    (
        "doctor",
        "\
hivelog doctor
hivelog doctor --probe",
    ),
    ("completions", "hivelog completions zsh > ~/.zfunc/_hivelog"),
    (
        "man",
        "\
hivelog man
hivelog man spool-drain
hivelog man --dir ~/.local/share/man/man1",
    ),
    (
        "help",
        "\
hivelog help exit-codes
hivelog help spool drain
hivelog help where",
    ),
];

/// The examples of the subcommand at this path.
pub fn of(path: &str) -> Option<&'static str> {
    let found = EXAMPLES.iter().find(|(known, _)| *known == path);
    found.map(|(_, lines)| *lines)
}
