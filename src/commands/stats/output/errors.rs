//! Errors that say the same, for people: how often, where, since when, and what to do.

use super::{ErrorGroup, GroupRow, StatsReport};
use crate::commands::stats::tally::FLOWS;
use crate::model::text::counted;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::fit::columns;
use crate::render::theme::Styled;
use crate::render::{Page, sanitise, wrap};
use std::fmt::Write;

/// How many flows are named.
const NAMED: usize = 4;

/// How many lines of a text are shown.
const LINES: usize = 3;

/// The kinds of errors, each with what there is to say about it, and how many there are.
pub fn render(report: &StatsReport<'_>, page: &Page) -> String {
    let mut out = String::new();
    let widest = report
        .rows
        .iter()
        .map(|row| row.group.count.to_string().len());
    let widest = widest.max().unwrap_or(1);
    for row in report.shown() {
        kind(row, widest, report.zone, page, &mut out);
    }
    if !report.rows.is_empty() {
        let kinds = counted(report.rows.len() as u64, "kind");
        let total = format!("{} of {kinds}", counted(report.total.count, "error"));
        let hidden = report.rows.len() - report.shown().len();
        let more = if hidden > 0 {
            format!("; {hidden} not shown (--top)")
        } else {
            String::new()
        };
        let _ = writeln!(out, "{}{more}", Styled(page.theme.name, total));
    }
    out
}

fn kind(row: &GroupRow<'_>, widest: usize, zone: Zone, page: &Page, out: &mut String) {
    let theme = &page.theme;
    let count = format!("{:>widest$}", row.group.count);
    let indent = widest + 2;
    let text = sanitise::line(&row.parts[0]);
    let label = format!("{}  ", Styled(theme.error, count));
    let folded = wrap::hanging(&label, indent, &text, page.width);
    for (at, line) in folded.lines().take(LINES).enumerate() {
        let cut = at + 1 == LINES && folded.lines().count() > LINES;
        let _ = writeln!(out, "{line}{}", if cut { " …" } else { "" });
    }
    let Some(error) = row.error else { return };
    let advice = ErrorGroup::advice(&row.parts[0]);
    let disabled = match (error.is_disabled, advice) {
        (true, _) => Some("DISABLED".to_owned()),
        (false, Some(_)) => Some("not disabled".to_owned()),
        _ => None,
    };
    let flows = sanitise::line(&flows(error)).into_owned();
    let when = [span(error, zone), disabled].into_iter().flatten();
    let when = when.collect::<Vec<_>>().join(" · ");
    let blanks = " ".repeat(indent);
    let whole = format!("{flows} · {when}");
    let lines = if flows.is_empty() || when.is_empty() {
        vec![format!("{flows}{when}")]
    } else if indent + columns(&whole) <= page.width {
        vec![whole]
    } else {
        vec![flows, when]
    };
    for line in lines.iter().filter(|line| !line.is_empty()) {
        out.push_str(&wrap::hanging(&blanks, indent, line, page.width));
    }
    if let Some(advice) = advice {
        let label = format!("{blanks}{} ", Styled(theme.hint, "help:"));
        let width = indent + columns("help: ");
        out.push_str(&wrap::hanging(&label, width, advice, page.width));
    }
}

/// In which flows, triggers or integrations.
fn flows(error: &ErrorGroup) -> String {
    let names: Vec<&str> = error.flows.iter().take(NAMED).map(String::as_str).collect();
    match error.flows.len() {
        0 => String::new(),
        1 => names[0].to_owned(),
        count => {
            let count = format!("{count} {}s", error.noun);
            let names = names.join(", ");
            match error.flows.len() {
                ..=NAMED => format!("{count}: {names}"),
                FLOWS.. => format!("{count} or more: {names}, …"),
                _ => format!("{count}: {names}, …"),
            }
        }
    }
}

/// When the first and the last one happened; the day once where it is the same.
fn span(error: &ErrorGroup, zone: Zone) -> Option<String> {
    let ((first, _), (last, _)) = (error.first.as_ref()?, error.last.as_ref()?);
    let second = |stamp: &Timestamp| stamp.at(zone).full()[..19].to_owned();
    let (first, last) = (second(first), second(last));
    if first == last {
        return Some(first);
    }
    let last = match last.split_once(' ') {
        Some((day, clock)) if first.starts_with(day) => clock,
        _ => &last,
    };
    Some(format!("{first} to {last}"))
}
