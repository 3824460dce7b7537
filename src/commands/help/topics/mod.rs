//! The topics of `hivelog help`. What is in a table elsewhere is read from that table.

mod events;
mod formats;
mod rules;
mod sandbox;
mod scripts;
mod settings;
mod shells;
mod spool;
mod words;

pub use words::defined;

use crate::commands::help::{HelpBlock, Topic};
use crate::failure::Exit;

/// The name that is typed, and what prints the topic.
type NamedTopic = (&'static str, fn() -> Topic);

/// Every topic, in the order in which they are named to users.
pub const ALL: [NamedTopic; 11] = [
    ("exit-codes", exit_codes),
    ("environment", settings::environment),
    ("filters", events::filters),
    ("where", events::tests_of_fields),
    ("formats", formats::formats),
    ("pipelines", scripts::pipelines),
    ("rules", rules::rules),
    ("sandbox", sandbox::sandbox),
    ("spool", spool::spool),
    ("completions", shells::completions),
    ("words", words::words),
];

/// The topic of this name.
pub fn find(name: &str) -> Option<Topic> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, topic)| topic())
}

/// How the process ends.
pub fn exit_codes() -> Topic {
    Topic {
        title: "Exit codes",
        blocks: vec![
            HelpBlock::Terms(
                Exit::ALL
                    .into_iter()
                    .map(|exit| (exit.code().to_string(), exit.meaning().to_owned()))
                    .collect(),
            ),
            HelpBlock::text(
                "emit exits with 0 when every record was delivered, with the code of the reason when none was and all for the same reason, and with 7 when results are mixed. validate exits with 3 rather than 1 when part of the input could not be read. For tail the first condition that matches decides. Input without a record is 3 unless --allow-empty is given.",
            ),
            HelpBlock::text(
                "A reader that closes the pipe early, as head does, never changes the exit code.",
            ),
        ],
    }
}
