//! How the results of `emit` look.

use super::theme::{Styled, Theme};
use super::{json, sanitise};
use crate::model::delivery::{Delivery, Remark, Status, Totals};
use crate::model::format::Format;
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// How many lines the summary names for each kind of result.
const NAMED: usize = 10;

/// Results in the format that was asked for.
#[derive(Debug)]
pub struct Show {
    format: Format,
    as_curl: bool,
    human: Human,
    /// Values written into the array of `json`.
    written: u64,
    composed: bool,
}

impl Show {
    /// Nothing shown yet.
    pub fn new(format: Format, as_curl: bool, theme: Theme) -> Show {
        Show {
            format,
            as_curl,
            human: Human::new(theme),
            written: 0,
            composed: false,
        }
    }

    /// The receipt of a record.
    pub fn receipt(&mut self, receipt: &impl Serialize, id: &str) -> Vec<u8> {
        match self.format {
            Format::Human => format!("accepted {id}\n").into_bytes(),
            _ => self.value(receipt),
        }
    }

    /// What became of a record.
    pub fn result(&mut self, delivery: &Delivery) -> Vec<u8> {
        self.composed |= delivery.source == "flags";
        match self.format {
            Format::Human => self.human.result(delivery).into_bytes(),
            _ => self.value(delivery),
        }
    }

    /// A finding on a record that is sent all the same.
    pub fn remark(&self, remark: &Remark) -> String {
        self.human.remark(remark)
    }

    /// A request that would be made.
    pub fn request(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(String, Option<String>)],
        body: &[u8],
    ) -> Vec<u8> {
        if self.as_curl {
            return curl(method, url, headers, body);
        }
        if self.format == Format::Human {
            return request(method, url, headers, body);
        }
        let headers: serde_json::Map<String, serde_json::Value> = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_deref().unwrap_or("***").into()))
            .collect();
        self.value(&serde_json::json!({
            "method": method,
            "url": url,
            "headers": headers,
            "body": String::from_utf8_lossy(body),
        }))
    }

    /// The last word; one event log from flags has said everything already.
    pub fn summary(&mut self, totals: &Totals) -> Vec<u8> {
        match self.format {
            Format::Human if self.composed => Vec::new(),
            Format::Human => self.human.summary(totals).into_bytes(),
            _ => self.value(totals),
        }
    }

    /// What closes the output.
    pub fn end(&self) -> &'static [u8] {
        match (self.format, self.written) {
            (Format::Json, 0) => b"[]\n",
            (Format::Json, _) => b"\n]\n",
            _ => b"",
        }
    }

    fn value(&mut self, value: &impl Serialize) -> Vec<u8> {
        let mut line = json::line(value);
        if self.format != Format::Json {
            return line;
        }
        line.pop();
        let mut bytes = if self.written == 0 {
            b"[\n".to_vec()
        } else {
            b",\n".to_vec()
        };
        self.written += 1;
        bytes.append(&mut line);
        bytes
    }
}

/// Results for people; remembers what the summary needs.
#[derive(Debug, Default)]
pub struct Human {
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
    pub fn new(theme: Theme) -> Human {
        Human {
            theme,
            ..Human::default()
        }
    }

    /// One result; a delivered record of many is told by the summary alone.
    pub fn result(&mut self, delivery: &Delivery) -> String {
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
    pub fn remark(&self, finding: &Remark) -> String {
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
    pub fn summary(&self, totals: &Totals) -> String {
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
        let duration = if duration < Duration::from_secs(60) {
            format!("{:.1} s", totals.seconds)
        } else {
            crate::model::timestamp::plain_duration(duration)
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

/// A request as it would travel, with the key masked.
pub fn request(
    method: &str,
    url: &str,
    headers: &[(String, Option<String>)],
    body: &[u8],
) -> Vec<u8> {
    let mut text = format!("{method} {}\n", sanitise::line(url));
    for (name, value) in headers {
        let value = value.as_deref().unwrap_or("***");
        let _ = writeln!(text, "{name}: {}", sanitise::line(value));
    }
    let body = String::from_utf8_lossy(body);
    let _ = writeln!(text, "\n{}\n", sanitise::block(&body));
    text.into_bytes()
}

/// A request as a curl command line. The key stays in its variable.
pub fn curl(method: &str, url: &str, headers: &[(String, Option<String>)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("curl -X {method} {}", quoted(url));
    for (name, value) in headers {
        match value {
            Some(value) => {
                let _ = write!(text, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
            }
            // In double quotes these would not stay what they are.
            None if name.contains(['`', '$']) => {
                let _ = write!(
                    text,
                    " \\\n  -H {}\"$HIVELOG_KEY\"",
                    quoted(&format!("{name}: "))
                );
            }
            None => {
                let _ = write!(text, " \\\n  -H \"{name}: $HIVELOG_KEY\"");
            }
        }
    }
    text.push_str(" \\\n  --data-binary ");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(quoted(&same_json(body)).as_bytes());
    bytes.push(b'\n');
    bytes
}

/// The same JSON, with what could steer a terminal as escapes; everything else byte for byte.
fn same_json(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len());
    for c in String::from_utf8_lossy(body).chars() {
        if !sanitise::is_harmful(c) || matches!(c, '\n' | '\t') {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Text in single quotes for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_command_carries_the_same_json_and_steers_no_terminal() {
        let body = "{\"a\":\"x\u{9b}y\u{202e}'\u{e0001}\"}";
        let shown = String::from_utf8(curl(
            "PUT",
            "http://h",
            &[("X-`a".into(), None)],
            body.as_bytes(),
        ))
        .unwrap();
        assert!(
            !shown.chars().any(|c| sanitise::is_harmful(c) && c != '\n'),
            "{shown}"
        );
        assert!(shown.contains("-H 'X-`a: '\"$HIVELOG_KEY\""), "{shown}");
        let start = shown.find("--data-binary '").unwrap() + "--data-binary '".len();
        let pasted = shown[start..shown.len() - 2].replace("'\\''", "'");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&pasted), value(body));
    }

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

    #[test]
    fn a_curl_line_survives_quotes_and_leaves_the_key_out() {
        let headers = [
            ("limber-connector".to_owned(), Some("it's".to_owned())),
            ("X-Shop-Connector-Key".to_owned(), None),
        ];
        let line =
            String::from_utf8(curl("PUT", "https://h/x", &headers, b"{\"a\":\"it's\"}")).unwrap();
        assert_eq!(
            line,
            "curl -X PUT 'https://h/x' \\\n  -H 'limber-connector: it'\\''s' \\\n  \
             -H \"X-Shop-Connector-Key: $HIVELOG_KEY\" \\\n  --data-binary '{\"a\":\"it'\\''s\"}'\n"
        );
    }
}
