//! The results of `emit` for people: what ended badly line by line, and a summary.

use crate::check::rule::Rule;
use crate::commands::emit::output::Naming;
use crate::commands::emit::output::places::Named;
use crate::commands::emit::result::{Delivery, FindingSummary, Totals};
use crate::model::delivery::{DeliveryStatus, with_status};
use crate::model::duration::plain_duration;
use crate::model::text::short_id;
use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};
use anstyle::Style;
use indexmap::IndexMap;
use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

/// How many kinds of outcome are distinguished. What is unlike all of them is folded into one kind, so
/// that neither the screen nor memory depends on how many reasons a server finds.
const MOST_KINDS: usize = 200;

/// The reason of that kind.
const OTHER_REASONS: &str = "other reasons; '-o ndjson' has each";

/// What is said of an event of the automation server.
const SYS_EVENT: &str = "a sys event, not an event log";

/// Results for people; remembers what the summary needs.
#[derive(Debug)]
pub(super) struct HumanResults {
    theme: Theme,
    naming: Naming,
    /// Whether only what did not end as was asked is shown.
    quiet: bool,
    /// Records that ended as was asked: delivered, or saved for another process to send.
    as_asked: u64,
    /// The source that needs no name.
    usual: Option<String>,
    invalid: Named,
    refused: Named,
    failed: Named,
    kept: Named,
    /// Outcomes by what they have in common, in the order in which they were met.
    kinds: IndexMap<OutcomeKind, Alike>,
}

/// What makes two outcomes alike: how and why, without what belongs to one record alone.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OutcomeKind {
    status: DeliveryStatus,
    reason: String,
}

/// Records that ended alike.
#[derive(Debug)]
struct Alike {
    count: u64,
    /// As many as a reader knows of.
    shown: u64,
    /// Whether the first has a line of its own.
    detailed: bool,
    records: Named,
    /// Why all of them did, where that is the same to the letter.
    reason: Option<String>,
}

impl HumanResults {
    /// Results in the styles of a theme.
    pub(super) fn new(theme: Theme, naming: Naming, quiet: bool) -> HumanResults {
        HumanResults {
            theme,
            naming,
            quiet,
            as_asked: 0,
            usual: None,
            invalid: Named::new(naming),
            refused: Named::new(naming),
            failed: Named::new(naming),
            kept: Named::new(naming),
            kinds: IndexMap::new(),
        }
    }

    /// One result. A delivered record of many is reported by the summary alone, one that ended
    /// like another before it by [`HumanResults::folded`].
    pub(super) fn result(&mut self, delivery: &Delivery) -> String {
        let composed = self.naming.is_composed(delivery);
        let as_asked = is_as_asked(delivery);
        self.as_asked += u64::from(as_asked);
        self.usual.get_or_insert_with(|| delivery.source.clone());
        let records = match delivery.status {
            DeliveryStatus::Delivered if composed && !self.quiet => {
                return self.delivered(delivery);
            }
            DeliveryStatus::Delivered => return String::new(),
            DeliveryStatus::Invalid => &mut self.invalid,
            DeliveryStatus::Refused => &mut self.refused,
            DeliveryStatus::Failed => &mut self.failed,
            DeliveryStatus::Kept => &mut self.kept,
        };
        records.add(delivery);
        // Accepted by --queue: there is no more to say than the summary does.
        if as_asked && (self.quiet || !composed) {
            return String::new();
        }
        let reason = reason(delivery);
        let mut kind = OutcomeKind {
            status: delivery.status,
            reason: shared(&reason),
        };
        if self.kinds.len() >= MOST_KINDS && !self.kinds.contains_key(&kind) {
            kind.reason = OTHER_REASONS.into();
        }
        // What was asked for needs no line of its own.
        let detailed = !as_asked || composed && !self.quiet;
        let alike = self.kinds.entry(kind).or_insert_with(|| Alike {
            count: 0,
            shown: u64::from(detailed),
            detailed,
            records: Named::new(self.naming),
            reason: Some(reason.clone()),
        });
        alike.count += 1;
        alike.reason.take_if(|first| *first != reason);
        alike.records.add(delivery);
        if alike.count > 1 || !detailed {
            return String::new();
        }
        self.detailed(delivery, composed)
    }

