//! What the sandbox says about itself and about the event logs it received.

use crate::check::rule::Level;
use crate::check::verdict::{RequestFinding, RunVerdict, What};
use crate::commands::sandbox::{EVENT_LOG_PATH, EVENTS_PATH, LedgerEntry, LedgerTally};
use crate::model::text::counted;
use crate::render::json;
use crate::render::mark::Mark;
use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};
use serde_json::{Value, json};
use std::fmt::Write;

/// How many findings are shown to a person before the rest is only counted.
const SHOWN: usize = 50;

/// One line for machines.
pub fn started_line(url: &str) -> Vec<u8> {
    json::line(&json!({ "url": url }))
}

/// For people: where it is and how to use it.
pub fn started(url: &str, theme: &Theme) -> String {
    format!(
        "sandbox at {address}/ (open it in a browser to watch)\n\
         \x20 event logs  PUT {url}{EVENT_LOG_PATH}\n\
         \x20 sys events  GET {url}{EVENTS_PATH}\n\
         \x20 in a shell  export HIVELOG_SYNCHIVE_URL={url} \\\n\
         \x20                    HIVELOG_SERVER_URL={url} \\\n\
         \x20                    HIVELOG_CONNECTOR=sandbox_connector HIVELOG_KEY=sandbox-key\n\
         \x20 Ctrl-C stops it",
        address = Styled(theme.name, url),
    )
}

/// A request in one line: `PUT 400 5003E 3d6f1b2c… outbound-needs-iri`.
pub fn received(request: &LedgerEntry, theme: &Theme) -> String {
    let style = match (request.status, request.worst()) {
        (200..300, Some(Level::Warning)) => theme.warning,
        (200..300, _) => theme.good,
        _ => theme.error,
    };
    let status = match request.status {
        0 => "---".to_owned(),
        status => status.to_string(),
    };
    let mut line = format!(
        "{} {} {:5} {}",
        sanitise::line(&request.method),
        Styled(style, status),
        sanitise::line(request.event_code.as_deref().unwrap_or("-")),
        sanitise::line(&beginning(request.journey.as_deref().unwrap_or("-"))),
    );
    let mut rules: Vec<&str> = Vec::new();
    for finding in &request.findings {
        if !rules.contains(&finding.rule.name()) {
            rules.push(finding.rule.name());
        }
    }
    if rules.is_empty() {
        rules.extend(request.fault.as_deref().or(request.refusal.as_deref()));
    }
    if !rules.is_empty() {
        let _ = write!(line, " {}", sanitise::line(&rules.join(", ")));
    }
    line
}

/// Enough of an id to know it again.
fn beginning(id: &str) -> String {
    match id.char_indices().nth(8) {
        Some((at, _)) => format!("{}…", &id[..at]),
        None => id.to_owned(),
    }
}

/// What an address beyond this machine means.
pub fn exposed(theme: &Theme) -> String {
    let warning = Styled(theme.warning, "warning");
    format!(
        "{warning}: other machines can reach the sandbox; what is sent to it is neither encrypted nor protected"
    )
}

/// An event that was ordered.
pub fn happened(id: &str, event_type: &str, human: bool) -> Vec<u8> {
    if human {
        format!("{} {}\n", sanitise::line(event_type), sanitise::line(id)).into_bytes()
    } else {
        json::line(&json!({ "id": id, "type": event_type }))
    }
}

/// What was received, in one line.
pub fn stopped(tally: LedgerTally) -> String {
    format!(
        "accepted {}, refused {}, warnings {}",
        tally.accepted, tally.refused, tally.warnings
    )
}

/// The verdict for machines.
pub fn verdict_line(verdict: &RunVerdict, good: bool) -> Vec<u8> {
    let found: Vec<Value> = verdict.found.iter().map(found_json).collect();
    json::line(&json!({
        "good": good,
        "requests": verdict.requests,
        "accepted": verdict.accepted,
        "refused": verdict.refused,
        "struck": verdict.struck,
        "journeys": verdict.journeys,
        "errors": verdict.count(Level::Error),
        "warnings": verdict.count(Level::Warning),
        "hints": verdict.count(Level::Hint),
        "command": verdict.command,
        "differences": verdict.differences,
        "findings": found,
    }))
}

fn found_json(found: &RequestFinding) -> Value {
    let mut value = json!({
        "request": found.request,
        "eventCode": found.event_code,
        "journey": found.journey,
        "rule": found.name(),
        "level": found.level().name(),
        "message": found.message(),
        "help": found.help(),
    });
    if let What::Finding(finding) = &found.what {
        value["line"] = finding.line.into();
        value["column"] = finding.column.into();
        value["pointer"] = finding.pointer.clone().into();
    }
    value
}

/// The verdict for people.
pub fn verdict(verdict: &RunVerdict, least: Level, theme: &Theme) -> String {
    let mut text = String::new();
    let shown: Vec<_> = verdict
        .found
        .iter()
        .filter(|found| found.level() >= least)
        .collect();
    for found in shown.iter().take(SHOWN) {
        let style = Mark::of_finding(found.level()).style(theme);
        let _ = writeln!(
            text,
            "request {}{} {} {}",
            found.request,
            about(found),
            Styled(style, found.level().name()),
            Styled(theme.name, found.name()),
        );
        let _ = writeln!(text, "  {}", sanitise::line(&found.message()));
        if let Some(help) = found.help() {
            let _ = writeln!(text, "  help: {}", sanitise::line(help));
        }
    }
    if shown.len() > SHOWN {
        let _ = writeln!(text, "and {} more findings", shown.len() - SHOWN);
    }
    for difference in &verdict.differences {
        let style = Styled(theme.error, "not as expected");
        let _ = writeln!(text, "{style}: {}", sanitise::line(difference));
    }
    let counts = [
        (verdict.count(Level::Error), "error"),
        (verdict.count(Level::Warning), "warning"),
        (verdict.count(Level::Hint), "hint"),
    ]
    .map(|(count, word)| counted(count as u64, word))
    .join(", ");
    let struck = match verdict.struck {
        0 => String::new(),
        struck => format!(", {} hit by faults", counted(struck, "request")),
    };
    let _ = write!(
        text,
        "{} accepted, {} refused in {}{struck}: {counts}",
        verdict.accepted,
        verdict.refused,
        counted(verdict.journeys as u64, "journey"),
    );
    text
}

fn about(found: &RequestFinding) -> String {
    let parts: Vec<_> = [&found.event_code, &found.journey]
        .into_iter()
        .flatten()
        .map(|part| sanitise::line(part).into_owned())
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}
