//! JUnit XML: one suite a source, one test case a journey, or a record without one.

use crate::check::finding::Finding;
use crate::check::report::{Checked, FindingTally, JourneyLabel, Remark};
use crate::check::rule::Level;
use crate::commands::validate::reports::Reporter;
use crate::render::sanitise;
use std::collections::HashMap;
use std::fmt::Write;
use std::iter::once;

/// How many findings one test case lists before the rest is only counted.
const MOST_LISTED: u32 = 100;

/// How many bytes of findings a report lists before the rest is only counted.
const MOST: usize = 16 << 20;

/// How many test cases a suite has before what follows is one.
const CASES: usize = 100_000;

/// Everything is held until the end: journeys are interleaved, and a suite begins with its counts.
pub struct Junit {
    title: &'static str,
    fail_on: Option<Level>,
    /// How many bytes of findings there is room for.
    room: usize,
    suites: Vec<Suite>,
    index: HashMap<String, usize>,
}

struct Suite {
    source: String,
    cases: Vec<Case>,
    /// The case of each journey.
    journeys: HashMap<u64, usize>,
}

#[derive(Default)]
struct Case {
    name: String,
    records: u64,
    findings: u32,
    /// How many of them the text lists.
    listed: u32,
    failed: bool,
    /// Rule and message of the first finding that fails it.
    first: Option<(&'static str, String)>,
    text: String,
}

impl Junit {
    /// Test cases of a run of this name that fail by findings of this level or above.
    pub fn new(title: &'static str, fail_on: Option<Level>) -> Junit {
        Junit {
            title,
            fail_on,
            room: MOST,
            suites: Vec::new(),
            index: HashMap::new(),
        }
    }

    fn suite(&mut self, source: &str) -> &mut Suite {
        let at = if let Some(at) = self.index.get(source) {
            *at
        } else {
            self.suites.push(Suite {
                source: source.to_owned(),
                cases: Vec::new(),
                journeys: HashMap::new(),
            });
            self.index.insert(source.to_owned(), self.suites.len() - 1);
            self.suites.len() - 1
        };
        &mut self.suites[at]
    }
}

impl Suite {
    /// The case of a journey, or one of its own for what belongs to none.
    fn case(&mut self, journey: Option<&JourneyLabel>, name: impl Fn() -> String) -> &mut Case {
        let new = self.cases.len().min(CASES);
        let at = match journey {
            Some(journey) if new == CASES => *self.journeys.get(&journey.key).unwrap_or(&new),
            Some(journey) => *self.journeys.entry(journey.key).or_insert(new),
            None => new,
        };
        if at == self.cases.len() {
            self.cases.push(Case {
                name: match journey {
                    _ if at == CASES => "further journeys and records".to_owned(),
                    Some(journey) => journey.name.clone(),
                    None => name(),
                },
                ..Case::default()
            });
        }
        &mut self.cases[at]
    }

    /// The suite as XML, piece by piece.
    fn pieces(&self) -> impl Iterator<Item = String> {
        let failed = self.cases.iter().filter(|case| case.failed).count();
        let begin = format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">\n",
            escape(&self.source),
            self.cases.len(),
        );
        let cases = self.cases.iter().map(|case| case.xml(&self.source));
        let end = "  </testsuite>\n".to_owned();
        once(begin).chain(cases).chain(once(end))
    }
}

impl Case {
    fn take(&mut self, rule: &'static str, message: &str, fails: bool, room: &mut usize) {
        self.findings += 1;
        self.failed |= fails;
        if fails && self.first.is_none() {
            let message = if *room > 0 { message } else { "" };
            self.first = Some((rule, message.to_owned()));
        }
    }

    /// Lists a finding, if there is room.
    fn list(&mut self, text: std::fmt::Arguments<'_>, room: &mut usize) {
        if self.listed < MOST_LISTED && *room > 0 {
            let before = self.text.len();
            // Writing to a string cannot fail.
            let _ = self.text.write_fmt(text);
            *room = room.saturating_sub(self.text.len() - before);
            self.listed += 1;
        }
    }

