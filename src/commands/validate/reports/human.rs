//! Findings for people: place, rule, the source line with a caret, what is wrong, how to fix it.

use super::source_line::SourceLine;
use crate::check::finding::Finding;
use crate::check::fix::Fixer;
use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::{Level, RULES, Rule};
use crate::check::secrets;
use crate::commands::validate::reports::Reporter;
use crate::model::text::counted;
use crate::render::mark::Mark;
use crate::render::theme::{Styled, Theme};
use crate::render::{sanitise, wrap};
use anstyle::Style;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::ops::Range;

/// How many findings of one rule are shown for one source before the rest is only counted.
const SHOWN: u32 = 10;

/// How many hints are remembered.
const HINTS: usize = 4096;

/// Findings as text.
pub struct HumanReport {
    theme: Theme,
    width: usize,
    all: bool,
    shown: HashMap<(String, Rule), u32>,
    /// Hints that were shown: what they advise holds for all that say the same.
    hints: HashSet<(String, String)>,
    folded: u64,
    /// Finds out what `--fix` repairs.
    fixer: Fixer,
    fixable: u64,
}

impl HumanReport {
    /// Text for a terminal of this width; with `all` nothing is folded.
    pub fn new(theme: Theme, width: usize, all: bool, fixer: Fixer) -> HumanReport {
        HumanReport {
            theme,
            width: width.clamp(40, 400),
            all,
            shown: HashMap::new(),
            hints: HashSet::new(),
            folded: 0,
            fixer,
            fixable: 0,
        }
    }

    fn is_folded(&mut self, source: &str, finding: &Finding) -> bool {
        if self.all {
            return false;
        }
        if finding.level == Level::Hint && self.hints.len() < HINTS {
            let hint = (source.to_owned(), finding.message.clone());
            if !self.hints.insert(hint) {
                return true;
            }
        }
        let seen = self
            .shown
            .entry((source.to_owned(), finding.rule))
            .or_default();
        *seen += 1;
        *seen > SHOWN
    }

    fn style(&self, level: Level) -> Style {
        Mark::of_finding(level).style(&self.theme)
    }

    fn finding(
        &self,
        text: &mut String,
        checked: &Checked<'_>,
        finding: &Finding,
        is_fixable: bool,
        secrets: &[Range<usize>],
    ) {
        let theme = &self.theme;
        let style = self.style(finding.level);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}:{}:{} {} {}{}",
            Styled(theme.name, sanitise::line(checked.source)),
            finding.line,
            finding.column,
            Styled(style, finding.level.name()),
            Styled(theme.name, finding.rule.name()),
            if is_fixable { " [*]" } else { "" },
        );
        self.excerpt(text, checked.record.bytes, finding, secrets);
        let journey = finding
            .journey
            .as_deref()
            .map_or_else(String::new, |id| format!("journey {}: ", shortened(id)));
        let message = format!("{journey}{}", sanitise::line(&finding.message));
        self.message(text, &message);
        self.help(text, &sanitise::line(&finding.help));
        text.push('\n');
    }

    /// A sentence below its place.
    fn message(&self, text: &mut String, words: &str) {
        text.push_str(&wrap::hanging("  ", 2, words, self.width));
    }

    fn help(&self, text: &mut String, words: &str) {
        let label = format!("  {} ", Styled(self.theme.hint, "help:"));
        let folded = wrap::hanging(&label, "  help: ".len(), words, self.width);
        text.push_str(&folded);
    }

    /// The source line around the value, with a caret under it.
    fn excerpt(
        &self,
        text: &mut String,
        record: &[u8],
        finding: &Finding,
        secrets: &[Range<usize>],
    ) {
        if record.is_empty() || finding.offset > record.len() {
            return;
        }
        let gutter = finding.line.to_string();
        let room = self.width.saturating_sub(gutter.len() + 4).max(20);
        let line = SourceLine::around(record, finding.offset, finding.length, room, secrets);
        let dim = self.theme.dim;
        let _ = writeln!(
            text,
            " {} {}",
            Styled(dim, format_args!("{gutter} |")),
            line.shown
        );
        let _ = writeln!(
            text,
            " {:>3$} {}{}",
            Styled(dim, "|"),
            " ".repeat(line.before),
            Styled(self.style(finding.level), "^".repeat(line.under.max(1))),
            gutter.len() + 2,
        );
    }

    /// How often each rule fired, where that says more than the findings themselves.
    fn by_rule(&self, text: &mut String, tally: &FindingTally) {
        let kinds = tally.by_rule.iter().filter(|count| **count > 0).count();
        if kinds < 2 || tally.findings() <= u64::from(SHOWN) {
            return;
        }
        let mut rows: Vec<_> = RULES
            .iter()
            .zip(&tally.by_rule)
            .filter(|(_, count)| **count > 0)
            .collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let digits = rows.first().map_or(1, |(_, count)| count.to_string().len());
        for ((_, rule), count) in rows {
            let _ = writeln!(
                text,
                "  {count:>digits$} {:<7} {}",
                Styled(self.style(rule.level), rule.level.name()),
                rule.name
            );
        }
    }

    fn totals(&self, tally: &FindingTally) -> String {
        let records = counted(tally.records, "record");
        let journeys = counted(tally.journeys, "journey");
        let counts = [
            (tally.errors, "error", self.theme.error),
            (tally.warnings, "warning", self.theme.warning),
            (tally.hints, "hint", self.theme.hint),
        ];
        if tally.records == 0 {
            // That a source cannot be read has been reported.
            let empty = if tally.unreadable { "" } else { "no records\n" };
            return empty.to_owned();
        }
        let mut found: Vec<_> = counts
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, word, style)| Styled(style, counted(count, word)).to_string())
            .collect();
        if found.is_empty() {
            found.push(Styled(self.theme.good, "no findings").to_string());
        }
        if tally.known > 0 {
            found.push(format!("{} known from the baseline", tally.known));
        }
        format!("{records} in {journeys}: {}\n", found.join(", "))
    }
}

