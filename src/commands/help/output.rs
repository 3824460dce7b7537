//! A topic of the manual on a terminal.

use crate::commands::help::{HelpBlock, Topic};
use crate::render::theme::{Styled, Theme};
use crate::render::wrap;
use std::fmt::Write;

/// The widest name that still has its meaning on its line instead of below.
const BESIDE: usize = 28;

/// The whole topic.
pub fn render(topic: &Topic, width: usize, theme: &Theme) -> Vec<u8> {
    let mut text = format!("{}\n", Styled(theme.heading, topic.title));
    let mut after_heading = false;
    for block in &topic.blocks {
        // A heading is close above what it introduces.
        if !after_heading {
            text.push('\n');
        }
        after_heading = matches!(block, HelpBlock::Heading(_));
        match block {
            HelpBlock::Heading(heading) => {
                let _ = writeln!(text, "{}", Styled(theme.name, heading));
            }
            HelpBlock::Text(paragraph) => {
                text.push_str(&wrap::hanging("", 0, paragraph, width));
            }
            HelpBlock::Terms(terms) => push_terms(&mut text, terms, width, theme),
            HelpBlock::Example(lines) => {
                for line in lines.lines() {
                    let _ = writeln!(text, "{}", format!("  {line}").trim_end());
                }
            }
        }
    }
    text.into_bytes()
}

/// Paragraphs between empty lines.
pub fn paragraphs(text: &str, width: usize) -> String {
    let paragraphs = text.split("\n\n");
    let folded = paragraphs.map(|paragraph| wrap::hanging("", 0, paragraph, width));
    folded.collect::<Vec<_>>().join("\n")
}

fn push_terms(text: &mut String, terms: &[(String, String)], width: usize, theme: &Theme) {
    let names = terms.iter().map(|(name, _)| name.chars().count());
    let column = names.filter(|name| *name <= BESIDE).max().unwrap_or(0);
    for (name, meaning) in terms {
        let shown = Styled(theme.name, format!("{name:<column$}"));
        let label = format!("  {shown}  ");
        if name.chars().count() <= column {
            text.push_str(&wrap::hanging(&label, column + 4, meaning, width));
        } else {
            let _ = writeln!(text, "{}", label.trim_end());
            let blanks = " ".repeat(column + 4);
            text.push_str(&wrap::hanging(&blanks, column + 4, meaning, width));
        }
    }
}
