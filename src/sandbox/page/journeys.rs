//! The journeys of the ledger, as articles.

use super::super::journey::{JourneyStep, LedgerJourney};
use crate::model::code::Code;
use crate::render::html::journey::{Article, Remark, Row};
use crate::render::mark::Mark;

/// How many event logs of a journey are shown.
const STEPS: usize = 60;

/// The text where nothing has been received.
pub const EMPTY: &str = r#"<div class="empty">
<p>Nothing has been received yet. Send an event log, for example:</p>
<pre>hivelog emit -c 5004N -s INBOUND_1 --outcome PROCESSING \
  --integration ShopNZ --shape Product --schema limber --mode SANDBOX \
  --external-id ShopNZ=9217354452632</pre>
<p>with the variables that <code>hivelog sandbox</code> printed, or let your own connector send to this address.</p>
</div>
"#;

/// One journey.
pub fn article(journey: &LedgerJourney) -> String {
    let hidden = journey.steps.len().saturating_sub(STEPS);
    let first = journey.steps.first().map_or(0, |step| step.entry.number);
    Article {
        anchor: format!("j{first}"),
        shape: journey.shape.as_deref().unwrap_or("unreadable"),
        integration: &journey.integration,
        direction: &journey.direction,
        correlation_id: &journey.correlation,
        stream: journey.stream.as_deref(),
        ends: journey.ends().map(|ends| (outcome_mark(ends), ends)),
        closing: None,
        hidden,
        rows: journey.steps[hidden..].iter().map(row).collect(),
    }
    .html()
}

fn outcome_mark(outcome: &str) -> Mark {
    match outcome {
        "FAILED" => Mark::Error,
        "RETRYING" => Mark::Warning,
        "MESSAGE_DELIVERED" | "MESSAGE_STORED" => Mark::Good,
        _ => Mark::Unknown,
    }
}

fn row(step: &JourneyStep) -> Row<'_> {
    let entry = &step.entry;
    let known = entry.event_code.as_deref().and_then(Code::find);
    // A code that the glossary does not have is refused.
    let mark = known.map_or(Mark::Error, |code| Mark::of_level(Some(code.level())));
    let is_refused = !entry.accepted() && entry.fault.is_none();
    let badge = match &entry.fault {
        Some(fault) => Some((Mark::Warning, format!("fault {fault}"))),
        None if is_refused => Some((Mark::Error, format!("✖ refused {}", entry.status))),
        None => None,
    };
    Row {
        anchor: format!("r{}", entry.number),
        day: None,
        clock: {
            let clock = entry.at.short();
            clock.split(' ').next().unwrap_or_default().to_owned()
        },
        mark,
        // One that was rejected by the rules is an error whatever its code.
        stage_mark: if is_refused { Mark::Error } else { mark },
        code: entry.event_code.as_deref().unwrap_or("?"),
        what: known.map_or("not in the glossary", |code| code.description),
        stage: step.stage.as_deref().unwrap_or_default(),
        outcome: step.outcome.as_deref().unwrap_or_default(),
        badge,
        detail: step.detail.as_deref(),
        from: format!(
            "request {}, {} {}, answered {}",
            entry.number, entry.method, entry.path, entry.status
        ),
        raw: Some(String::from_utf8_lossy(&entry.body)),
        is_open: false,
        remarks: remarks(step),
    }
}

/// What the rules found, or else why it was refused.
fn remarks(step: &JourneyStep) -> Vec<Remark<'_>> {
    let findings = &step.entry.findings;
    let refusal = step.entry.refused_before_rules();
    let refusal = refusal.map(|message| Remark {
        mark: Mark::Error,
        rule: "",
        message,
        help: "",
    });
    let found = findings.iter().map(|finding| Remark {
        mark: Mark::of_finding(finding.level),
        rule: finding.rule.name(),
        message: &finding.message,
        help: &finding.help,
    });
    refusal.into_iter().chain(found).collect()
}
