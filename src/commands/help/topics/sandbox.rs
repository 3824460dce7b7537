//! The emulator, and a program's tests against it.

use crate::commands::help::{HelpBlock, Topic};

/// What `sandbox run` gives and expects.
pub fn sandbox() -> Topic {
    Topic {
        title: "Testing a connector",
        blocks: vec![
            HelpBlock::text(
                "'sandbox' runs SyncHive's event log API and an automation server's event stream on this machine, with a page that shows what arrives. 'sandbox run -- COMMAND' starts the same for one command, typically a connector's test suite, and judges the event logs it sent: it exits with the command's own code if that is not 0, with 1 when findings or the expectation fail the run, and with 3 when no event log arrived.",
            ),
            HelpBlock::Example(
                "hivelog sandbox run -- npm test\nhivelog sandbox run --expect tests/event-logs.toml --update -- npm test\nhivelog sandbox run --expect tests/event-logs.toml \\\n    --report junit=logs.xml -- npm test",
            ),
            HelpBlock::Heading("Variables that the command gets"),
            variables(),
            HelpBlock::text("HIVELOG_PROFILE is removed. Everything else is passed on as it is."),
            HelpBlock::Heading("The file of --expect (TOML)"),
            HelpBlock::text(
                "Only what the file names is checked. --update writes it from what was seen; review it like any other test.",
            ),
            HelpBlock::Example(
                "journeys = 2                    # how many there are in all\ncodes = [\"5004N\"]               # each must occur\nforbidden = [\"0000E\"]           # none may occur\n\n[[journey]]                     # a kind of journey; any number of tables\ncount = 2                       # how many are of this kind [1]\nintegration = \"ShopifyNZ\"       # integrationKey\ndirection = \"INBOUND\"\ncodes = [\"5004N\", \"5000N\"]      # exactly these, in order\nends = \"MESSAGE_DELIVERED\"      # the last outcome",
            ),
            HelpBlock::text(
                "With one or more [[journey]] tables, a journey that matches none of them is a difference. A journey of which every event log was rejected does not count.",
            ),
            HelpBlock::Heading("Faults"),
            faults(),
            HelpBlock::Example(
                "hivelog sandbox run --faults '503:first=2, delay:50ms..200ms' -- npm test",
            ),
            HelpBlock::text(
                "A request can ask for faults of its own with the header X-Sandbox-Faults.",
            ),
            HelpBlock::Heading("Events"),
            HelpBlock::Example(
                "hivelog sandbox fire trigger.schedule.failed \\\n    --set flow_name='Nightly orders' --then trigger.schedule.disabled \\\n    --server http://127.0.0.1:7930\nhivelog sandbox play night.ndjson --speed 60x --server http://127.0.0.1:7930",
            ),
        ],
    }
}

fn variables() -> HelpBlock {
    HelpBlock::terms([
        ("SYNCHIVE_URL", "the sandbox's address, for the connector"),
        (
            "SYNCHIVE_KEY",
            "a key of this run, to be sent in any X-<Name>-Connector-Key header",
        ),
        (
            "HIVELOG_SYNCHIVE_URL, HIVELOG_CONNECTOR, HIVELOG_KEY, HIVELOG_KEY_HEADER",
            "the same for hivelog emit within the command",
        ),
        (
            "HIVELOG_SPOOL",
            "a spool for this run, removed when the command ends",
        ),
        ("HIVELOG_SERVER_URL", "the event stream, for hivelog tail"),
        (
            "HIVELOG_SERVER_USERNAME, HIVELOG_SERVER_PASSWORD",
            "with --require-login: who may log in",
        ),
        (
            "NO_PROXY, no_proxy",
            "127.0.0.1 and localhost are added to what they hold",
        ),
    ])
}

fn faults() -> HelpBlock {
    HelpBlock::terms([
        ("503:5%", "this status for 5 % of the requests"),
        ("503:first=2", "this status for the first two requests"),
        (
            "429+retry-after=1:1/100",
            "429 with 'Retry-After: 1' for one request in 100",
        ),
        ("reset:1%", "the connection is reset before the answer"),
        (
            "lose-answer:1%",
            "the event log is accepted, and the answer is lost",
        ),
        ("retry-later:1%", "500 with the typeCode RETRY_LATER"),
        ("delay:50ms..200ms", "answers are delayed"),
        ("cut-stream:every=30s", "the event stream is cut"),
        ("expire-token:60s", "tokens expire after 60 s"),
    ])
}
