//! hivelog among other programs.

use crate::commands::help::{HelpBlock, Topic};

/// In scripts and pipelines.
pub fn pipelines() -> Topic {
    Topic {
        title: "In scripts and pipelines",
        blocks: vec![
            HelpBlock::Heading("Check before sending"),
            HelpBlock::Example(
                "hivelog validate logs.ndjson && hivelog emit logs.ndjson\nhivelog validate --filter valid logs.ndjson | hivelog emit -",
            ),
            HelpBlock::Heading("Accept now, send later"),
            HelpBlock::Example(
                "hivelog emit --queue logs.ndjson     # 0: durable on this machine\nhivelog spool drain --follow         # a service that delivers",
            ),
            HelpBlock::Heading("Report a job"),
            HelpBlock::Example(
                "hivelog run -s INBOUND_2 --shape Product --external-id ShopifyNZ=42 \\\n    --on-start 5004N --on-success 2000N --on-failure 2002E -- ./import.sh",
            ),
            HelpBlock::Heading("Test a program in CI"),
            HelpBlock::Example(
                "hivelog sandbox run --expect tests/event-logs.toml --report github -- npm test",
            ),
            HelpBlock::Heading("Process results"),
            HelpBlock::Example(
                "hivelog emit -o ndjson logs.ndjson |\n    jq -r 'select(.status == \"refused\") | .line'\nhivelog validate -o json logs.ndjson |\n    jq -r '.[] | select(.rule) | .rule' | sort | uniq -c\nhivelog codes -o csv > codes.csv",
            ),
            HelpBlock::Heading("Wait for something"),
            HelpBlock::Example(
                "hivelog tail --until 'trigger.schedule.ok flow_name=Orders' --timeout 10m\ncase $? in 0) echo done ;; 8) echo 'not in time' ;; *) echo failed ;; esac",
            ),
            HelpBlock::Heading("Try without a server"),
            HelpBlock::Example("hivelog emit --sandbox logs.ndjson\nhivelog tail --sandbox"),
            HelpBlock::text(
                "hivelog prompts on a terminal only, and with --no-input, HIVELOG_NO_INPUT or CI not even there. A secret never goes on the command line: use HIVELOG_KEY, a key_file or a key_command.",
            ),
            HelpBlock::text(
                "When a reader closes the pipe early, output ends quietly: validate still exits with its verdict, and emit still sends what is left. The first Ctrl-C or SIGTERM stops cleanly with 130 or 143, the second immediately.",
            ),
        ],
    }
}