    /// A result with everything there is to say about it.
    fn detailed(&self, delivery: &Delivery, composed: bool) -> String {
        let style = self.style(delivery.status);
        let mut text = String::new();
        if !composed {
            let name = match self.naming {
                Naming::Lines => {
                    format!("{}:{}", sanitise::line(&delivery.source), delivery.line)
                }
                Naming::Ids => short_id(delivery.id.as_deref().unwrap_or_default()).to_owned(),
            };
            let _ = write!(text, "{}: ", Styled(self.theme.name, name));
        }
        let _ = write!(text, "{}", Styled(style, word(delivery.status)));
        let _ = writeln!(text, "{}", of(delivery));
        if let Some(problem) = &delivery.error {
            let title = with_status(delivery.http, &problem.title);
            let _ = writeln!(text, "  {}", sanitise::line(&title));
            if let Some(detail) = problem
                .detail
                .as_ref()
                .filter(|detail| **detail != problem.title)
            {
                let _ = writeln!(text, "  {}", sanitise::line(detail));
            }
            let references = [
                ("type code", &problem.type_code),
                ("reference", &problem.uuid),
            ];
            for (name, value) in references {
                if let Some(value) = value {
                    let _ = writeln!(text, "  {name}: {}", sanitise::line(value));
                }
            }
        }
        if delivery.is_sys_event {
            let _ = writeln!(text, "  {SYS_EVENT}");
            return text;
        }
        for finding in folded_missing(&delivery.findings) {
            text.push_str(&self.remark(&finding));
        }
        text
    }

    /// `kept 1000 (lines 1-1000): cannot connect to http://localhost:9: connection refused`, for
    /// each kind whose records do not all have a line of their own; nothing the next time.
    pub(super) fn folded(&mut self) -> String {
        let kinds = std::mem::take(&mut self.kinds);
        let kinds = kinds.iter();
        let kinds = kinds.filter(|(_, alike)| alike.count > u64::from(alike.detailed));
        kinds
            .map(|(kind, alike)| self.alike(kind, alike, ""))
            .collect()
    }

    /// The same while more may come, for each kind that records were added to since it was shown.
    pub(super) fn so_far(&mut self) -> String {
        let kinds = self.kinds.iter();
        let kinds = kinds.filter(|(_, alike)| alike.count > alike.shown);
        let text = kinds
            .map(|(kind, alike)| self.alike(kind, alike, " so far"))
            .collect();
        for alike in self.kinds.values_mut() {
            alike.shown = alike.count;
        }
        text
    }

    fn alike(&self, kind: &OutcomeKind, alike: &Alike, so_far: &str) -> String {
        let usual = self.usual.as_deref().unwrap_or_default();
        let word = Styled(self.style(kind.status), word(kind.status));
        let (count, records) = (alike.count, alike.records.shown(usual));
        let mut text = format!("{word} {count}{so_far}{records}");
        let reason = alike.reason.as_ref().unwrap_or(&kind.reason);
        if !reason.is_empty() {
            let _ = write!(text, ": {}", sanitise::line(reason));
        }
        text.push('\n');
        text
    }

    /// Whether everything ended as was asked, and nothing is to be said of that.
    pub(super) fn is_silent(&self, totals: &Totals) -> bool {
        self.quiet && self.as_asked >= totals.records
    }

    fn style(&self, status: DeliveryStatus) -> Style {
        match status {
            DeliveryStatus::Delivered => self.theme.good,
            DeliveryStatus::Kept => self.theme.warning,
            DeliveryStatus::Invalid | DeliveryStatus::Refused | DeliveryStatus::Failed => {
                self.theme.error
            }
        }
    }

    fn delivered(&self, delivery: &Delivery) -> String {
        let good = Styled(self.theme.good, word(delivery.status));
        let http = delivery
            .http
            .map_or_else(String::new, |http| format!("{http}, "));
        let ms = delivery.ms.unwrap_or_default();
        let attempts = match delivery.attempts {
            0 | 1 => String::new(),
            more => format!(", {more} attempts"),
        };
        format!("{good}{} ({http}{ms} ms{attempts})\n", of(delivery))
    }

