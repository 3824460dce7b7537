//! The sys events, the youngest first.

use super::super::state::SharedState;
use crate::model::event::{Event, Facts};
use crate::model::sys_event::{Severity, SysMember};
use crate::model::trigger::{FailurePrefix, TriggerKind};
use crate::render::html::{escape, escape_block};
use std::fmt::Write;

/// The panel of events.
pub fn section(state: &SharedState, most: usize) -> String {
    let latest = *state.history.news().borrow();
    let from = latest.saturating_sub(most as u64);
    let (events, _) = state.history.after(from, most);
    let mut html = format!(
        "<section id=\"events\" aria-labelledby=\"events-title\">\n<h2 id=\"events-title\">Sys events <span class=\"count\">{latest}</span></h2>\n<ol class=\"events\">\n"
    );
    for event in events.iter().rev() {
        if let Ok(read) = Event::read(&event.text) {
            item(event.number, &read, &mut html);
        }
    }
    if events.is_empty() {
        html.push_str("<li class=\"empty\">Nothing has happened yet.</li>\n");
    }
    html.push_str("</ol>\n</section>\n");
    html
}

fn item(number: u64, event: &Event<'_>, html: &mut String) {
    let kind = &*event.event_type;
    let facts = event.facts();
    let (class, sign, word) = match Severity::of(kind) {
        Severity::Bad => ("error", "✖", "bad"),
        Severity::Notice => ("hint", "◆", "notice"),
        Severity::Quiet => ("quiet", "·", "quiet"),
    };
    // The clock in 2024-02-25T11:58:12.336598Z, to the millisecond.
    let clock = event.ts.as_deref().and_then(|ts| ts.get(11..23));
    let _ = write!(
        html,
        "<li class=\"{class}\"><details id=\"e{number}\"><summary><time>{}</time><i title=\"{word}\">{sign}</i><span class=\"type\">{}</span><span class=\"who\">{}</span></summary><pre class=\"raw\" tabindex=\"0\">{}</pre></details>",
        escape(clock.unwrap_or_default()),
        escape(kind),
        escape(&subject(facts)),
        escape_block(&pretty(event.raw)),
    );
    let error = facts.text(SysMember::Error);
    if let Some(failure) = error.or_else(|| facts.text(SysMember::Reason)) {
        let _ = write!(html, "<p class=\"why\">{}</p>", escape(failure));
    }
    let consequence = || {
        let prefix = FailurePrefix::of(error?)?;
        Some(prefix.consequence(TriggerKind::of(kind)?))
    };
    if let Some(consequence) = consequence() {
        let _ = write!(html, "<p class=\"then\">{consequence}</p>");
    }
    html.push_str("</li>\n");
}

fn subject(facts: &Facts<'_>) -> String {
    let name = facts
        .trigger_name()
        .or_else(|| facts.text(SysMember::Username))
        .or_else(|| facts.text(SysMember::Msg))
        .unwrap_or_default();
    match facts.text(SysMember::DurationMs) {
        Some(millis) => format!("{name}, {millis} ms"),
        None => name.to_owned(),
    }
}

fn pretty(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}
