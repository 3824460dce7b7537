//! A record under inspection: its text, its tree, and the findings so far.

use super::finding::{Finding, FindingPlace};
use super::record::FieldValue;
use super::rule::{Levels, Rule};
use super::sink::{Judged, Sink};
use crate::model::text::abridged;
use crate::wire::json::{Document, JsonNode, NodeKind, Way};
use crate::wire::records::Record;
use std::borrow::Cow;

/// A record under inspection.
pub struct Subject<'a> {
    /// The record.
    pub record: Record<'a>,
    /// Its tree.
    pub document: &'a Document,
    /// The level of each rule.
    pub levels: &'a Levels,
    /// What was found so far.
    pub findings: &'a mut Vec<Finding>,
    /// How many of each rule.
    counts: [u16; Rule::COUNT],
    /// The place that was reported last.
    last: TextPosition,
    /// The way to it.
    way: Way,
}

/// How many findings of one rule a record may have: nobody reads more, and a record can be made to
/// have as many as it has bytes.
const MOST: u16 = 1000;

impl<'a> Subject<'a> {
    /// A record with the findings that it has already.
    pub fn new(
        record: Record<'a>,
        document: &'a Document,
        levels: &'a Levels,
        findings: &'a mut Vec<Finding>,
    ) -> Subject<'a> {
        Subject {
            record,
            document,
            levels,
            findings,
            counts: [0; Rule::COUNT],
            last: TextPosition::start(&record),
            way: Way::default(),
        }
    }

    /// The record's bytes.
    pub fn text(&self) -> &'a [u8] {
        self.record.bytes
    }

    /// A node of the tree.
    pub fn node(&self, at: usize) -> JsonNode {
        self.document.node(at)
    }

    /// The text a string value stands for.
    pub fn string(&self, at: usize) -> Option<Cow<'a, str>> {
        self.document.text(self.text(), at)
    }

    /// A value as the rules about event logs see it.
    pub fn value(&self, at: usize) -> FieldValue<'a> {
        FieldValue::of(self.document, self.record.bytes, at)
    }

    /// A member's value, unless it is absent or null.
    pub fn get(&self, object: usize, name: &str) -> Option<usize> {
        self.document
            .get(self.text(), object, name)
            .filter(|value| self.node(*value).kind != NodeKind::Null)
    }

    /// Whether a rule is on, and more of its findings in this record are of use.
    pub fn wants(&self, rule: Rule) -> bool {
        self.levels.of(rule).is_some() && self.counts[rule as usize] <= MOST
    }

    /// Notes a finding, with the rule's own help.
    pub fn report(&mut self, rule: Rule, place: FindingPlace, message: impl Into<String>) {
        self.report_with(rule, place, message, rule.description().help);
    }

    /// Notes a finding.
    pub fn report_with(
        &mut self,
        rule: Rule,
        place: FindingPlace,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let Some(level) = self.levels.of(rule) else {
            return;
        };
        let count = &mut self.counts[rule as usize];
        *count = count.saturating_add(1);
        if *count > MOST {
            if *count == MOST + 1 {
                self.leave_out(rule);
            }
            return;
        }
        let (start, end) = match place {
            FindingPlace::Record => (0, 0),
            FindingPlace::Value(at) => (self.node(at).start as usize, self.node(at).end as usize),
            FindingPlace::Span(start, end) => (start, end),
        };
        let pointer = match place {
            FindingPlace::Record => String::new(),
            FindingPlace::Value(_) | FindingPlace::Span(..) => {
                let text = self.record.bytes;
                self.document.pointer_to(text, start, &mut self.way)
            }
        };
        self.last.move_to(&self.record, start);
        let TextPosition { line, column, .. } = self.last;
        self.findings.push(Finding {
            rule,
            level,
            pointer,
            line,
            column,
            offset: start,
            length: end - start,
            message: abridged(message.into()),
            help: abridged(help.into()),
            journey: None,
        });
    }

    /// Says in a rule's last finding that there would be more.
    fn leave_out(&mut self, rule: Rule) {
        let mut findings = self.findings.iter_mut().rev();
        if let Some(last) = findings.find(|finding| finding.rule == rule) {
            last.message
                .push_str("; this rule has more findings in this record");
        }
    }
}

impl Sink for Subject<'_> {
    fn wants(&self, rule: Rule) -> bool {
        Subject::wants(self, rule)
    }

    fn found_with(
        &mut self,
        rule: Rule,
        place: FindingPlace,
        say: impl FnOnce() -> (String, String),
    ) -> Judged {
        if self.levels.of(rule).is_some() {
            let (message, help) = say();
            self.report_with(rule, place, message, help);
        }
        Ok(())
    }
}

/// Line and column in the source of a place in a record.
pub fn position(record: &Record<'_>, place: usize) -> (u64, u64) {
    let mut position = TextPosition::start(record);
    position.move_to(record, place);
    (position.line, position.column)
}

/// A place in a record with its line and column in the source.
#[derive(Clone, Copy, Debug)]
struct TextPosition {
    place: usize,
    line: u64,
    column: u64,
}

impl TextPosition {
    fn start(record: &Record<'_>) -> TextPosition {
        TextPosition {
            place: 0,
            line: record.line,
            column: record.column,
        }
    }

    /// Goes on from where it is; most places come in order.
    fn move_to(&mut self, record: &Record<'_>, place: usize) {
        if place < self.place {
            *self = TextPosition::start(record);
        }
        let place = place.min(record.bytes.len());
        let between = &record.bytes[self.place..place];
        let chars = |bytes: &[u8]| bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count() as u64;
        match memchr::memrchr(b'\n', between) {
            Some(at) => {
                self.line += memchr::memchr_iter(b'\n', between).count() as u64;
                self.column = chars(&between[at + 1..]) + 1;
            }
            None => self.column += chars(between),
        }
        self.place = place;
    }
}

#[cfg(test)]
mod tests {
    use crate::check::rule::Rule;
    use crate::check::{Checker, Policy};
    use crate::model::timestamp::Timestamp;
    use crate::wire::records::Record;

    #[test]
    fn one_record_has_no_end_of_faults_and_no_long_sentences() {
        let fields: Vec<_> = (0..3000).map(|at| format!("\"f{at}\":1")).collect();
        let code = "漢".repeat(100_000);
        let text = format!(
            "{{{},\"eventCode\":\"{code}\",\"mode\":\"{}\"}}",
            fields.join(","),
            "\t".repeat(5000)
        );
        let policy = Policy::at(Timestamp::from_millis(0));
        let findings = Checker::new(policy).check("x", &Record::alone(text.as_bytes()));
        let of = |rule| {
            let findings = findings.iter().filter(move |finding| finding.rule == rule);
            findings.collect::<Vec<_>>()
        };
        for rule in [Rule::UnknownField, Rule::JsonSyntax] {
            let found = of(rule);
            assert_eq!(found.len(), 1000);
            assert!(
                found[999]
                    .message
                    .ends_with("this rule has more findings in this record")
            );
            assert!(!found[998].message.contains("there are more"));
        }
        let message = &of(Rule::UnknownCode)[0].message;
        assert!(message.starts_with('漢') && message.contains("漢…"));
        assert!(
            message.ends_with("a code is four digits and N, W or E"),
            "{message}"
        );
        for finding in &findings {
            assert!(finding.message.chars().count() < 500 && finding.help.len() < 500);
        }
    }
}