    /// One finding on a record.
    pub(super) fn remark(&self, finding: &FindingSummary) -> String {
        let style = match finding.level {
            "error" => self.theme.error,
            "warning" => self.theme.warning,
            _ => self.theme.hint,
        };
        let place = match finding.pointer.as_str() {
            "" => String::new(),
            pointer => format!(" {}", sanitise::line(pointer)),
        };
        format!(
            "  {} {}{place}: {}\n",
            Styled(style, finding.level),
            finding.rule,
            sanitise::line(&finding.message)
        )
    }

    /// `delivered 118, invalid 2 (lines 7, 31), kept 0 in 4.1 s`.
    pub(super) fn summary(&mut self, totals: &Totals) -> String {
        let mut text = self.folded();
        let usual = self.usual.as_deref().unwrap_or_default();
        let mut parts = vec![format!("delivered {}", totals.delivered)];
        let mut part = |name: &str, count: u64, records: &Named, always: bool| {
            let records = match self.naming {
                Naming::Lines => records.shown(usual),
                // The lines above have named them.
                Naming::Ids => String::new(),
            };
            if count > 0 || always {
                parts.push(format!("{name} {count}{records}"));
            }
        };
        part("invalid", totals.invalid, &self.invalid, true);
        part("refused", totals.refused, &self.refused, false);
        part("failed", totals.failed, &self.failed, false);
        part("kept", totals.kept, &self.kept, true);
        let duration = Duration::from_secs_f64(totals.seconds.max(0.0));
        let duration = if duration < Duration::from_secs(1) {
            format!("{} ms", duration.as_millis())
        } else if duration < Duration::from_secs(60) {
            format!("{:.1} s", totals.seconds)
        } else {
            plain_duration(duration)
        };
        let _ = writeln!(text, "{} in {duration}", parts.join(", "));
        if totals.maybe_duplicate > 0 {
            let attempts = match totals.maybe_duplicate {
                1 => "1 unconfirmed attempt".to_owned(),
                more => format!("{more} unconfirmed attempts"),
            };
            let _ = writeln!(
                text,
                "{attempts} may have been processed: the server may hold a second copy"
            );
        }
        text
    }
}

/// Whether nothing is wrong with how a record ended. One that is kept without a reason was only to
/// be accepted.
fn is_as_asked(delivery: &Delivery) -> bool {
    let saved = delivery.status == DeliveryStatus::Kept && delivery.error.is_none();
    saved || delivery.status == DeliveryStatus::Delivered
}

/// A reason without what belongs to one record: words with a digit in them, such as ids, lines
/// and instants. The first word stays; it may be a status.
fn shared(reason: &str) -> String {
    let apart = |c: char| c.is_whitespace() || "()[]{},;\"'".contains(c);
    let mut text = String::with_capacity(reason.len());
    for piece in reason.split_inclusive(apart) {
        let word = piece.trim_end_matches(apart);
        if !text.is_empty() && word.contains(|c: char| c.is_ascii_digit()) {
            text.push('…');
            text.push_str(&piece[word.len()..]);
        } else {
            text.push_str(piece);
        }
    }
    text
}

/// Why a record was not delivered.
fn reason(delivery: &Delivery) -> String {
    if delivery.is_sys_event {
        return SYS_EVENT.to_owned();
    }
    let findings = folded_missing(&delivery.findings).into_iter();
    let findings = findings.map(|finding| format!("{}: {}", finding.rule, finding.message));
    let problem = delivery.error.iter().map(|problem| {
        let (title, detail) = problem.kind();
        let title = with_status(delivery.http, title);
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        format!("{title}{detail}")
    });
    problem.chain(findings).collect::<Vec<_>>().join("; ")
}

