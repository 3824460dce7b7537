//! The arguments of `help`, and what every kind of help shows: `-h` the most used options, `--help`
//! and `help` all of them.

use super::{complete, descriptions, examples, quick};
use crate::commands::help::{HelpBlock, Topic, output, topics};
use crate::commands::ui::Theme;
use crate::failure::Failure;
use crate::model::text::did_you_mean;
use clap::Command;
use clap::builder::StyledStr;
use std::fmt::Write;

/// The widest that help gets, however wide the terminal is.
pub const WIDEST: usize = 100;

/// The options that `-h` shows of subcommands with many; of the others it shows all.
const MOST_USED: &[(&str, &str)] = &[
    (
        "emit",
        "interactive code stage outcome integration shape schema mode external-id \
         data-iri correlation-id detail set rejected url connector sandbox queue dry-run",
    ),
    (
        "validate",
        "schema rule skip fail-on whole filter fix diff baseline report",
    ),
    (
        "tail",
        "server listen sandbox since last type flow trigger grep where until fail-on \
         timeout resume fields summary",
    ),
    (
        "run",
        "stage integration shape schema external-id on-start on-success on-failure strict",
    ),
    ("sandbox", "port faults record require-login"),
    ("sandbox run", "expect update fail-on whole faults report"),
    ("spool drain", "follow dead all-profiles retry-for spool"),
];

/// The global options that `-h` shows.
const MOST_USED_GLOBALS: [&str; 3] = ["profile", "output", "help"];

/// Whether the help of a subcommand may be asked for.
type Wanted<'a> = &'a dyn Fn(&Command) -> bool;

/// The arguments of `help`.
#[derive(Debug, clap::Args)]
pub struct HelpArgs {
    /// A subcommand, or a topic: exit-codes, environment, filters, where, formats, pipelines, rules,
    /// sandbox, spool, completions or words
    #[arg(value_name = "TOPIC", value_parser = complete::help_topics(), hide_possible_values = true)]
    path: Vec<String>,
}

/// What is to be shown.
pub enum HelpPage {
    /// A topic of the manual.
    Topic(Topic),
    /// The help of a subcommand, with styles.
    Subcommand(StyledStr),
}

impl HelpArgs {
    /// Asks for what a manual page is about.
    pub fn about(page: Option<&str>) -> HelpArgs {
        let page = page.map(|page| page.trim_start_matches("hivelog-"));
        let page = page.filter(|page| *page != "hivelog");
        let words = page.into_iter().flat_map(|page| page.split('-'));
        HelpArgs {
            path: words.map(str::to_owned).collect(),
        }
    }

    /// The topic or subcommand that was asked for, for so many columns.
    pub fn page(&self, width: usize) -> Result<HelpPage, Failure> {
        let mut command = full(width, &|_| true);
        command.build();
        for name in &self.path {
            let Some(found) = command.find_subcommand(name) else {
                return self.topic(name, &command);
            };
            command = found.clone();
        }
        Ok(HelpPage::Subcommand(command.render_help()))
    }

    fn topic(&self, name: &str, command: &Command) -> Result<HelpPage, Failure> {
        if let (1, Some(topic)) = (self.path.len(), topics::find(name)) {
            return Ok(HelpPage::Topic(topic));
        }
        let topics = topics::ALL.map(|(name, _)| name);
        let known = command.get_subcommands().map(Command::get_name);
        let guess = did_you_mean(name, known.chain(topics.iter().copied()));
        Err(
            Failure::usage(format!("no subcommand or topic '{name}'{guess}"))
                .hint(format!("topics: {}", topics.join(", "))),
        )
    }
}

/// The definition with everything that `--help` shows, of those subcommands that are wanted.
pub fn full(width: usize, wanted: Wanted<'_>) -> Command {
    let width = width.min(WIDEST);
    let command = described(quick::defining(wanted), "", width, wanted);
    with_text(command, "", wanted, &|path, note| {
        let mut text = note.to_owned();
        if path.is_empty() {
            text.push_str(&introduction(width));
        }
        push_examples(&mut text, path);
        // A topic that is a command too is a part of its help.
        if let Some(topic) = topics::find(path) {
            text.push('\n');
            let topic = output::render(&topic, width, &Theme::new(true));
            text.push_str(&String::from_utf8_lossy(&topic));
        }
        text
    })
    .term_width(width)
}

/// Has each subcommand say what it is for, behind the line that its parent shows of it as well.
fn described(command: Command, path: &str, width: usize, wanted: Wanted<'_>) -> Command {
    let command = match descriptions::of(path) {
        Some(text) => {
            let text = output::paragraphs(text, width);
            command.help_template(format!(
                "{{about-with-newline}}\n{text}\n{{usage-heading}} {{usage}}\n\n{{all-args}}{{after-help}}"
            ))
        }
        None => command,
    };
    below(command, path, wanted, &|sub, path| {
        described(sub, path, width, wanted)
    })
}

/// Changes the subcommands of this one that are wanted; `change` gets each with its path.
fn below(
    command: Command,
    path: &str,
    wanted: Wanted<'_>,
    change: &dyn Fn(Command, &str) -> Command,
) -> Command {
    let names = command.get_subcommands().filter(|sub| wanted(sub));
    let names: Vec<_> = names.map(|sub| sub.get_name().to_owned()).collect();
    names.iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |sub| change(sub, path.trim_start()))
    })
}

