//! The verdict of `sandbox run`, above everything else.

use crate::check::rule::Level;
use crate::check::verdict::{RequestFinding, RunVerdict};
use crate::model::text::counted;
use crate::render::html::escape;
use std::fmt::Write;

/// Findings that are shown.
const MOST: usize = 100;

/// The verdict on a run.
pub fn section(verdict: &RunVerdict, good: bool) -> String {
    let (class, word) = if good {
        ("good", "passed")
    } else {
        ("error", "failed")
    };
    let of = |level: Level| counted(verdict.count(level) as u64, level.name());
    let mut html = format!(
        "<section id=\"verdict\" class=\"journey {class}\" aria-labelledby=\"verdict-title\">\n\
         <h2 id=\"verdict-title\">The run {word}</h2>\n<p>{} accepted, {} refused in {}: {}, {}, \
         {}; the command ended with {}</p>\n",
        verdict.accepted,
        verdict.refused,
        counted(verdict.journeys as u64, "journey"),
        of(Level::Error),
        of(Level::Warning),
        of(Level::Hint),
        verdict.command,
    );
    for difference in &verdict.differences {
        let _ = writeln!(
            html,
            "<p class=\"finding error\">{}</p>",
            escape(difference)
        );
    }
    for found in verdict.found.iter().take(MOST) {
        html.push_str(&item(found));
    }
    if let Some(more @ 1..) = verdict.found.len().checked_sub(MOST) {
        let _ = writeln!(html, "<p class=\"empty\">… {more} more findings</p>");
    }
    html.push_str("</section>\n");
    html
}

fn item(found: &RequestFinding) -> String {
    let code = found.event_code.as_deref().unwrap_or("without code");
    let mut html = format!(
        "<p class=\"finding {}\"><b>{}</b> request {} ({}): {}",
        found.level().name(),
        found.name(),
        found.request,
        escape(code),
        escape(&found.message()),
    );
    if let Some(help) = found.help() {
        let _ = write!(html, " <i class=\"help\">{}</i>", escape(help));
    }
    html + "</p>\n"
}
