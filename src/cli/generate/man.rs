//! Manual pages: what the parser knows, and what the topics of the help say.

use crate::cli::{self, descriptions, examples};
use crate::commands::help::{HelpBlock, Topic, topics};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// The day of the release that the pages describe.
const RELEASED: &str = "2026-11-21";

/// Every manual page as file name and content: `hivelog.1`, `hivelog-emit.1`, …
pub fn pages() -> Vec<(String, Vec<u8>)> {
    let mut command = cli::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "", &mut pages);
    pages
}

fn collect(command: &clap::Command, path: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let name = format!("hivelog {path}").trim_end().replace(' ', "-");
    pages.push((format!("{name}.1"), page(command, &name, path)));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        collect(sub, path.trim_start(), pages);
    }
}

fn page(command: &clap::Command, name: &str, path: &str) -> Vec<u8> {
    let named = command.clone().display_name(name);
    let named = match descriptions::of(path) {
        Some(text) => named.long_about(text),
        None => named,
    };
    let man = Man::new(named)
        .title(name.to_uppercase())
        .date(RELEASED)
        .source(concat!("hivelog ", env!("CARGO_PKG_VERSION")))
        .manual("hivelog manual");
    let mut raw = Vec::new();
    // Writing to memory cannot fail; an empty page would be seen by the test of the pages.
    let _ = man.render_title(&mut raw);
    let _ = man.render_name_section(&mut raw);
    let _ = synopsis(command).to_writer(&mut raw);
    let _ = man.render_description_section(&mut raw);
    let _ = man.render_options_section(&mut raw);
    if command.has_subcommands() {
        let _ = man.render_subcommands_section(&mut raw);
    }
    let mut more = Roff::new();
    if let Some(note) = command.get_after_help() {
        more.control("SH", ["NOTES"]);
        for paragraph in note.to_string().split("\n\n") {
            more.control("PP", []);
            more.text([roman(paragraph)]);
        }
    }
    if let Some(lines) = examples::of(path) {
        more.control("SH", ["EXAMPLES"]);
        verbatim(&mut more, lines.lines().map(str::trim_start), true);
    }
    for scene in examples::scenes(path) {
        verbatim(&mut more, scene.lines(), false);
    }
    if let Some(topic) = topics::find(path) {
        section(&mut more, &topic);
    }
    if path.is_empty() {
        for (_, topic) in topics::ALL {
            section(&mut more, &topic());
        }
    } else {
        section(&mut more, &topics::exit_codes());
        let parent = name.rsplit_once('-').map_or(name, |(parent, _)| parent);
        more.control("SH", ["SEE ALSO"]);
        more.text([bold(parent), roman("(1)")]);
    }
    let _ = more.to_writer(&mut raw);
    tidy(&String::from_utf8_lossy(&raw)).into_bytes()
}

/// The parser's own usage line: shorter than a list of every flag.
fn synopsis(command: &clap::Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:");
    for (at, form) in usage.lines().map(str::trim).enumerate() {
        if at > 0 {
            roff.control("br", []);
        }
        roff.text([bold(form)]);
    }
    roff
}

fn section(roff: &mut Roff, topic: &Topic) {
    roff.control("SH", [topic.title.to_uppercase().as_str()]);
    let mut after_heading = true;
    for block in &topic.blocks {
        match block {
            HelpBlock::Heading(heading) => {
                roff.control("SS", [*heading]);
            }
            HelpBlock::Text(text) => {
                if !after_heading {
                    roff.control("PP", []);
                }
                roff.text([roman(text.as_str())]);
            }
            HelpBlock::Terms(terms) => {
                for (name, meaning) in terms {
                    roff.control("TP", []);
                    roff.text([bold(name.as_str())]);
                    roff.text([roman(meaning.as_str())]);
                }
            }
            HelpBlock::Example(lines) => {
                verbatim(roff, lines.lines().map(str::trim_start), after_heading);
            }
        }
        after_heading = matches!(block, HelpBlock::Heading(_));
    }
}

fn verbatim<'a>(roff: &mut Roff, lines: impl Iterator<Item = &'a str>, after_heading: bool) {
    if !after_heading {
        roff.control("PP", []);
    }
    roff.control("RS", ["4"]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.control("RE", []);
}

/// Source as its readers like it: no invisible blanks, and text lines that a diff can show.
fn tidy(raw: &str) -> String {
    const WIDEST: usize = 80;
    let mut text = String::new();
    let mut filled = true;
    for line in raw.lines().map(str::trim_end) {
        match line {
            ".nf" => filled = false,
            ".fi" => filled = true,
            _ => {}
        }
        if line.starts_with('.') || !filled {
            text.push_str(line);
            text.push('\n');
            continue;
        }
        let mut used = 0;
        for word in line.split(' ') {
            // A full stop or an apostrophe at the beginning of a line would be a command.
            let may_begin = !word.starts_with(['.', '\'']);
            if used > 0 && used + 1 + word.len() > WIDEST && may_begin {
                text.push('\n');
                used = 0;
            } else if used > 0 {
                text.push(' ');
                used += 1;
            }
            text.push_str(word);
            used += word.len();
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_commands_and_examples_are_not() {
        let long = "word ".repeat(30);
        let raw = format!(".TP\n{long}\n.nf\n{long}\n.fi\n");
        let tidied = tidy(&raw);
        let lines: Vec<_> = tidied.lines().collect();
        assert_eq!((lines[0], lines[3]), (".TP", ".nf"));
        assert!(lines[1].len() <= 80 && lines[2].len() <= 80);
        assert_eq!(lines[4], long.trim_end());
    }
}
