//! The results of `emit` for people: what ended badly line by line, and a summary.

use crate::model::delivery::{Delivery, Remark, Status, Totals};
use crate::model::timestamp::plain_duration;
use crate::view::sanitise;
use crate::view::theme::{Styled, Theme};
use std::fmt::Write;
use std::time::Duration;

/// How many lines the summary names for each kind of result.
const NAMED: usize = 10;

/// Results for people; remembers what the summary needs.
#[derive(Debug, Default)]
pub(super) struct Human {
    theme: Theme,
    first_source: Option<String>,
    invalid: Lines,
    refused: Lines,
    failed: Lines,
    kept: Lines,
}

/// The first lines that ended in one way.
#[derive(Debug, Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, delivery: &Delivery, with_source: bool) {
        if self.0.len() <= NAMED {
            self.0.push(if with_source {
                format!("{}:{}", sanitise::line(&delivery.source), delivery.line)
            } else {
                delivery.line.to_string()
            });
        }
    }

    /// ` (lines 7, 31)`.
    fn named(&self) -> String {
        let shown = self.0.len().min(NAMED);
        let more = if self.0.len() > NAMED { ", …" } else { "" };
        match shown {
            0 => String::new(),
            1 if more.is_empty() => format!(" (line {})", self.0[0]),
            _ => format!(" (lines {}{more})", self.0[..shown].join(", ")),
        }
    }
}

impl Human {
    /// Results in the styles of a theme.
    pub(super) fn new(theme: Theme) -> Human {
        Human {
            theme,
            ..Human::default()
        }
    }

    /// One result; a delivered record of many is told by the summary alone.
    pub(super) fn result(&mut self, delivery: &Delivery) -> String {
        let first = self
            .first_source
            .get_or_insert_with(|| delivery.source.clone());
        let other_source = *first != delivery.source;
        let lines = match delivery.status {
            Status::Delivered => None,
            Status::Invalid => Some(&mut self.invalid),
            Status::Refused => Some(&mut self.refused),
            Status::Failed => Some(&mut self.failed),
            Status::Kept => Some(&mut self.kept),
        };
        let composed = delivery.source == "flags";
        match lines {
            None if composed => return self.delivered(delivery),
            None => return String::new(),
            Some(lines) => lines.add(delivery, other_source),
        }
        let style = match delivery.status {
            Status::Kept => self.theme.warning,
            _ => self.theme.error,
        };
        let mut text = String::new();
        if !composed {
            let source = sanitise::line(&delivery.source);
            let _ = write!(
                text,
                "{}: ",
                Styled(self.theme.name, format!("{source}:{}", delivery.line))
            );
        }
        let _ = write!(text, "{}", Styled(style, word(delivery.status)));
        let _ = writeln!(text, "{}", of(delivery));
        if let Some(problem) = &delivery.error {
            let http = delivery
                .http
                .filter(|http| !problem.title.starts_with(&http.to_string()))
                .map_or_else(String::new, |http| format!("{http} "));
            let _ = writeln!(text, "  {http}{}", sanitise::line(&problem.title));
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
        for finding in &delivery.findings {
            text.push_str(&self.remark(finding));
        }
        text
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
    pub(super) fn remark(&self, finding: &Remark) -> String {
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
    pub(super) fn summary(&self, totals: &Totals) -> String {
        let mut parts = vec![format!("delivered {}", totals.delivered)];
        let mut part = |name: &str, count: u64, lines: &Lines, always: bool| {
            if count > 0 || always {
                parts.push(format!("{name} {count}{}", lines.named()));
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
        let mut text = format!("{} in {duration}\n", parts.join(", "));
        if totals.maybe_duplicate > 0 {
            let _ = writeln!(
                text,
                "{} attempt(s) ended without an answer: the server may hold a second copy",
                totals.maybe_duplicate
            );
        }
        text
    }
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Delivered => "delivered",
        Status::Invalid => "invalid",
        Status::Refused => "refused",
        Status::Kept => "kept",
        Status::Failed => "failed",
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
    fn the_summary_names_lines_up_to_a_bound() {
        let mut human = Human::default();
        let mut totals = Totals::default();
        let mut add = |human: &mut Human, line, status| {
            let delivery = Delivery {
                source: "logs.ndjson".into(),
                record: line,
                line,
                status,
                http: None,
                attempts: 0,
                ms: None,
                id: None,
                event_code: Some("1000N".into()),
                correlation_id: None,
                error: None,
                findings: Vec::new(),
            };
            totals.count(status);
            totals.seconds = 4.1;
            (human.result(&delivery), human.summary(&totals))
        };
        add(&mut human, 1, Status::Delivered);
        add(&mut human, 7, Status::Invalid);
        let (line, summary) = add(&mut human, 31, Status::Invalid);
        assert_eq!(line, "logs.ndjson:31: invalid 1000N\n");
        assert_eq!(
            summary,
            "delivered 1, invalid 2 (lines 7, 31), kept 0 in 4.1 s\n"
        );
        for line in 40..60 {
            add(&mut human, line, Status::Failed);
        }
        let (_, summary) = add(&mut human, 60, Status::Failed);
        assert!(summary.contains("failed 21 (lines 40, 41,"), "{summary}");
        assert!(summary.contains("49, …)"), "{summary}");
    }
}
