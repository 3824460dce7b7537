//! The queue of undelivered event logs.

use crate::commands::help::{HelpBlock, Topic};

/// What the spool promises, and how it is looked after.
pub fn spool() -> Topic {
    Topic {
        title: "The spool",
        blocks: vec![
            HelpBlock::text(
                "emit and run write every record to the spool, durably, before they send it, and remove it when a 2xx answer has been read. What is not delivered stays there, for 'spool drain' or the next emit to the same destination. It is a folder: --spool, HIVELOG_SPOOL or spool.location of the profile, otherwise $XDG_STATE_HOME/hivelog/spool. Several processes may use it at once.",
            ),
            HelpBlock::Heading("States"),
            HelpBlock::terms([
                (
                    "ready",
                    "is sent by the next drain, or once its time has come",
                ),
                (
                    "dead",
                    "was permanently rejected; a person fixes the cause, then 'spool retry' or 'spool drain --dead', or 'spool drop'",
                ),
                (
                    "held",
                    "nothing is sent to this destination until its address, key or certificate has been corrected",
                ),
            ]),
            HelpBlock::text(
                "A record waits while an earlier one of its journey waits: order is preserved. A destination is address, connector, key header and further headers together; a record is only ever sent as what it was accepted for.",
            ),
            HelpBlock::Heading("Everyday"),
            HelpBlock::Example(
                "hivelog spool status\nhivelog spool list --dead --code '5*'\nhivelog spool drain\nhivelog spool export --dead > dead.ndjson\nhivelog spool drop --dead --since 2026-11-25T00:00:00Z",
            ),
            HelpBlock::Heading("To another machine"),
            HelpBlock::Example(
                "hivelog spool export -o ndjson > backup.ndjson  # with state and attempts\nhivelog spool import backup.ndjson              # each record once",
            ),
            HelpBlock::Heading("As a service"),
            HelpBlock::Example(
                "hivelog emit --queue logs.ndjson        # accepts: durable, nothing is sent\nhivelog spool drain --follow            # delivers, for as long as it runs",
            ),
            HelpBlock::text(
                "The packages include a systemd unit (hivelog-drain.service). examples/ has it as well, one for a whole machine, a timer and a crontab.",
            ),
            HelpBlock::Heading("Monitoring"),
            HelpBlock::Example(
                "hivelog spool status --fail-on 'oldest>1h' --fail-on dead    # exit code 1\nhivelog spool status -o prometheus > /var/lib/node_exporter/hivelog.prom",
            ),
            HelpBlock::text("--fail-on takes ready, dead, oldest, bytes and held."),
        ],
    }
}
