//! What a journey is called where each has a place of its own.

use crate::check::Policy;
use crate::wire::json::Document;
use crate::wire::records::Record;

/// How much of a value is shown.
const LONGEST: usize = 120;

/// A journey in words: its correlation id and what else distinguishes it from others.
pub fn name(policy: &Policy, record: &Record<'_>) -> String {
    let mut document = Document::default();
    document.read(record.bytes);
    let value = |path: &str| {
        let mut names = path.split('.');
        let found = names.try_fold(document.root()?, |object, name| {
            document.get(record.bytes, object, name)
        })?;
        let node = document.node(found);
        let raw = || String::from_utf8_lossy(&record.bytes[node.start as usize..node.end as usize]);
        let text = document.text(record.bytes, found).unwrap_or_else(raw);
        Some(short(&text))
    };
    if let Some(fields) = &policy.journey_key {
        let named = |field: &String| Some(format!("{field}={}", value(field)?));
        let named: Vec<_> = fields.iter().filter_map(named).collect();
        return format!("journey {}", named.join(" "));
    }
    let [correlation, integration, direction] = ["correlationId", "integrationKey", "direction"]
        .map(|name| value(name).unwrap_or_default());
    let stream = value("stream").map_or_else(String::new, |stream| format!(", stream {stream}"));
    let rest = format!("{integration} {direction}");
    format!("journey {correlation} ({}{stream})", rest.trim())
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
