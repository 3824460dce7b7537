//! Choosing events, and deciding by them.

use crate::commands::help::{HelpBlock, Topic};

/// Filters and conditions.
pub fn filters() -> Topic {
    Topic {
        title: "Selecting events, and exit codes that depend on them",
        blocks: vec![
            HelpBlock::text("tail shows the events that pass every filter. A condition ends it."),
            HelpBlock::Heading("Types"),
            types(),
            HelpBlock::Heading("Content"),
            HelpBlock::terms([
                (
                    "--trigger ID|NAME",
                    "of one trigger, whether schedule or event trigger",
                ),
                (
                    "--flow ID|NAME",
                    "of one flow; the name of a flow or trigger also finds events that have its id alone, such as *.failed, once an event has had both (in a file: anywhere)",
                ),
                (
                    "--status STATUS",
                    "with this status, as set by a status node",
                ),
                ("--slower-than 2s", "of flows that ran longer"),
                ("--grep REGEX", "whose text matches"),
                (
                    "--where 'data.inputs > 100'",
                    "whose fields pass tests, with and, or, not and parentheses: hivelog help where",
                ),
            ]),
            HelpBlock::Heading("Conditions"),
            HelpBlock::text(
                "--until, --fail-on and --expect take a condition: a type glob, then tests of fields, all of which must hold. Tests are those of --where (hivelog help where), without and, or, not and parentheses.",
            ),
            HelpBlock::Example(
                "hivelog tail --until 'trigger.schedule.ok flow_name=Orders duration_ms<2000'\nhivelog tail --expect 'auth.ok username=\"night shift\"' --timeout 10m\nhivelog tail --fail-on @bad --until server.shutdown",
            ),
            HelpBlock::text(
                "The first condition that matches decides the exit code: 0 for --until, 1 for --fail-on. --count exits after N events, --timeout and --idle-timeout exit with 8.",
            ),
        ],
    }
}

fn types() -> HelpBlock {
    HelpBlock::terms([
        (
            "-t trigger.*.failed",
            "types that match; * stands for any characters",
        ),
        (
            "-t auth.ok,auth.error",
            "several: separated by commas, or with -t repeated",
        ),
        ("-t '!*.sync'", "all but these"),
        (
            "-t @bad",
            "a group: *.error, *.failed, *.disabled and license.invalid",
        ),
        (
            "-t @auth, @trigger, @server",
            "the types that begin with that word; @server includes license.*",
        ),
        (
            "--kind sys|usr|all",
            "the server's own events (the default), those of flows, or both",
        ),
    ])
}

/// The grammar of `--where`.
pub fn tests_of_fields() -> Topic {
    Topic {
        title: "Tests of an event's fields",
        blocks: vec![
            HelpBlock::text(
                "--where takes an expression over the fields of an event. --until, --fail-on and --expect take a type glob and tests, all of which must hold.",
            ),
            HelpBlock::Example(
                "hivelog tail --where 'data.inputs > 100 and not status = ok'\nhivelog tail --where '(flow_name ~ ^Night or duration_ms > 2s) and inputs > 0'\nhivelog tail --where 'ts >= 2026-11-25T22:00:00Z' night.ndjson",
            ),
            HelpBlock::Heading("Grammar"),
            HelpBlock::Example(
                "expression = all { 'or' all }\nall        = one { 'and' one }\none        = 'not' one | '(' expression ')' | test\ntest       = FIELD | FIELD OPERATOR VALUE\nOPERATOR   = '=' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '~'",
            ),
            HelpBlock::text(
                "'and' binds tighter than 'or', and 'not' binds tightest. Capitals are accepted.",
            ),
            HelpBlock::Heading("Fields"),
            HelpBlock::terms([
                ("type, kind, id, ts, handled", "members of the envelope"),
                (
                    "flow_name, duration_ms",
                    "members of data; data.flow_name is the same",
                ),
                (
                    "data.order.lines.0.sku",
                    "nested members; a number is an index into an array, from 0",
                ),
            ]),
            HelpBlock::text(
                "A field alone is true when it is present and neither false, 0 nor empty. A field that is missing or null equals only null: '!=' holds, '<' and '>' do not. For an array it is enough that one item passes; '!=' holds when no item is equal.",
            ),
            HelpBlock::Heading("Values"),
            HelpBlock::terms([
                (
                    "100, 1.5",
                    "numbers compare as numbers, also when they are quoted in the event",
                ),
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
                    "text; needs quotes, \" or ', if it contains blanks or operators",
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
