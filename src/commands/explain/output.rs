//! What a value means, for a reader who pasted it in a hurry.

use crate::commands::explain::explanation::Explanation;
use crate::model::format::Format;
use crate::render::theme::{Styled, Theme};
use crate::render::{Page, json, sanitise, wrap};
use anstyle::Style;
use std::fmt::Write;

/// The formats of explanations.
pub const FORMATS: [Format; 3] = [Format::Human, Format::Json, Format::Ndjson];

/// Every explanation, in order.
pub fn render(explanations: &[Explanation], page: &Page) -> Vec<u8> {
    match page.format {
        Format::Json => json::array(explanations),
        Format::Ndjson => explanations.iter().flat_map(json::line).collect(),
        _ => {
            let texts: Vec<_> = explanations.iter().map(|one| human(one, page)).collect();
            texts.join("\n").into_bytes()
        }
    }
}

/// A code is shown in its level's colour, as in every list of codes.
fn value_style(explanation: &Explanation, theme: &Theme) -> Style {
    let suffix = explanation.value.chars().last();
    match suffix.filter(|_| explanation.kind == "event code") {
        Some('E') => theme.error,
        Some('W') => theme.warning,
        Some('N') => theme.good.bold(),
        _ => theme.name,
    }
}

fn human(explanation: &Explanation, page: &Page) -> String {
    let theme = &page.theme;
    let mut text = format!(
        "{}  {}\n",
        Styled(
            value_style(explanation, theme),
            sanitise::line(&explanation.value)
        ),
        Styled(theme.dim, explanation.kind)
    );
    text.push_str(&wrap::hanging("  ", 2, &explanation.title, page.width));
    let names = explanation.facts.iter().map(|fact| fact.name.len());
    let widest = names.max().unwrap_or(0);
    let mut before = "";
    if widest > 0 {
        text.push('\n');
    }
    for fact in &explanation.facts {
        // A name that repeats is shown once: the facts below it belong together.
        let name = if fact.name == before { "" } else { fact.name };
        before = fact.name;
        let label = format!("  {}  ", Styled(theme.dim, format!("{name:<widest$}")));
        let value = sanitise::line(&fact.value);
        text.push_str(&wrap::hanging(&label, widest + 4, &value, page.width));
    }
    for note in &explanation.notes {
        text.push('\n');
        for line in sanitise::block(note).lines() {
            let _ = write!(text, "{}", wrap::hanging("  ", 2, line, page.width));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_text_cannot_steer_the_terminal() {
        let explanation = Explanation::new("x", "server error text", "Title")
            .fact("details", "node \u{1b}[2J3\u{202e}")
            .note("One note.");
        let page = Page {
            format: Format::Human,
            width: 80,
            may_cut: true,
            theme: Theme::new(false),
        };
        let text = String::from_utf8(render(&[explanation], &page)).unwrap();
        assert_eq!(
            text,
            "x  server error text\n  Title\n\n  details  node \\u{1b}[2J3\\u{202e}\n\n  One note.\n"
        );
    }
}
