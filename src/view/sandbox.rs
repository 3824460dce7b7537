//! What the sandbox says about itself and about the event logs it received.

use super::json;
use super::sanitise;
use super::theme::{Styled, Theme};
use crate::check::rule::Level;
use crate::check::verdict::{Found, Verdict, What};
use crate::model::report::ReportFormat;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;

/// How many findings are shown to a person before the rest is only counted.
const SHOWN: usize = 50;

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses<'a> {
    /// The address of both servers.
    pub url: &'a str,
    /// The path of event logs.
    #[serde(skip)]
    pub event_log_path: &'a str,
    /// The path of sys events.
    #[serde(skip)]
    pub events_path: &'a str,
}

/// One line for machines.
pub fn started_line(addresses: &Addresses<'_>) -> Vec<u8> {
    json::line(addresses)
}

/// For people: where it is and how to use it.
pub fn started(addresses: &Addresses<'_>, exposed: bool, theme: &Theme) -> String {
    let Addresses {
        url,
        event_log_path,
        events_path,
    } = addresses;
    let mut text = format!(
        "sandbox at {address}/ (open it in a browser to watch)\n\
         \x20 event logs  PUT {url}{event_log_path}\n\
         \x20 sys events  GET {url}{events_path}\n\
         \x20 in a shell  export HIVELOG_SYNCHIVE_URL={url} HIVELOG_SERVER_URL={url} \\\n\
         \x20                    HIVELOG_CONNECTOR=sandbox_connector HIVELOG_KEY=any-key\n\
         \x20 Ctrl-C stops it",
        address = Styled(theme.name, url),
    );
    if exposed {
        let warning = Styled(theme.warning, "warning");
        let _ = write!(
            text,
            "\n{warning}: other machines can reach it; what is sent to it is neither encrypted nor protected"
        );
    }
    text
}

/// An event that was ordered.
pub fn happened(id: &str, event_type: &str, human: bool) -> Vec<u8> {
    if human {
        format!("{} {}\n", sanitise::line(event_type), sanitise::line(id)).into_bytes()
    } else {
        json::line(&json!({ "id": id, "type": event_type }))
    }
}

/// The counts of a run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Event logs that were taken.
    pub accepted: u64,
    /// Requests that were not.
    pub refused: u64,
    /// Findings at level warning.
    pub warnings: u64,
}

/// What was received, in one line.
pub fn stopped(received: Received) -> String {
    let Received {
        accepted,
        refused,
        warnings,
    } = received;
    format!("accepted {accepted}, refused {refused}, warnings {warnings}")
}

/// A report's bytes.
pub fn report(format: ReportFormat, verdict: &Verdict, good: bool) -> Vec<u8> {
    match format {
        ReportFormat::Json => verdict_line(verdict, good),
        ReportFormat::Junit => junit(verdict).into_bytes(),
        ReportFormat::Github => github(verdict).into_bytes(),
        ReportFormat::Markdown => markdown(verdict, good).into_bytes(),
    }
}

/// The verdict for machines.
pub fn verdict_line(verdict: &Verdict, good: bool) -> Vec<u8> {
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

fn found_json(found: &Found) -> Value {
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
pub fn verdict(verdict: &Verdict, least: Level, theme: &Theme) -> String {
    let mut text = String::new();
    let shown: Vec<_> = verdict
        .found
        .iter()
        .filter(|found| found.level() >= least)
        .collect();
    for found in shown.iter().take(SHOWN) {
        let style = match found.level() {
            Level::Error => theme.error,
            Level::Warning => theme.warning,
            Level::Hint => theme.hint,
        };
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
    .map(|(count, word)| plural(count as u64, word))
    .join(", ");
    let struck = match verdict.struck {
        0 => String::new(),
        struck => format!(", {} struck by faults", plural(struck, "request")),
    };
    let _ = write!(
        text,
        "{} accepted, {} refused in {}{struck}: {counts}",
        verdict.accepted,
        verdict.refused,
        plural(verdict.journeys as u64, "journey"),
    );
    text
}

fn about(found: &Found) -> String {
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

fn plural(count: u64, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}

fn markdown(verdict: &Verdict, good: bool) -> String {
    let mut text = format!(
        "### Event logs: {}\n\n{} accepted, {} refused, {} in all\n",
        if good {
            "as they should be"
        } else {
            "not as they should be"
        },
        verdict.accepted,
        verdict.refused,
        plural(verdict.journeys as u64, "journey"),
    );
    if !verdict.found.is_empty() {
        text.push_str("\n| request | code | level | rule | what |\n|---|---|---|---|---|\n");
    }
    for found in &verdict.found {
        let cell = |text: &str| {
            let mut safe = String::new();
            for c in sanitise::line(text).chars() {
                match c {
                    '<' => safe.push_str("&lt;"),
                    '&' => safe.push_str("&amp;"),
                    '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' => {
                        safe.push('\\');
                        safe.push(c);
                    }
                    c => safe.push(c),
                }
            }
            safe
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            found.request,
            cell(found.event_code.as_deref().unwrap_or_default()),
            found.level().name(),
            found.name(),
            cell(&found.message()),
        );
    }
    for difference in &verdict.differences {
        let _ = writeln!(text, "\n- not as expected: {}", sanitise::line(difference));
    }
    text
}

fn github(verdict: &Verdict) -> String {
    let escape = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let mut text = String::new();
    for found in &verdict.found {
        let command = match found.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Hint => "notice",
        };
        let message = format!(
            "request {}{}: {}",
            found.request,
            about(found),
            found.message()
        );
        let _ = writeln!(
            text,
            "::{command} title={}::{}",
            found.name(),
            escape(&message)
        );
    }
    for difference in &verdict.differences {
        let _ = writeln!(
            text,
            "::error title=not as expected::{}",
            escape(difference)
        );
    }
    text
}

fn junit(verdict: &Verdict) -> String {
    let escape = |text: &str| {
        sanitise::line(text)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    let mut cases: Vec<(String, Vec<String>)> = vec![("expectation".to_owned(), Vec::new())];
    cases[0].1.extend(verdict.differences.iter().cloned());
    for found in &verdict.found {
        let name = match &found.journey {
            Some(journey) => journey.clone(),
            None => format!("request {}", found.request),
        };
        let line = format!("request {}: {}", found.request, found.message());
        let at = cases.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| {
            cases.push((name, Vec::new()));
            cases.len() - 1
        });
        if found.level() == Level::Error {
            cases[at].1.push(line);
        }
    }
    let failures = cases.iter().filter(|(_, wrong)| !wrong.is_empty()).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"event logs\" tests=\"{}\" failures=\"{failures}\">\n",
        cases.len()
    );
    for (name, wrong) in &cases {
        let name = escape(name);
        if wrong.is_empty() {
            let _ = writeln!(text, "<testcase classname=\"hivelog\" name=\"{name}\"/>");
            continue;
        }
        let first = escape(&wrong[0]);
        let all: Vec<_> = wrong.iter().map(|line| escape(line)).collect();
        let _ = writeln!(
            text,
            "<testcase classname=\"hivelog\" name=\"{name}\"><failure message=\"{first}\">{}</failure></testcase>",
            all.join("\n")
        );
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
}
