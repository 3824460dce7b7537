//! Markdown fit for a job summary: the counts, and a table of the findings.

use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::Level;
use crate::commands::validate::reports::Reporter;
use crate::model::text::counted;
use crate::render::markdown::cell;
use std::fmt::Write;

/// How many findings the table shows. Job summaries are limited in size.
const SHOWN: usize = 500;

/// The rows of the table are held, so that the counts can stand above it.
pub struct Markdown {
    title: &'static str,
    rows: Vec<String>,
    more: u64,
}

impl Markdown {
    /// The summary of a run of this name.
    pub fn new(title: &'static str) -> Markdown {
        Markdown {
            title,
            rows: Vec::new(),
            more: 0,
        }
    }

    fn row(&mut self, level: Level, place: &str, [rule, message, help]: [&str; 3]) {
        if self.rows.len() == SHOWN {
            self.more += 1;
            return;
        }
        self.rows.push(format!(
            "| {} | {place} | {rule} | {} | {} |\n",
            level.name(),
            cell(message),
            cell(help),
        ));
    }
}

impl Reporter for Markdown {
    fn record(&mut self, checked: &Checked<'_>, _: &mut Vec<u8>) {
        let source = cell(checked.source);
        for finding in checked.findings {
            let place = format!("{source}:{}:{}", finding.line, finding.column);
            let words = [finding.rule.name(), &finding.message, &finding.help];
            self.row(finding.level, &place, words);
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, _: &mut Vec<u8>) {
        let source = cell(remark.source);
        let place = match remark.record {
            0 => source,
            record => format!("{source}:{record}"),
        };
        let words = [remark.name, remark.message, remark.help];
        self.row(remark.level, &place, words);
    }

    fn end(&mut self, tally: &FindingTally, out: &mut Vec<u8>) {
        let mut text = format!("### {}\n\n", self.title);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{} in {}: **{}, {}, {}**",
            counted(tally.records, "record"),
            counted(tally.journeys, "journey"),
            counted(tally.errors, "error"),
            counted(tally.warnings, "warning"),
            counted(tally.hints, "hint"),
        );
        if tally.known > 0 {
            let _ = write!(text, ", {} known from the baseline", tally.known);
        }
        text.push('\n');
        if !self.rows.is_empty() {
            text.push_str("\n| level | place | rule | finding | help |\n|---|---|---|---|---|\n");
            text.extend(self.rows.drain(..));
        }
        if self.more > 0 {
            let more = counted(self.more, "more finding");
            let _ = write!(text, "\n{more} not shown.\n");
        }
        out.extend_from_slice(text.as_bytes());
    }
}
