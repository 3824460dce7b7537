//! The topics of `hivelog help`. What is in a table elsewhere is read from that table.

use crate::commands::help::{Block, Topic};
use crate::failure::Exit;
use crate::model::format::Format;
use crate::settings::keys::{FIELD_VARIABLES, KEYS, Kind, OTHER_VARIABLES};

/// Every topic, in the order in which they are named to users.
pub fn all() -> Vec<Topic> {
    vec![
        exit_codes(),
        environment(),
        filters(),
        formats(),
        pipelines(),
    ]
}

/// How the process ends.
pub fn exit_codes() -> Topic {
    Topic {
        name: "exit-codes",
        title: "Exit codes",
        blocks: vec![
            Block::Terms(
                Exit::ALL
                    .into_iter()
                    .map(|exit| (exit.code().to_string(), exit.meaning().to_owned()))
                    .collect(),
            ),
            Block::text(
                "emit ends with 0 when every record was delivered, with the reason's code when none was and all for one reason, and with 7 when it is mixed. validate ends with 3 rather than 1 when part of the input could not be read. tail ends by the first condition that comes true. Input without a record is 3 unless --allow-empty is given.",
            ),
            Block::text("A reader that leaves early, as head does, never changes the code."),
        ],
    }
}

fn environment() -> Topic {
    let mut variables: Vec<(String, String)> = OTHER_VARIABLES
        .iter()
        .map(|(name, meaning)| ((*name).to_owned(), (*meaning).to_owned()))
        .collect();
    variables.extend(KEYS.iter().filter_map(|key| {
        let name = key.variable?.to_owned();
        Some((name, key.description.to_owned()))
    }));
    variables.extend(FIELD_VARIABLES.iter().map(|(field, variable)| {
        let field = field.name();
        let meaning = format!("{field}, when an event log is composed from flags");
        ((*variable).to_owned(), meaning)
    }));
    Topic {
        name: "environment",
        title: "Variables and the profile file",
        blocks: vec![
            Block::text(
                "Precedence, highest first: flags, environment, profile, settings outside any profile, built-in defaults. 'hivelog config show --origin' says which one did.",
            ),
            Block::Heading("Variables"),
            Block::Terms(variables),
            Block::Heading("Variables of others"),
            Block::terms([
                ("NO_COLOR", "when set, no colour"),
                (
                    "CLICOLOR_FORCE",
                    "when set and not 0, colour even where no terminal is",
                ),
                ("TERM", "dumb means no colour"),
                (
                    "COLUMNS",
                    "the width to write for, where it is not the terminal's",
                ),
                ("CI", "when set, nothing is ever asked"),
                (
                    "HTTPS_PROXY, ALL_PROXY",
                    "the proxy for https:// addresses, as http://host:port or https://host:port; one that cannot be used is an error. http:// addresses and this machine are always reached directly: a proxy would see the key",
                ),
                (
                    "NO_PROXY",
                    "what is reached directly: *, hosts and domains, IP addresses and networks, each with or without a port, separated by commas",
                ),
                (
                    "SSL_CERT_FILE",
                    "certificate authorities to trust instead of the system's",
                ),
                (
                    "XDG_CONFIG_HOME, XDG_STATE_HOME",
                    "where the profile file and undelivered records are kept",
                ),
            ]),
            Block::Heading("Files"),
            Block::terms([
                (
                    "$XDG_CONFIG_HOME/hivelog/config.toml",
                    "the profile file; --config FILE or HIVELOG_CONFIG names another, 'none' does without",
                ),
                (
                    "$XDG_STATE_HOME/hivelog/",
                    "undelivered records and the positions of tail --resume",
                ),
            ]),
            Block::Heading("The profile file"),
            Block::text(
                "'hivelog config init' writes it. A setting stands in a section of a profile; in a section outside any profile it holds for all of them.",
            ),
            Block::Example(
                "default_profile = \"staging\"\n\n[profile.staging.synchive]\nurl = \"https://staging.example.com\"\nconnector = \"shopify_connector\"\nkey_command = [\"pass\", \"show\", \"synchive/staging\"]\n\n[profile.staging.defaults]\nintegrationKey = \"ShopifyNZ\"\nschemaName = \"limber\"\nmode = \"SANDBOX\"",
            ),
            Block::Terms(
                KEYS.iter()
                    .filter(|key| key.kind != Kind::Secret)
                    .map(|key| {
                        let built_in = key
                            .built_in
                            .map_or_else(String::new, |value| format!(" [{value}]"));
                        (
                            key.name.to_owned(),
                            format!("{}{built_in}", key.description),
                        )
                    })
                    .collect(),
            ),
            Block::text(
                "A secret never stands in the file itself: it comes from its variable, from a file that only its owner can read, or from a command that prints it. A profile's secret is only sent to that profile's own address.",
            ),
        ],
    }
}

