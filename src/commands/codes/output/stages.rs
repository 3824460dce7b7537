//! Lifecycle stages, outcomes and modes.

use crate::model::outcome::ListedValue;
use crate::model::stage::{Direction, Stage, StageSender};
use crate::render::listing::{self, Columns};
use crate::render::theme::Styled;
use crate::render::{Page, wrap};
use std::fmt::Write;

/// Lifecycle stages; for people by direction.
pub fn stages(stages: &[&Stage], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["key", "number", "direction", "description", "sender"],
        shown: &[0, 1, 2, 3, 4],
    };
    let sender = |stage: &Stage| match stage.sender {
        StageSender::Connector => "connector",
        StageSender::Platform => "platform",
    };
    let row = |stage: &&Stage| {
        vec![
            stage.key.to_owned(),
            stage.number.to_string(),
            stage.direction.name().to_owned(),
            stage.description.to_owned(),
            sender(stage).to_owned(),
        ]
    };
    if let Some(bytes) = listing::render(stages, page, &columns, row) {
        return bytes;
    }
    let theme = &page.theme;
    let mut text = String::new();
    for direction in Direction::ALL {
        let meaning = match direction {
            Direction::Inbound => "data flows into SyncHive",
            Direction::Outbound => "data flows out of SyncHive",
        };
        let stages = stages.iter().filter(|stage| stage.direction == direction);
        let mut stages = stages.peekable();
        if stages.peek().is_none() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(
            text,
            "{gap}{}  {}",
            Styled(theme.heading, direction.name()),
            Styled(theme.dim, meaning)
        );
        for stage in stages {
            let remark = match stage.sender {
                StageSender::Connector => "",
                StageSender::Platform => "for platform use only",
            };
            let line = format!(
                "  {:>2}  {}  {:<39}{}",
                stage.number,
                Styled(theme.name, format!("{:<10}", stage.key)),
                stage.description,
                Styled(theme.dim, remark)
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text.into_bytes()
}

/// Outcomes or modes.
pub fn choices(choices: &[ListedValue], page: &Page) -> Vec<u8> {
    let row = |choice: &ListedValue| vec![choice.value.to_owned(), choice.description.to_owned()];
    let columns = Columns {
        names: &["value", "description"],
        shown: &[0, 1],
    };
    if let Some(bytes) = listing::render(choices, page, &columns, row) {
        return bytes;
    }
    let widest = choices.iter().map(|choice| choice.value.len()).max();
    let widest = widest.unwrap_or(0);
    let mut text = String::new();
    for choice in choices {
        let name = format!("{:<widest$}", choice.value);
        let label = format!("{}  ", Styled(page.theme.name, name));
        text.push_str(&wrap::hanging(
            &label,
            widest + 2,
            choice.description,
            page.width,
        ));
    }
    text.into_bytes()
}
