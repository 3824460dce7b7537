//! Tables for a page of documentation.

use crate::commands::codes::output::export::origin;
use crate::model::code::GLOSSARY;
use crate::model::format::Export;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{STAGES, StageSender};
use std::fmt::Write;

/// Codes, stages, outcomes and modes.
pub fn render() -> String {
    let mut text = format!("<!-- {} -->\n\n", origin(Export::Markdown));
    table(
        &mut text,
        "Event codes",
        &["Code", "Level", "Category", "Description", "Same number"],
        GLOSSARY.iter().map(|code| {
            let siblings: Vec<_> = code.siblings().map(|other| other.key).collect();
            let meaning = match (siblings.is_empty(), code.sibling_means_the_same()) {
                (true, _) => "",
                (_, true) => " (same meaning)",
                (_, false) => " (**another meaning**)",
            };
            vec![
                format!("`{code}`"),
                code.level().name().to_owned(),
                code.category().name().to_owned(),
                code.description.to_owned(),
                format!("{}{meaning}", siblings.join(", ")),
            ]
        }),
    );
    table(
        &mut text,
        "Lifecycle stages",
        &["Stage", "Description", "Sender"],
        STAGES.iter().map(|stage| {
            let sender = match stage.sender {
                StageSender::Connector => "connector",
                StageSender::Platform => "platform only",
            };
            vec![
                format!("`{stage}`"),
                stage.description.to_owned(),
                sender.to_owned(),
            ]
        }),
    );
    for (title, choices) in [("Outcomes", &OUTCOMES[..]), ("Modes", &MODES[..])] {
        table(
            &mut text,
            title,
            &["Value", "Meaning"],
            choices
                .iter()
                .map(|choice| vec![format!("`{}`", choice.value), choice.description.to_owned()]),
        );
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn table(
    text: &mut String,
    title: &str,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) {
    let rule = vec!["---"; header.len()].join(" | ");
    let _ = writeln!(text, "## {title}\n\n| {} |\n| {rule} |", header.join(" | "));
    for row in rows {
        let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}