    fn finding(&mut self, finding: &Finding, fails: bool, room: &mut usize) {
        let Finding { line, column, .. } = finding;
        let (level, rule) = (finding.level.name(), finding.rule.name());
        self.take(rule, &finding.message, fails, room);
        let text = format_args!(
            "line {line}, column {column}: {level} {rule}: {} ({})\n",
            finding.message, finding.help
        );
        self.list(text, room);
    }

    fn remark(&mut self, remark: &Remark<'_>, fails: bool, room: &mut usize) {
        self.take(remark.name, remark.message, fails, room);
        let text = format_args!(
            "{} {}: {} ({})\n",
            remark.level.name(),
            remark.name,
            remark.message,
            remark.help
        );
        self.list(text, room);
    }

    fn xml(&self, source: &str) -> String {
        let (name, source) = (escape(&self.name), escape(source));
        let mut text = format!(
            "    <testcase name=\"{name}\" classname=\"{source}\" assertions=\"{}\"",
            self.records
        );
        if self.findings == 0 {
            text.push_str("/>\n");
            return text;
        }
        let mut listed = escape(&self.text);
        if self.findings > self.listed {
            let _ = writeln!(listed, "and {} more", self.findings - self.listed);
        }
        // Writing to a string cannot fail.
        let _ = match &self.first {
            Some((rule, message)) => writeln!(
                text,
                ">\n      <failure type=\"{rule}\" message=\"{}\">{listed}</failure>\n    </testcase>",
                escape(message)
            ),
            None => writeln!(
                text,
                ">\n      <system-out>{listed}</system-out>\n    </testcase>"
            ),
        };
        text
    }
}

impl Reporter for Junit {
    fn record(&mut self, checked: &Checked<'_>, _: &mut Vec<u8>) {
        let (fail_on, mut room) = (self.fail_on, self.room);
        let record = &checked.record;
        let name = || format!("record {} (line {})", record.number, record.line);
        let case = self.suite(checked.source).case(checked.journey, name);
        // What only the end can report comes without bytes and is not a further record.
        case.records += u64::from(!checked.record.bytes.is_empty());
        for finding in checked.findings {
            let fails = fail_on.is_some_and(|level| finding.level >= level);
            case.finding(finding, fails, &mut room);
        }
        self.room = room;
    }

    fn remark(&mut self, remark: &Remark<'_>, _: &mut Vec<u8>) {
        let (fails, mut room) = (remark.fails(self.fail_on), self.room);
        let name = || match remark.record {
            0 => "the run as a whole".to_owned(),
            record => format!("record {record}"),
        };
        let case = self.suite(remark.source).case(remark.journey, name);
        case.remark(remark, fails, &mut room);
        self.room = room;
    }

    fn pieces(&self) -> Box<dyn Iterator<Item = String> + '_> {
        let cases = || self.suites.iter().flat_map(|suite| &suite.cases);
        let failed = cases().filter(|case| case.failed).count();
        let begin = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">\n",
            self.title,
            cases().count(),
        );
        Box::new(once(begin).chain(self.suites.iter().flat_map(Suite::pieces)))
    }

    fn end(&mut self, _: &FindingTally, out: &mut Vec<u8>) {
        out.extend_from_slice(b"</testsuites>\n");
    }
}

/// Text in XML 1.0: markup escaped, and what the format forbids made visible.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in sanitise::block(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_what_xml_forbids_is_made_visible() {
        assert_eq!(escape("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
        assert_eq!(escape("\u{0}\u{1b}[m\u{ffff}"), "\\u{0}\\u{1b}[m\\u{ffff}");
        assert_eq!(escape("ü\n\t漢"), "ü\n\t漢");
    }
}
