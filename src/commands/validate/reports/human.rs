//! Findings for people: place, rule, the source line with a caret, what is wrong, how to fix it.

use super::source_line::{SourceLine, width};
use crate::check::finding::Finding;
use crate::check::fix::Fixer;
use crate::check::report::{Checked, Remark, Tally};
use crate::check::rule::{Level, RULES, Rule};
use crate::check::secrets;
use crate::commands::validate::reports::{Reporter, counted};
use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};
use anstyle::Style;
use std::cell::LazyCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

/// How many findings of one rule are shown for one source before the rest is only counted.
const SHOWN: u32 = 10;

/// Findings as text.
pub struct Human {
    theme: Theme,
    width: usize,
    all: bool,
    shown: HashMap<(String, Rule), u32>,
    folded: u64,
    /// Finds out what `--fix` repairs.
    fixer: Fixer,
    fixable: u64,
}

impl Human {
    /// Text for a terminal of this width; with `all` nothing is folded.
    pub fn new(theme: Theme, width: usize, all: bool, fixer: Fixer) -> Human {
        Human {
            theme,
            width: width.clamp(40, 400),
            all,
            shown: HashMap::new(),
            folded: 0,
            fixer,
            fixable: 0,
        }
    }

    fn is_folded(&mut self, source: &str, rule: Rule) -> bool {
        if self.all {
            return false;
        }
        let seen = self.shown.entry((source.to_owned(), rule)).or_default();
        *seen += 1;
        *seen > SHOWN
    }

    fn style(&self, level: Level) -> Style {
        match level {
            Level::Error => self.theme.error,
            Level::Warning => self.theme.warning,
            Level::Hint => self.theme.hint,
        }
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
        self.folded_lines(text, "  ", &message);
        let help = sanitise::line(&finding.help);
        self.folded_lines(text, &format!("  {} ", Styled(theme.hint, "help:")), &help);
        text.push('\n');
    }

    /// Words over as many lines as the width asks for, indented like the first.
    fn folded_lines(&self, text: &mut String, lead: &str, words: &str) {
        let indent = if lead.trim().is_empty() {
            lead.len()
        } else {
            "  help: ".len()
        };
        let room = self.width.saturating_sub(indent).max(20);
        let mut column = 0;
        text.push_str(lead);
        for word in words.split(' ') {
            let length = width(word);
            if column > 0 && column + 1 + length > room {
                let _ = write!(text, "\n{:indent$}", "");
                column = 0;
            } else if column > 0 {
                text.push(' ');
                column += 1;
            }
            text.push_str(word);
            column += length;
        }
        text.push('\n');
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
    fn by_rule(&self, text: &mut String, tally: &Tally) {
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

    fn totals(&self, tally: &Tally) -> String {
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

impl Reporter for Human {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        let mut text = String::new();
        let secrets = LazyCell::new(|| secrets::spans(checked.record.bytes));
        let fixable = if checked.findings.is_empty() {
            Vec::new()
        } else {
            self.fixer.fixable(&checked.record, checked.findings)
        };
        let missing = missing_fields(checked.findings).filter(|_| !self.all);
        for (finding, is_fixable) in checked.findings.iter().zip(fixable) {
            self.fixable += u64::from(is_fixable);
            let together = missing.as_ref().filter(|_| is_only_missing(finding));
            match together {
                // The first one stands for all of the record.
                Some((first, _)) if !std::ptr::eq(*first, finding) => {}
                _ if self.is_folded(checked.source, finding.rule) => self.folded += 1,
                Some((_, all)) => self.finding(&mut text, checked, all, is_fixable, &secrets),
                None => self.finding(&mut text, checked, finding, is_fixable, &secrets),
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
        self.folded_lines(&mut text, "  ", &sanitise::line(remark.message));
        let help = format!("  {} ", Styled(theme.hint, "help:"));
        self.folded_lines(&mut text, &help, &sanitise::line(remark.help));
        text.push('\n');
        out.extend_from_slice(text.as_bytes());
    }

    fn end(&mut self, tally: &Tally, out: &mut Vec<u8>) {
        let mut text = String::new();
        if self.folded > 0 {
            let more = format!("{} similar findings hidden (--all)", self.folded);
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

/// Whether a finding says that a field is missing, and nothing else.
fn is_only_missing(finding: &Finding) -> bool {
    finding.rule == Rule::MissingField && finding.message.ends_with(MISSING)
}

/// What the message about a missing field ends with.
const MISSING: &str = " is missing";

/// The first of a record's missing fields, if there are several, and what stands for all of them.
fn missing_fields(findings: &[Finding]) -> Option<(&Finding, Finding)> {
    let missing = || findings.iter().filter(|finding| is_only_missing(finding));
    let first = missing().next().filter(|_| missing().count() > 1)?;
    let names = missing().map(|finding| finding.message.trim_end_matches(MISSING));
    let names = names.collect::<Vec<_>>().join(", ");
    let all = Finding {
        message: format!("missing: {names}"),
        help: "add them; hivelog explain NAME says what belongs in each".to_owned(),
        ..first.clone()
    };
    Some((first, all))
}

/// The first group of an id, enough to distinguish it from others nearby.
fn shortened(id: &str) -> String {
    let shown: String = id.chars().take(8).collect();
    let cut = id.chars().count() > 8;
    format!("{}{}", sanitise::line(&shown), if cut { "…" } else { "" })
}