/// The definition with what `-h` shows, of those subcommands that are wanted.
pub fn brief(width: usize, wanted: Wanted<'_>) -> Command {
    let shortened = shortened(quick::defining(wanted), "", wanted);
    with_text(shortened, "", wanted, &|path, _| {
        let mut text = String::new();
        push_examples(&mut text, path);
        let name = format!("hivelog {path}");
        let name = name.trim_end();
        let _ = write!(text, "\n'{name} --help' shows every option");
        text.push_str(match path {
            "" => ", 'hivelog help TOPIC' a topic.",
            _ => ".",
        });
        text
    })
    .term_width(width.min(WIDEST))
}

/// Gives a subcommand and those below it the text that follows its options; `text` makes it of the
/// path and of the existing text.
fn with_text(
    command: Command,
    path: &str,
    wanted: Wanted<'_>,
    text: &dyn Fn(&str, &str) -> String,
) -> Command {
    let note = command.get_after_help().map(ToString::to_string);
    let text_here = text(path, &note.unwrap_or_default());
    let command = command.after_help(StyledStr::from(text_here.trim().to_owned()));
    below(command, path, wanted, &|sub, path| {
        with_text(sub, path, wanted, text)
    })
}

fn push_examples(text: &mut String, path: &str) {
    let Some(lines) = examples::of(path) else {
        return;
    };
    if !text.is_empty() {
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
    }
    text.push_str("Examples:\n");
    for line in lines.lines() {
        let _ = writeln!(text, "  {line}");
    }
}

/// Hides the options that are rarely used.
fn shortened(command: Command, path: &str, wanted: Wanted<'_>) -> Command {
    let shown = MOST_USED.iter().find(|(known, _)| *known == path);
    let shown = shown.map(|(_, options)| *options);
    let command = command.mut_args(|arg| {
        let Some(name) = arg.get_long() else {
            return arg;
        };
        let is_rare = if arg.is_global_set() {
            !MOST_USED_GLOBALS.contains(&name)
        } else {
            shown.is_some_and(|shown| !shown.split(' ').any(|shown| shown == name))
        };
        arg.hide_short_help(is_rare)
    });
    below(command, path, wanted, &|sub, path| {
        shortened(sub, path, wanted)
    })
}

/// What `hivelog help` begins with behind the options: the words it uses, and where there is more.
fn introduction(width: usize) -> String {
    let topics = topics::ALL.map(|(name, _)| name);
    let words = ["event log", "sys event", "journey", "spool", "finding"];
    let page = Topic {
        title: "Words:",
        blocks: vec![
            HelpBlock::Terms(
                words
                    .map(|word| (word.to_owned(), topics::defined(word)))
                    .to_vec(),
            ),
            HelpBlock::text(format!(
                "Topics (hivelog help TOPIC): {}.",
                topics.join(", ")
            )),
            HelpBlock::text(
                "Also understood: check and lint for validate, send for emit, watch for tail, init for config init, version for --version.",
            ),
        ],
    };
    let text = output::render(&page, width, &Theme::default());
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::examples::EXAMPLES;
    use std::collections::BTreeSet;

    fn paths(command: &Command, path: &str, all: &mut Vec<String>) {
        all.push(path.to_owned());
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            paths(sub, path.trim_start(), all);
        }
    }

    fn at<'a>(command: &'a Command, path: &str) -> &'a Command {
        let mut names = path.split_whitespace();
        names
            .try_fold(command, |command, name| command.find_subcommand(name))
            .unwrap_or_else(|| panic!("no {path}"))
    }

    #[test]
    fn every_subcommand_has_examples_and_no_other() {
        let mut known = Vec::new();
        paths(&crate::cli::command(), "", &mut known);
        let known: BTreeSet<_> = known.iter().map(String::as_str).collect();
        let described: BTreeSet<_> = EXAMPLES.iter().map(|(path, _)| *path).collect();
        assert_eq!(known, described);
    }

    #[test]
    fn examples_fit_a_terminal_of_80_columns() {
        let of_topics = topics::ALL
            .into_iter()
            .flat_map(|(_, topic)| topic().blocks);
        let of_topics = of_topics.filter_map(|block| match block {
            HelpBlock::Example(lines) => Some(lines),
            _ => None,
        });
        let of_commands = EXAMPLES.iter().map(|(_, lines)| *lines);
        let lines = of_commands.chain(of_topics).flat_map(str::lines);
        // A line for a shell's start-up file cannot always be broken.
        for line in lines.filter(|line| line.starts_with("hivelog")) {
            assert!(line.len() <= 78, "{line}");
        }
    }

    #[test]
    fn what_the_short_help_shows_is_there() {
        let command = crate::cli::command();
        for (path, options) in MOST_USED {
            let sub = at(&command, path);
            for option in options.split_whitespace() {
                let known = sub
                    .get_arguments()
                    .any(|arg| arg.get_long() == Some(option));
                assert!(known, "{path} has no --{option}");
            }
        }
    }

    #[test]
    fn the_topics_are_named_where_help_is_explained() {
        let command = crate::cli::command();
        let help = at(&command, "help")
            .get_arguments()
            .next()
            .expect("a topic");
        let help = help.get_help().expect("a text").to_string();
        for (name, _) in topics::ALL {
            assert!(help.contains(name), "{name}");
        }
    }
}
