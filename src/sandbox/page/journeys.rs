//! A journey as an article: who and what, the ladder of its stages, and every event log.

use super::super::journey::{Journey, Step};
use super::{escape, escape_block};
use crate::check::rule::Level;
use crate::model::code::{self, Code};
use crate::model::stage::{STAGES, Sender};
use std::fmt::Write;

/// How much of a record is shown.
const RAW: usize = 16 * 1024;
/// How many event logs of a journey are shown.
const STEPS: usize = 60;

/// What stands where nothing has been received.
pub const EMPTY: &str = r#"<div class="empty">
<p>Nothing has been received yet. Send an event log, for example:</p>
<pre>hivelog emit -c 5004N -s INBOUND_1 --outcome PROCESSING \
  --integration ShopNZ --shape Product --schema limber --mode SANDBOX \
  --external-id ShopNZ=9217354452632</pre>
<p>with the variables that <code>hivelog sandbox</code> printed, or let your own connector send to this address.</p>
</div>
"#;

/// How something is marked: a class for the colour, a sign, and a word for those who see neither.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Good,
    Warning,
    Error,
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Mark::Good => "good",
            Mark::Warning => "warning",
            Mark::Error => "error",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Mark::Good => "●",
            Mark::Warning => "▲",
            Mark::Error => "✖",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Mark::Good => "information",
            Mark::Warning => "warning",
            Mark::Error => "error",
        }
    }

    /// How badly a step went: one that was rejected by the rules is an error whatever its code.
    fn of(step: &Step) -> Mark {
        if !step.entry.accepted() && step.entry.fault.is_none() {
            return Mark::Error;
        }
        Mark::of_code(step)
    }

    /// The level that the step's code carries.
    fn of_code(step: &Step) -> Mark {
        let code = step.entry.event_code.as_deref().and_then(Code::find);
        match code.map(Code::level) {
            Some(code::Level::Warning) => Mark::Warning,
            Some(code::Level::Info) => Mark::Good,
            Some(code::Level::Error) | None => Mark::Error,
        }
    }
}

/// One journey.
pub fn article(journey: &Journey) -> String {
    let mut html = String::with_capacity(4096);
    let first = journey.steps.first().map_or(0, |step| step.entry.number);
    let worst = journey.steps.iter().map(Mark::of).max();
    let class = worst.map_or("", Mark::class);
    let _ = writeln!(
        html,
        "<article id=\"j{first}\" class=\"journey {class}\">\n<header>"
    );
    let (arrow, direction) = match journey.direction.as_str() {
        "INBOUND" => ("→", "into SyncHive"),
        "OUTBOUND" => ("←", "out of SyncHive"),
        _ => ("·", "direction unknown"),
    };
    let shape = journey.shape.as_deref().unwrap_or("unreadable");
    let _ = write!(
        html,
        "<h3><span class=\"arrow\" title=\"{direction}\" aria-label=\"{direction}\">{arrow}</span> {} <small>{}</small></h3>",
        escape(shape),
        escape(&journey.integration),
    );
    let _ = write!(
        html,
        "<code class=\"id\" title=\"correlation id\">{}</code>",
        escape(&journey.correlation)
    );
    if let Some(stream) = &journey.stream {
        let _ = write!(
            html,
            "<span class=\"stream\">part {}</span>",
            escape(stream)
        );
    }
    if let Some(ends) = journey.ends() {
        let _ = write!(
            html,
            "<span class=\"outcome {}\">{}</span>",
            outcome_class(ends),
            escape(ends)
        );
    }
    html.push_str("</header>\n");
    ladder(journey, &mut html);
    html.push_str("<ol class=\"steps\">\n");
    let hidden = journey.steps.len().saturating_sub(STEPS);
    for step in &journey.steps[hidden..] {
        row(step, &mut html);
    }
    html.push_str("</ol>\n");
    if hidden > 0 {
        let _ = writeln!(
            html,
            "<p class=\"empty\">{hidden} earlier event logs are not shown.</p>"
        );
    }
    html.push_str("</article>\n");
    html
}

fn outcome_class(outcome: &str) -> &'static str {
    match outcome {
        "FAILED" => "error",
        "RETRYING" => "warning",
        "MESSAGE_DELIVERED" | "MESSAGE_STORED" => "good",
        _ => "open",
    }
}

