//! The sys events, the youngest first.

use super::super::server::Shared;
use super::{escape, escape_block};
use crate::model::sys_event::{Envelope, Severity};
use crate::model::trigger::{FailurePrefix, TriggerKind};
use std::fmt::Write;

/// The panel of events.
pub fn section(state: &Shared, most: usize) -> String {
    let latest = *state.history.news().borrow();
    let from = latest.saturating_sub(most as u64);
    let (events, _) = state.history.after(from, most);
    let mut html = format!(
        "<section id=\"events\" aria-labelledby=\"events-title\">\n<h2 id=\"events-title\">Sys events <span class=\"count\">{latest}</span></h2>\n<ol class=\"events\">\n"
    );
    for event in events.iter().rev() {
        let Ok(envelope) = serde_json::from_str::<Envelope>(&event.text) else {
            continue;
        };
        item(event.number, &envelope, &event.text, &mut html);
    }
    if events.is_empty() {
        html.push_str("<li class=\"empty\">Nothing has happened yet.</li>\n");
    }
    html.push_str("</ol>\n</section>\n");
    html
}

fn item(number: u64, envelope: &Envelope, text: &str, html: &mut String) {
    let kind = &envelope.event_type;
    let (class, sign, word) = match Severity::of(kind) {
        Severity::Bad => ("error", "✖", "bad"),
        Severity::Notice => ("hint", "◆", "notice"),
        Severity::Quiet => ("quiet", "·", "quiet"),
    };
    // The clock in 2024-02-25T11:58:12.336598Z, to the millisecond.
    let clock = envelope.ts.as_deref().and_then(|ts| ts.get(11..23));
    let _ = write!(
        html,
        "<li class=\"{class}\"><details id=\"e{number}\"><summary><time>{}</time><i title=\"{word}\">{sign}</i><span class=\"type\">{}</span><span class=\"who\">{}</span></summary><pre class=\"raw\" tabindex=\"0\">{}</pre></details>",
        escape(clock.unwrap_or_default()),
        escape(kind),
        escape(&subject(envelope)),
        escape_block(&pretty(text)),
    );
    let failure = envelope.text("error").or_else(|| envelope.text("reason"));
    if let Some(failure) = failure {
        let _ = write!(html, "<p class=\"why\">{}</p>", escape(failure));
    }
    let consequence = || {
        let prefix = FailurePrefix::of(envelope.text("error")?)?;
        Some(prefix.consequence(TriggerKind::of(kind)?))
    };
    if let Some(consequence) = consequence() {
        let _ = write!(html, "<p class=\"then\">{consequence}</p>");
    }
    html.push_str("</li>\n");
}

fn subject(envelope: &Envelope) -> String {
    let name = envelope
        .trigger_name()
        .or_else(|| envelope.text("username"))
        .or_else(|| envelope.text("msg"))
        .unwrap_or_default();
    match envelope
        .data
        .get("duration_ms")
        .and_then(serde_json::Value::as_u64)
    {
        Some(millis) => format!("{name}, {millis} ms"),
        None => name.to_owned(),
    }
}

fn pretty(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}
