//! What is read, and what is written.

use crate::commands::help::{HelpBlock, Topic};
use crate::model::format::OUTPUT_FORMATS;

/// Input and output.
pub fn formats() -> Topic {
    Topic {
        title: "Input and output",
        blocks: vec![
            HelpBlock::Heading("Output, chosen with -o"),
            HelpBlock::Terms(
                OUTPUT_FORMATS
                    .iter()
                    .map(|format| (format.name.to_owned(), format.description.to_owned()))
                    .collect(),
            ),
            HelpBlock::text(
                "A command that does not support a format lists the ones it does. The default is human; tail writes ndjson when its output is not a terminal. Names of JSON fields are a contract: fields may be added, none is renamed or dropped. Results go to standard output and nothing else does; notices, progress and errors go to standard error.",
            ),
            HelpBlock::text(
                "In every format for people, control characters in text from others are shown escaped. What is stored or sent is never changed.",
            ),
            HelpBlock::Heading("Input"),
            HelpBlock::text(
                "validate and emit read files, folders (validate) and - for standard input: one JSON object, an array, NDJSON (one object per line), or concatenated objects. The form is detected from the content. A byte-order mark and CRLF line ends are accepted.",
            ),
            HelpBlock::Heading("Time"),
            HelpBlock::terms([
                ("durations", "250ms, 90s, 1h30m, 2d"),
                (
                    "instants",
                    "yesterday, today, 22:00 (the latest one that has passed), 2026-11-25, '2026-11-25 22:00', -3h, '15m ago', now, 2024-05-03T17:30:00+12:00 (RFC 3339), 2024-05-03 17:30:00.895 +1200, or seconds, milliseconds, microseconds or nanoseconds since 1970 (recognised by magnitude)",
                ),
                (
                    "--timezone",
                    "local, utc or an offset such as +12:00; JSON keeps the source's own text",
                ),
            ]),
        ],
    }
}
