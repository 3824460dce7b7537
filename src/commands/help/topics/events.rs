//! Choosing events, and deciding by them.

use crate::commands::help::{Block, Topic};

/// Filters and conditions.
pub fn filters() -> Topic {
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
                    "whose fields pass tests, with and, or, not and parentheses: hivelog help where",
                ),
            ]),
            Block::Heading("Conditions"),
            Block::text(
                "--until, --fail-on and --expect take a condition: a type glob, then tests of fields, all of which must hold. Tests are those of --where (hivelog help where), without and, or, not and parentheses.",
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

/// The grammar of `--where`.
pub fn tests_of_fields() -> Topic {
    Topic {
        name: "where",
        title: "Tests of an event's fields",
        blocks: vec![
            Block::text(
                "--where takes an expression over the fields of an event. --until, --fail-on and --expect take a type glob and tests, all of which must hold.",
            ),
            Block::Example(
                "hivelog tail --where 'data.inputs > 100 and not status = ok'\nhivelog tail --where '(flow_name ~ ^Night or duration_ms > 2s) and inputs > 0'\nhivelog tail --where 'ts >= 2026-11-25T22:00:00Z' night.ndjson",
            ),
            Block::Heading("Grammar"),
            Block::Example(
                "expression = all { 'or' all }\nall        = one { 'and' one }\none        = 'not' one | '(' expression ')' | test\ntest       = FIELD | FIELD OPERATOR VALUE\nOPERATOR   = '=' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '~'",
            ),
            Block::text(
                "'and' binds tighter than 'or', and 'not' binds tightest. The three words may be in capitals.",
            ),
            Block::Heading("Fields"),
            Block::terms([
                ("type, kind, id, ts, handled", "members of the envelope"),
                (
                    "flow_name, duration_ms",
                    "members of data; data.flow_name is the same",
                ),
                (
                    "data.order.lines.0.sku",
                    "members of members; a number is a place in an array, from 0",
                ),
            ]),
            Block::text(
                "A field alone is true when it is present and neither false, 0 nor empty. A field that is missing or null equals only null: '!=' holds, '<' and '>' do not. Of an array, one item that passes is enough; '!=' holds when no item is equal.",
            ),
            Block::Heading("Values"),
            Block::terms([
                ("100, 1.5", "numbers compare as numbers, in text as well"),
                (
                    "2s, 1h30m",
                    "durations compare as milliseconds: duration_ms > 2s",
                ),
                (
                    "2026-11-25T22:00:00Z",
                    "instants compare as instants, whatever their offsets are",
                ),
                (
                    "Orders, \"Night run\"",
                    "text; quote it when it has blanks or operators in it, with \" or '",
                ),
                (
                    "~ \"^Night.*sync$\"",
                    "a regular expression, found anywhere in the text; (?i) ignores case",
                ),
                ("null", "a missing field"),
            ]),
        ],
    }
}
