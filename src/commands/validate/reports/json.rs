//! Findings as JSON: one object a line, or one array of the same objects.

use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::Level;
use crate::commands::validate::reports::Reporter;
use crate::render::json;
use serde::Serialize;

/// A finding as machines read it. Fields are only ever added.
#[derive(Serialize)]
pub struct FindingRow<'a> {
    source: &'a str,
    record: u64,
    line: u64,
    column: u64,
    pointer: &'a str,
    rule: &'a str,
    level: Level,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    journey: Option<&'a str>,
}

/// The rows of one record.
fn rows<'a>(checked: &'a Checked<'_>) -> impl Iterator<Item = FindingRow<'a>> {
    checked.findings.iter().map(|finding| FindingRow {
        source: checked.source,
        record: checked.record.number,
        line: finding.line,
        column: finding.column,
        pointer: &finding.pointer,
        rule: finding.rule.name(),
        level: finding.level,
        message: &finding.message,
        help: &finding.help,
        journey: finding.journey.as_deref(),
    })
}

/// What no rule found, in the same shape.
fn row<'a>(remark: &'a Remark<'_>) -> FindingRow<'a> {
    FindingRow {
        source: remark.source,
        record: remark.record,
        line: remark.line(),
        column: 1,
        pointer: "",
        rule: remark.name,
        level: remark.level,
        message: remark.message,
        help: remark.help,
        journey: remark.correlation_id,
    }
}

/// One finding a line, the tally last.
#[derive(Default)]
pub struct Ndjson;

impl Reporter for Ndjson {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        for row in rows(checked) {
            out.extend(json::line(&row));
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        out.extend(json::line(&row(remark)));
    }

    fn end(&mut self, tally: &FindingTally, out: &mut Vec<u8>) {
        out.extend(json::line(tally));
    }
}

/// One array of what [`Ndjson`] writes, so that it too can be written as it is found.
#[derive(Default)]
pub struct Json(json::Array);

impl Reporter for Json {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        for row in rows(checked) {
            out.extend(self.0.value(&row));
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        out.extend(self.0.value(&row(remark)));
    }

    fn end(&mut self, tally: &FindingTally, out: &mut Vec<u8>) {
        out.extend(self.0.value(tally));
        out.extend(self.0.end().as_bytes());
    }
}
