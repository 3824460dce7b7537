//! The verdict on the event logs that a program has sent.

use crate::check::finding::Finding;
use crate::check::rule::{Level, Rule};
use crate::check::verdict::{Found, Verdict, What};
use crate::model::code::{Code, Level as CodeLevel};
use crate::model::outcome::UNFINISHED;
use crate::sandbox::expect::Expectation;
use crate::sandbox::journey::Journey;
use crate::sandbox::{Entry, Tally};

/// Judges what is in the ledger.
pub fn judge(
    tally: Tally,
    entries: &[Entry],
    journeys: &[Journey],
    expectation: Option<&Expectation>,
    whole: bool,
) -> Verdict {
    let mut found: Vec<Found> = entries.iter().flat_map(found).collect();
    if whole {
        found.extend(journeys.iter().filter_map(never_ended));
    }
    Verdict {
        requests: tally.requests,
        accepted: tally.accepted,
        refused: tally.refused,
        struck: entries.iter().filter(|entry| entry.fault.is_some()).count() as u64,
        journeys: journeys.len(),
        found,
        differences: expectation
            .map(|expectation| expectation.differences(journeys))
            .unwrap_or_default(),
        command: 0,
    }
}

fn found(entry: &Entry) -> Vec<Found> {
    let of = |what| Found {
        request: entry.number,
        event_code: entry.event_code.clone(),
        journey: entry.journey.clone(),
        what,
    };
    let findings = entry.findings.iter().cloned().map(What::Finding);
    let mut all: Vec<Found> = findings.map(of).collect();
    let by_rules = entry
        .findings
        .iter()
        .any(|finding| finding.level == Level::Error);
    if let Some(refusal) = &entry.refusal
        && !by_rules
        && entry.fault.is_none()
    {
        all.push(of(What::Refusal(entry.status, refusal.clone())));
    }
    all
}

/// A journey that was left in the middle.
fn never_ended(journey: &Journey) -> Option<Found> {
    let last = journey.accepted().next_back()?;
    let outcome = last.outcome.as_deref()?;
    let code = last.entry.event_code.as_deref().and_then(Code::find);
    let terminal = code.is_some_and(|code| code.level() == CodeLevel::Error);
    if terminal || !UNFINISHED.contains(&outcome) {
        return None;
    }
    let rule = Rule::NeverEnded.description();
    Some(Found {
        request: last.entry.number,
        event_code: last.entry.event_code.clone(),
        journey: last.entry.journey.clone(),
        what: What::Finding(Finding {
            rule: Rule::NeverEnded,
            level: rule.level,
            pointer: "/outcome".to_owned(),
            line: 1,
            column: 1,
            offset: 0,
            length: 0,
            message: format!("the journey ends in {outcome}"),
            help: rule.help.to_owned(),
            journey: last.entry.journey.clone(),
        }),
    })
}