/// The findings, with one for all the fields that are simply missing.
fn folded_missing(findings: &[FindingSummary]) -> Vec<Cow<'_, FindingSummary>> {
    let missing = |finding: &FindingSummary| {
        let name = finding.message.strip_suffix(" is missing")?;
        (finding.rule == Rule::MissingField.name()).then(|| name.to_owned())
    };
    let names = findings.iter().filter_map(missing).collect::<Vec<_>>();
    if names.len() < 2 {
        return findings.iter().map(Cow::Borrowed).collect();
    }
    let first = findings.iter().find(|finding| missing(finding).is_some());
    let all = first.map(|first| FindingSummary {
        message: format!("missing: {}", names.join(", ")),
        ..first.clone()
    });
    let others = findings.iter().filter(|finding| missing(finding).is_none());
    let all = all.map(Cow::Owned).into_iter();
    all.chain(others.map(Cow::Borrowed)).collect()
}

const fn word(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::Invalid => "invalid",
        DeliveryStatus::Refused => "refused",
        DeliveryStatus::Kept => "kept",
        DeliveryStatus::Failed => "failed",
    }
}

/// Which record, in its own words: code and correlation id.
fn of(delivery: &Delivery) -> String {
    [&delivery.event_code, &delivery.correlation_id]
        .into_iter()
        .flatten()
        .fold(String::new(), |mut text, part| {
            let _ = write!(text, " {}", sanitise::line(part));
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_what_belongs_to_a_record_are_alike() {
        for (one, other) in [
            (
                "bad: request 14cac731-6dd7-424c-bfbf-f0be0b07f8cf failed",
                "bad: request 0192f0c1-0000-7000-8000-00000000000a failed",
            ),
            (
                "1000N follows the terminal error 4005E (line 27)",
                "1000N follows the terminal error 4005E (line 131)",
            ),
            ("bad: id ab12, age 7 s", "bad: id 98fe, age 12 s"),
            (
                "waits behind an older record of the same journey until 2026-01-01T00:00:01Z",
                "waits behind an older record of the same journey until 2026-01-01T00:00:09Z",
            ),
        ] {
            assert_eq!(shared(one), shared(other));
        }
        for (one, other) in [
            ("500 no", "503 no"),
            ("mode 'x' is unknown", "mode 'y' is unknown"),
        ] {
            assert_ne!(shared(one), shared(other));
        }
    }

    /// The lines of a run in which records ended so, and its summary.
    fn ended(records: impl IntoIterator<Item = (u64, DeliveryStatus)>) -> (Vec<String>, String) {
        let mut human = HumanResults::new(Theme::default(), Naming::Lines, false);
        let mut totals = Totals {
            seconds: 4.1,
            ..Totals::default()
        };
        let mut end = |(line, status)| {
            totals.count(status);
            human.result(&Delivery {
                event_code: Some("1000N".into()),
                ..Delivery::unsent("logs.ndjson", line, line, status)
            })
        };
        let lines = records.into_iter().map(&mut end).collect();
        (lines, human.summary(&totals))
    }

    #[test]
    fn the_summary_names_lines_up_to_a_bound() {
        use DeliveryStatus::{Delivered, Failed, Invalid};

        let (lines, summary) = ended([(1, Delivered), (31, Invalid)]);
        assert_eq!(lines, ["", "logs.ndjson:31: invalid 1000N\n"]);
        assert_eq!(
            summary,
            "delivered 1, invalid 1 (line 31), kept 0 in 4.1 s\n"
        );
        let (lines, summary) = ended([(1, Delivered), (31, Invalid), (7, Invalid)]);
        assert_eq!(lines[2], "");
        assert_eq!(
            summary,
            "invalid 2 (lines 7, 31)\ndelivered 1, invalid 2 (lines 7, 31), kept 0 in 4.1 s\n"
        );
        let failed = (40..60).rev().chain((70..90).step_by(2)).chain([60]);
        let (lines, summary) = ended(failed.map(|line| (line, Failed)));
        assert_eq!(lines[0], "logs.ndjson:59: failed 1000N\n");
        assert!(lines[1..].iter().all(String::is_empty), "{lines:?}");
        let lines = "(lines 40-60, 70, 72, 74, 76, 78, 80, 82, … 3 more)";
        let folded = format!("failed 31 {lines}\n");
        assert!(summary.contains(&folded), "{summary}");
    }
}
