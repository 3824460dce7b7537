//! A run's verdict for the reports that `validate` writes as well: every request is a record, and
//! its number serves as the line.

use crate::check::Policy;
use crate::check::finding::Finding;
use crate::check::report::{Checked, FindingTally, JourneyLabel, Remark};
use crate::check::rule::Level;
use crate::check::verdict::{RequestFinding, RunVerdict, What};
use crate::commands::validate::Report;
use crate::failure::Failure;
use crate::sandbox::LedgerEntry;
use crate::wire::records::Record;
use std::collections::HashMap;

/// What the requests are called where a report names a file.
const SOURCE: &str = "event-logs";

/// Writes every request, and the run as a whole, into the reports.
pub fn write(
    entries: &[LedgerEntry],
    verdict: &RunVerdict,
    policy: &Policy,
    report: &mut dyn Report,
) -> Result<(), Failure> {
    let mut found: HashMap<u64, Vec<&RequestFinding>> = HashMap::new();
    for one in &verdict.found {
        found.entry(one.request).or_default().push(one);
    }
    let mut tally = FindingTally {
        records: verdict.requests,
        journeys: verdict.journeys as u64,
        ..FindingTally::default()
    };
    for entry in entries {
        let of_entry = found.remove(&entry.number).unwrap_or_default();
        let record = Record {
            number: entry.number,
            line: entry.number,
            ..Record::alone(&entry.body)
        };
        let journey = JourneyLabel::of(policy, &record);
        let request = ReportedRequest {
            entry,
            record,
            journey: journey.as_ref(),
        };
        request.write(&of_entry, &mut tally, report)?;
    }
    for difference in &verdict.differences {
        tally.add(Level::Error);
        report.remark(&Remark {
            source: SOURCE,
            record: 0,
            correlation_id: None,
            journey: None,
            name: "not-as-expected",
            level: Level::Error,
            message: difference,
            help: "send what is expected, or replace the expectation with --update",
        })?;
    }
    report.end(&tally)
}

/// A request with the journey it belongs to.
struct ReportedRequest<'a> {
    entry: &'a LedgerEntry,
    record: Record<'a>,
    journey: Option<&'a JourneyLabel>,
}

impl ReportedRequest<'_> {
    fn write(
        &self,
        found: &[&RequestFinding],
        tally: &mut FindingTally,
        report: &mut dyn Report,
    ) -> Result<(), Failure> {
        let number = self.entry.number;
        let findings: Vec<Finding> = found
            .iter()
            .filter_map(|found| match &found.what {
                What::Finding(finding) => Some(Finding {
                    line: number,
                    ..finding.clone()
                }),
                What::Refusal(..) => None,
            })
            .collect();
        tally.count(&findings);
        report.record(&Checked {
            source: SOURCE,
            record: self.record,
            findings: &findings,
            journey: self.journey,
        })?;
        for refusal in found {
            if let What::Refusal(..) = refusal.what {
                tally.add(refusal.level());
                report.remark(&Remark {
                    source: SOURCE,
                    record: number,
                    correlation_id: self.entry.journey.as_deref(),
                    journey: self.journey,
                    name: refusal.name(),
                    level: refusal.level(),
                    message: &refusal.message(),
                    help: "the sandbox did not look at the event log; fix the request around it",
                })?;
            }
        }
        Ok(())
    }
}