impl Reporter for HumanReport {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        let mut text = String::new();
        let secrets = LazyCell::new(|| secrets::spans(checked.record.bytes));
        let fixable = if checked.findings.is_empty() {
            Vec::new()
        } else {
            self.fixer.fixable(&checked.record, checked.findings)
        };
        let missing: Vec<_> = if self.all {
            Vec::new()
        } else {
            let kinds = [Rule::MissingField, Rule::SysMissingData];
            let kinds = kinds.into_iter();
            kinds
                .filter_map(|rule| Missing::of(rule, checked.findings))
                .collect()
        };
        for (finding, is_fixable) in checked.findings.iter().zip(fixable) {
            self.fixable += u64::from(is_fixable);
            let (shown, stands_for) = match missing.iter().find(|missing| missing.covers(finding)) {
                // The first one stands for all of the record.
                Some(missing) if !std::ptr::eq(missing.first, finding) => continue,
                Some(missing) => (&missing.all, missing.count),
                None => (finding, 1),
            };
            if self.is_folded(checked.source, shown) {
                self.folded += stands_for;
            } else {
                self.finding(&mut text, checked, shown, is_fixable, &secrets);
            }
        }
        out.extend_from_slice(text.as_bytes());
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        let theme = &self.theme;
        let mut text = format!(
            "{}:{} {} {}\n",
            Styled(theme.name, sanitise::line(remark.source)),
            remark.line(),
            Styled(self.style(remark.level), remark.level.name()),
            Styled(theme.name, remark.name),
        );
        self.message(&mut text, &sanitise::line(remark.message));
        self.help(&mut text, &sanitise::line(remark.help));
        text.push('\n');
        out.extend_from_slice(text.as_bytes());
    }

    fn end(&mut self, tally: &FindingTally, out: &mut Vec<u8>) {
        let mut text = String::new();
        if self.folded > 0 {
            let more = format!("{} hidden (--all)", counted(self.folded, "similar finding"));
            let _ = writeln!(text, "{}", Styled(self.theme.dim, more));
        }
        self.by_rule(&mut text, tally);
        text.push_str(&self.totals(tally));
        if self.fixable > 0 {
            let _ = writeln!(text, "[*] {} fixable with --fix", self.fixable);
        }
        out.extend_from_slice(text.as_bytes());
    }
}

/// Several fields that a record lacks, as one finding.
struct Missing<'a> {
    rule: Rule,
    /// What it stands in place of.
    first: &'a Finding,
    all: Finding,
    /// How many there are.
    count: u64,
}

impl<'a> Missing<'a> {
    /// What this rule found missing, if that is more than one field.
    fn of(rule: Rule, findings: &'a [Finding]) -> Option<Missing<'a>> {
        let missing = || {
            let of_rule = findings.iter().filter(|finding| finding.rule == rule);
            of_rule.filter_map(|finding| Some((finding, missing_field(finding)?)))
        };
        let (first, (whose, _)) = missing().next().filter(|_| missing().count() > 1)?;
        let names: Vec<_> = missing().map(|(_, (_, name))| name).collect();
        let count = names.len() as u64;
        let names = names.join(", ");
        let mut all = first.clone();
        if rule == Rule::MissingField {
            all.message = format!("missing: {names}");
            "add them; hivelog explain NAME says what belongs in each".clone_into(&mut all.help);
        } else {
            all.message = format!("{whose}{HAS_NO}{names}");
            all.help = all.help.replace("leaves it out", "leaves them out");
        }
        Some(Missing {
            rule,
            first,
            all,
            count,
        })
    }

    fn covers(&self, finding: &Finding) -> bool {
        finding.rule == self.rule && missing_field(finding).is_some()
    }
}

/// Whose field is missing, and its name, where a finding says that and nothing else.
fn missing_field(finding: &Finding) -> Option<(&str, &str)> {
    match finding.rule {
        Rule::SysMissingData => finding.message.split_once(HAS_NO),
        _ => Some(("", finding.message.strip_suffix(" is missing")?)),
    }
}

/// What stands before the name of a field that a sys event lacks.
const HAS_NO: &str = " has no ";

/// The first group of an id, enough to distinguish it from others nearby.
fn shortened(id: &str) -> String {
    let shown: String = id.chars().take(8).collect();
    let cut = id.chars().count() > 8;
    format!("{}{}", sanitise::line(&shown), if cut { "…" } else { "" })
}