/// The stages of the journey's direction, each with how often and how badly it was reported.
fn ladder(journey: &Journey, html: &mut String) {
    let stages = STAGES
        .iter()
        .filter(|stage| stage.direction.name() == journey.direction);
    let mut rungs = String::new();
    for stage in stages {
        let steps: Vec<_> = journey
            .steps
            .iter()
            .filter(|step| step.stage.as_deref() == Some(stage.key))
            .collect();
        let mark = steps.iter().map(|step| Mark::of(step)).max();
        let sender = match stage.sender {
            Sender::Platform => " platform",
            Sender::Connector => "",
        };
        let (class, sign, word) = match mark {
            Some(mark) => (mark.class(), mark.sign(), mark.word()),
            None => ("unseen", "○", "not reported"),
        };
        let times = if steps.len() > 1 {
            format!("<b>×{}</b>", steps.len())
        } else {
            String::new()
        };
        let _ = write!(
            rungs,
            "<li class=\"{class}{sender}\" title=\"{}: {}, {word}\"><i aria-hidden=\"true\">{sign}</i><span>{}</span>{times}</li>",
            stage.key,
            stage.description,
            stage.word(),
        );
    }
    if !rungs.is_empty() {
        let _ = writeln!(
            html,
            "<ol class=\"ladder\" aria-label=\"stages\">{rungs}</ol>"
        );
    }
}

fn row(step: &Step, html: &mut String) {
    let entry = &step.entry;
    let mark = Mark::of_code(step);
    let code = entry.event_code.as_deref().unwrap_or("?");
    let described = Code::find(code).map_or("not in the glossary", |code| code.description);
    let clock = entry.at.short();
    let _ = write!(
        html,
        "<li><details id=\"r{number}\"><summary><time>{clock}</time><span class=\"code {class}\" title=\"{word}\"><i aria-hidden=\"true\">{sign}</i> {code}</span><span class=\"what\">{described}</span><span class=\"stage\">{stage}</span><span class=\"result\">{outcome}</span>",
        number = entry.number,
        clock = clock.split(' ').next().unwrap_or_default(),
        class = mark.class(),
        word = mark.word(),
        sign = mark.sign(),
        code = escape(code),
        stage = escape(step.stage.as_deref().unwrap_or("")),
        outcome = escape(step.outcome.as_deref().unwrap_or("")),
    );
    if let Some(fault) = &entry.fault {
        let _ = write!(
            html,
            "<span class=\"badge warning\">fault {}</span>",
            escape(fault)
        );
    } else if !entry.accepted() {
        let _ = write!(
            html,
            "<span class=\"badge error\">✖ refused {}</span>",
            entry.status
        );
    }
    html.push_str("</summary>\n");
    if let Some(detail) = &step.detail {
        let _ = writeln!(html, "<p class=\"detail\">{}</p>", escape_block(detail));
    }
    let raw = String::from_utf8_lossy(&entry.body);
    let end = raw.char_indices().nth(RAW).map_or(raw.len(), |(at, _)| at);
    let _ = writeln!(
        html,
        "<p class=\"from\">request {}, {} {}, answered {}</p>\n<pre class=\"raw\" tabindex=\"0\" aria-label=\"the record\">{}{}</pre></details>",
        entry.number,
        escape(&entry.method),
        escape(&entry.path),
        entry.status,
        escape_block(&raw[..end]),
        if end < raw.len() { " …" } else { "" },
    );
    findings(step, html);
    html.push_str("</li>\n");
}

/// What the rules found, beside the event log that caused it and always in sight.
fn findings(step: &Step, html: &mut String) {
    let by_rules = step
        .entry
        .findings
        .iter()
        .any(|finding| finding.level == Level::Error);
    if let (Some(refusal), false) = (&step.entry.refusal, by_rules) {
        let _ = writeln!(html, "<p class=\"finding error\">✖ {}</p>", escape(refusal));
    }
    for finding in &step.entry.findings {
        let (class, sign) = match finding.level {
            Level::Error => ("error", "✖"),
            Level::Warning => ("warning", "▲"),
            Level::Hint => ("hint", "◆"),
        };
        let _ = writeln!(
            html,
            "<p class=\"finding {class}\"><i aria-hidden=\"true\">{sign}</i> <b>{}</b> {} <span class=\"help\">{}</span></p>",
            finding.rule.name(),
            escape(&finding.message),
            escape(&finding.help),
        );
    }
}
