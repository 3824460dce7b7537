//! The arguments of `help`, and the help of a subcommand.

use crate::failure::Failure;
use crate::model::text::did_you_mean;

/// The topics that are no subcommand.
pub const TOPICS: [&str; 5] = [
    "exit-codes",
    "environment",
    "filters",
    "formats",
    "pipelines",
];

/// The arguments of `help`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A subcommand, or a topic: exit-codes, environment, filters, formats, pipelines
    #[arg(value_name = "TOPIC")]
    pub path: Vec<String>,
}

impl Args {
    /// The topic that was asked for, if it is one.
    pub fn topic(&self) -> Option<&'static str> {
        let [name] = self.path.as_slice() else {
            return None;
        };
        TOPICS.into_iter().find(|topic| topic == name)
    }

    /// The long help of the subcommand that was asked for, with or without styles.
    pub fn subcommand_help(&self, coloured: bool) -> Result<String, Failure> {
        let mut command = super::command();
        command.build();
        for name in &self.path {
            let names: Vec<String> = command
                .get_subcommands()
                .map(|sub| sub.get_name().to_owned())
                .collect();
            let Some(found) = command.find_subcommand(name) else {
                let known = names.iter().map(String::as_str).chain(TOPICS);
                let guess = did_you_mean(name, known);
                return Err(
                    Failure::usage(format!("no subcommand or topic '{name}'{guess}"))
                        .hint(format!("topics: {}", TOPICS.join(", "))),
                );
            };
            command = found.clone();
        }
        let help = command.render_long_help();
        Ok(if coloured {
            help.ansi().to_string()
        } else {
            help.to_string()
        })
    }
}
