//! The verdict on the event logs that a program has sent.

use crate::check::Unfinished;
use crate::check::verdict::{Found, Verdict, What};
use crate::sandbox::expect::Expectation;
use crate::sandbox::journey::LedgerJourney;
use crate::sandbox::{LedgerEntry, LedgerTally};

/// Judges what is in the ledger.
pub fn judge(
    tally: LedgerTally,
    entries: &[LedgerEntry],
    journeys: &[LedgerJourney],
    unfinished: Vec<Unfinished>,
    expectation: Option<&Expectation>,
) -> Verdict {
    let mut found: Vec<Found> = entries.iter().flat_map(found).collect();
    let unfinished = unfinished.into_iter();
    found.extend(unfinished.map(|unfinished| never_ended(unfinished, entries)));
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

fn found(entry: &LedgerEntry) -> Vec<Found> {
    let of = |what| Found {
        request: entry.number,
        event_code: entry.event_code.clone(),
        journey: entry.journey.clone(),
        what,
    };
    let findings = entry.findings.iter().cloned().map(What::Finding);
    let mut all: Vec<Found> = findings.map(of).collect();
    let refusal = entry
        .refused_before_rules()
        .filter(|_| entry.fault.is_none());
    all.extend(refusal.map(|why| of(What::Refusal(entry.status, why.to_owned()))));
    all
}

/// A journey that was left in the middle.
fn never_ended(unfinished: Unfinished, entries: &[LedgerEntry]) -> Found {
    let last = entries.binary_search_by_key(&unfinished.record, |entry| entry.number);
    Found {
        request: unfinished.record,
        event_code: last.ok().and_then(|at| entries[at].event_code.clone()),
        journey: unfinished.finding.journey.clone(),
        what: What::Finding(unfinished.finding),
    }
}
