//! How kept records look.

use super::{sanitise, table};
use crate::model::kept::KeptRecord;
use std::fmt::Write;

/// Kept records for people: two lines each.
pub fn list(records: &[KeptRecord]) -> Vec<u8> {
    if records.is_empty() {
        return b"the spool is empty\n".to_vec();
    }
    let mut text = String::new();
    for record in records {
        let of = [&record.event_code, &record.correlation_id];
        let of: Vec<&str> = of.into_iter().filter_map(Option::as_deref).collect();
        let attempts = match record.attempts {
            0 => "not tried yet".to_owned(),
            1 => "1 attempt".to_owned(),
            more => format!("{more} attempts"),
        };
        let _ = writeln!(
            text,
            "{} {:<5} {}  {attempts}, accepted {}",
            record.id,
            record.state,
            sanitise::line(&of.join(" ")),
            record.accepted
        );
        if let Some(error) = &record.last_error {
            let _ = writeln!(text, "  {}", sanitise::line(error));
        }
    }
    text.into_bytes()
}

/// A table of kept records.
pub fn as_table(records: &[KeptRecord], width: usize) -> Vec<u8> {
    let rows = records.iter().map(|record| {
        vec![
            record.id.clone(),
            record.state.clone(),
            record.event_code.clone().unwrap_or_default(),
            record.correlation_id.clone().unwrap_or_default(),
            record.attempts.to_string(),
            record.accepted.clone(),
            record.last_error.clone().unwrap_or_default(),
        ]
    });
    let header = [
        "id",
        "state",
        "code",
        "correlation id",
        "attempts",
        "accepted",
        "last error",
    ];
    table::render(&header, rows, width)
}

/// One record with everything there is to know, its bytes last.
pub fn whole(record: &KeptRecord, body: &[u8]) -> String {
    let mut text = String::new();
    let maybe_duplicate = record.maybe_duplicate.to_string();
    let attempts = record.attempts.to_string();
    let place = format!("{}:{}", record.source, record.line);
    for (name, value) in [
        ("id", Some(&record.id)),
        ("destination", Some(&record.destination)),
        ("connector", record.connector.as_ref()),
        ("key header", record.key_header.as_ref()),
        ("from", Some(&place)),
        ("state", Some(&record.state)),
        ("attempts", Some(&attempts)),
        ("maybe duplicate", Some(&maybe_duplicate)),
        ("accepted", Some(&record.accepted)),
        ("next attempt", record.next_attempt.as_ref()),
        ("last error", record.last_error.as_ref()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<16} {}", sanitise::line(value));
        }
    }
    text.push('\n');
    text.push_str(&sanitise::block(&String::from_utf8_lossy(body)));
    text.push('\n');
    text
}