fn filters() -> Topic {
    Topic {
        name: "filters",
        title: "Choosing events and deciding by them",
        blocks: vec![
            Block::text(
                "tail shows the events that every filter lets through, and can end by what it sees.",
            ),
            Block::Heading("Types"),
            Block::terms([
                (
                    "-t trigger.*.failed",
                    "types that fit; the star stands for any characters",
                ),
                (
                    "-t auth.ok,auth.error",
                    "several, separated by commas or given with several -t",
                ),
                ("-t '!*.sync'", "all but these"),
                (
                    "-t @bad",
                    "a group: *.error, *.failed, *.disabled and license.invalid",
                ),
                (
                    "-t @auth, @trigger, @server",
                    "the types that begin with that word; @server has license.* as well",
                ),
                (
                    "--kind sys|usr|all",
                    "the server's own events (the default), those of flows, or both",
                ),
            ]),
            Block::Heading("Content"),
            Block::terms([
                (
                    "--trigger ID|NAME",
                    "of one trigger; schedules and event triggers alike",
                ),
                ("--flow ID|NAME", "of one flow"),
                (
                    "--status STATUS",
                    "with this status, as a status node has set it",
                ),
                ("--slower-than 2s", "that ran longer"),
                ("--grep REGEX", "whose text fits"),
                (
                    "--where 'data.inputs > 100'",
                    "with a field that passes a test",
                ),
            ]),
            Block::Heading("Conditions"),
            Block::text(
                "--until, --fail-on and --expect take a condition: a type glob, then tests of fields, all of which must hold. Tests are = != < <= > >= and ~ for a regular expression; numbers compare as numbers, and a value with spaces stands in double quotes.",
            ),
            Block::Example(
                "hivelog tail --until 'trigger.schedule.ok flow_name=Orders duration_ms<2000'\nhivelog tail --expect 'auth.ok username=\"night shift\"' --timeout 10m\nhivelog tail --fail-on @bad --until server.shutdown",
            ),
            Block::text(
                "The first condition to come true ends it: --until with 0, --fail-on with 1. --count ends after so many events, --timeout and --idle-timeout with 8.",
            ),
        ],
    }
}

fn formats() -> Topic {
    let about = |format: Format| match format {
        Format::Human => "for people: aligned, in colour on a terminal",
        Format::Table => "a plain table",
        Format::Json => "one JSON array",
        Format::Ndjson => "one JSON object a line, each written as soon as it is known",
        Format::Csv => "comma-separated values with a header line (RFC 4180)",
        Format::Logfmt => "key=value lines (tail)",
        Format::Cloudevents => "CloudEvents 1.0 in JSON, one a line (tail)",
        Format::Prometheus => "metrics in the text format of Prometheus (spool status)",
    };
    Topic {
        name: "formats",
        title: "Input and output",
        blocks: vec![
            Block::Heading("Output, chosen with -o"),
            Block::Terms(
                Format::ALL
                    .into_iter()
                    .map(|format| (format.name().to_owned(), about(format).to_owned()))
                    .collect(),
            ),
            Block::text(
                "A command that does not have a format says which ones it has. The default is human; tail writes ndjson when its output is not a terminal. Names of JSON fields are a contract: fields may be added, none is renamed or dropped. Results go to standard output and nothing else does; notices, progress and errors go to standard error.",
            ),
            Block::text(
                "In every format for people, control characters and the like in text from others are shown escaped. What is stored or sent is never changed.",
            ),
            Block::Heading("Input"),
            Block::text(
                "validate and emit read files, folders (validate) and - for standard input: one JSON object, an array, one object a line, or objects one behind the other. Which one it is is detected from the content. A byte-order mark and CRLF line ends are accepted.",
            ),
            Block::Heading("Time"),
            Block::terms([
                ("durations", "250ms, 90s, 1h30m, 2d"),
                (
                    "instants",
                    "2024-05-03T17:30:00+12:00 (RFC 3339), 2024-05-03 17:30:00.895 +1200, '15m ago', now, or seconds or milliseconds since 1970",
                ),
                (
                    "--timezone",
                    "local, utc or an offset such as +12:00; JSON keeps the source's own text",
                ),
            ]),
        ],
    }
}

fn pipelines() -> Topic {
    Topic {
        name: "pipelines",
        title: "In scripts and pipelines",
        blocks: vec![
            Block::Heading("Check before sending"),
            Block::Example(
                "hivelog validate logs.ndjson && hivelog emit logs.ndjson\nhivelog validate --filter valid logs.ndjson | hivelog emit -",
            ),
            Block::Heading("Read results by machine"),
            Block::Example(
                "hivelog emit -o ndjson logs.ndjson | jq -r 'select(.status == \"refused\") | .line'\nhivelog validate -o json logs.ndjson | jq -r '.[] | select(.rule) | .rule' | sort | uniq -c\nhivelog codes -o csv > codes.csv",
            ),
            Block::Heading("Wait for something"),
            Block::Example(
                "hivelog tail --until 'trigger.schedule.ok flow_name=Orders' --timeout 10m\ncase $? in 0) echo done ;; 8) echo 'not in time' ;; *) echo failed ;; esac",
            ),
            Block::Heading("Try without a server"),
            Block::Example("hivelog emit --sandbox logs.ndjson\nhivelog tail --sandbox"),
            Block::text(
                "Nothing is asked unless a terminal is there; --no-input, HIVELOG_NO_INPUT or CI forbid it even then. A secret never goes on the command line: use HIVELOG_KEY, a key_file or a key_command.",
            ),
            Block::text(
                "A reader that leaves early ends the showing quietly: validate still ends with its verdict, and emit still sends what is left. The first Ctrl-C or SIGTERM stops cleanly with 130 or 143, the second at once.",
            ),
        ],
    }
}
