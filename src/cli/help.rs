//! The arguments of `help`, and the help of a subcommand.

use crate::commands::help::{Topic, topics};
use crate::failure::Failure;
use crate::model::text::did_you_mean;

/// The arguments of `help`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A subcommand, or a topic: exit-codes, environment, filters, formats, pipelines
    #[arg(value_name = "TOPIC", add = super::complete::help_topics())]
    path: Vec<String>,
}

/// What is to be shown.
pub enum Page {
    /// A topic of the manual.
    Topic(Topic),
    /// The long help of a subcommand, with styles.
    Subcommand(clap::builder::StyledStr),
}

impl Args {
    /// Asks for what a manual page is about.
    pub fn about(page: Option<&str>) -> Args {
        let words = page.into_iter().flat_map(|page| page.split('-'));
        Args {
            path: words.map(str::to_owned).collect(),
        }
    }

    /// The topic or subcommand that was asked for.
    pub fn page(&self) -> Result<Page, Failure> {
        let all = topics::all();
        if let [name] = self.path.as_slice()
            && let Some(topic) = all.iter().find(|topic| topic.name == name)
        {
            return Ok(Page::Topic(topic.clone()));
        }
        let mut command = super::command();
        command.build();
        for name in &self.path {
            let Some(found) = command.find_subcommand(name) else {
                let topics = || all.iter().map(|topic| topic.name);
                let known = command.get_subcommands().map(clap::Command::get_name);
                let guess = did_you_mean(name, known.chain(topics()));
                let topics: Vec<_> = topics().collect();
                return Err(
                    Failure::usage(format!("no subcommand or topic '{name}'{guess}"))
                        .hint(format!("topics: {}", topics.join(", "))),
                );
            };
            command = found.clone();
        }
        Ok(Page::Subcommand(command.render_long_help()))
    }
}
