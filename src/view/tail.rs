//! The formats of `tail`.

use super::event::{Human, columns as text_columns, cut, pad};
use super::theme::Theme;
use super::{json, sanitise, unmet};
use crate::model::event::Event;
use crate::model::format::{Format, Time};
use crate::model::timestamp::{Timestamp, Zone};
use serde_json::{Map, Value};
use std::fmt::Write;

/// How events are to be shown.
#[derive(Clone, Debug)]
pub struct Style {
    /// The format.
    pub format: Format,
    /// Whether the output is a terminal, where nothing of others may act.
    pub terminal: bool,
    /// Its columns.
    pub width: usize,
    /// Colours.
    pub theme: Theme,
    /// The zone of times.
    pub zone: Zone,
    /// Whether events come from several servers, which are named.
    pub several: bool,
    /// Which part of a time.
    pub time: Time,
    /// The fields to show; none for the format's own choice.
    pub fields: Vec<String>,
    /// The fields to hide the values of.
    pub redact: Vec<String>,
}

/// The columns of `csv` and `table` when nobody asks for others.
const COLUMNS: [&str; 13] = [
    "ts",
    "type",
    "kind",
    "id",
    "trigger_id",
    "trigger_name",
    "flow_id",
    "flow_name",
    "duration_ms",
    "inputs",
    "outputs",
    "status",
    "error",
];

/// The columns of `table`, and what is left of them where there is little room.
const TABLE: [&str; 7] = [
    "ts",
    "type",
    "trigger_name",
    "flow_name",
    "duration_ms",
    "status",
    "error",
];
const NARROW_TABLE: [&str; 5] = ["ts", "type", "trigger_name", "duration_ms", "error"];

/// The column that names the server, when there are several.
const SOURCE: &str = "hivelogSource";

/// Turns events into bytes, one after the other.
#[derive(Debug)]
pub struct Renderer {
    style: Style,
    human: Human,
    begun: bool,
}

impl Renderer {
    /// Nothing is written yet.
    pub fn new(style: Style) -> Renderer {
        let width = style.terminal.then_some(style.width);
        Renderer {
            human: Human::new(style.theme, style.zone, style.time, width),
            style,
            begun: false,
        }
    }

    /// Writes one event.
    pub fn event(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        if !self.style.redact.is_empty() {
            let hidden = redacted(event.value(), &self.style.redact).to_string();
            if let Ok(event) = Event::read(&hidden) {
                self.plain(&event, source, out);
            }
            return;
        }
        self.plain(event, source, out);
    }

    fn plain(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.style.format {
            Format::Human => self.human.write(event, source, out),
            Format::Ndjson => {
                self.json(event, out);
                name_source(source, out);
                out.push('\n');
            }
            Format::Json => {
                out.push_str(if first { "[\n" } else { ",\n" });
                self.json(event, out);
                name_source(source, out);
            }
            Format::Csv => self.csv(event, source, first, out),
            Format::Table => self.table(event, source, first, out),
            Format::Logfmt => self.logfmt(event, source, out),
            Format::Cloudevents => cloud_event(event, source, out),
        }
    }

    /// Writes what closes the output.
    pub fn finish(&mut self, out: &mut String) {
        match (self.style.format, self.begun) {
            (Format::Json, true) => out.push_str("\n]\n"),
            (Format::Json, false) => out.push_str("[]\n"),
            (Format::Csv, false) => {
                self.header(out);
            }
            _ => {}
        }
    }

    fn json(&self, event: &Event<'_>, out: &mut String) {
        if !self.style.fields.is_empty() {
            let chosen: Map<String, Value> = self
                .style
                .fields
                .iter()
                .filter_map(|name| Some((name.clone(), event.field(name)?.clone())))
                .collect();
            push_json(&Value::Object(chosen), out);
        } else if self.style.terminal {
            push_escaped(&one_line(event.raw), out);
        } else {
            out.push_str(&one_line(event.raw));
        }
    }

    /// The columns: those that were asked for, or the usual ones.
    fn columns(&self, usual: &[&'static str]) -> Vec<&str> {
        if !self.style.fields.is_empty() {
            return self.style.fields.iter().map(String::as_str).collect();
        }
        let source = self.style.several.then_some(&SOURCE);
        source.into_iter().chain(usual).copied().collect()
    }

    fn header(&self, out: &mut String) {
        let columns = self.columns(&COLUMNS);
        let cells: Vec<String> = columns.into_iter().map(csv_cell).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }

    fn csv(&self, event: &Event<'_>, source: Option<&str>, first: bool, out: &mut String) {
        if first {
            self.header(out);
        }
        let cells: Vec<String> = self
            .columns(&COLUMNS)
            .iter()
            .map(|name| csv_cell(&cell(event, source, name)))
            .collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }

    /// Columns as they come: a table that waited for its last row would never be shown.
    fn table(&self, event: &Event<'_>, source: Option<&str>, first: bool, out: &mut String) {
        // Where there is little room, times are those of day, and names are short.
        let narrow = self.style.terminal && self.style.width < 140;
        let tight = narrow && self.style.fields.is_empty();
        let columns = self.columns(if narrow { &NARROW_TABLE } else { &TABLE });
        let most = self.style.terminal.then_some(self.style.width);
        let mut row = |cells: Vec<String>| {
            let mut line = String::new();
            for (at, (name, cell)) in columns.iter().zip(cells).enumerate() {
                let width = match *name {
                    "ts" if tight => 12,
                    "trigger_name" if tight => 14,
                    "ts" => 27,
                    "type" => 25,
                    "duration_ms" | "inputs" | "outputs" | "status" | "kind" => 11,
                    "id" | "trigger_id" | "schedule_id" | "flow_id" | "event_id" => 36,
                    _ => 20,
                };
                // On a terminal no cell moves another, and no row gets a second line.
                let last = at + 1 == columns.len();
                let cell = cut(&cell, most.filter(|_| !last).map(|_| width), 0);
                line.push_str(&cell);
                pad(&mut line, text_columns(&cell), width);
            }
            out.push_str(&cut(line.trim_end(), most, 0));
            out.push('\n');
        };
        if first {
            row(columns.iter().map(|name| name.to_uppercase()).collect());
        }
        let of_day = |text: String| match Timestamp::parse(&text) {
            Some(ts) => ts.at(self.style.zone).short().chars().take(12).collect(),
            None => text,
        };
        let show = |name: &&str| match cell(event, source, name) {
            text if tight && *name == "ts" => of_day(text),
            text => text,
        };
        row(columns.iter().map(show).collect());
    }

    fn logfmt(&self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let begin = out.len();
        let mut pair = |name: &str, value: &Value| {
            if out.len() > begin {
                out.push(' ');
            }
            // Keys end at blanks, quotes and equal signs, so these cannot stand in one.
            let odd =
                |c: char| c.is_whitespace() || c == '"' || c == '=' || sanitise::is_harmful(c);
            out.push_str(&name.replace(odd, "_"));
            out.push('=');
            match value {
                Value::String(text) if !text.is_empty() && !text.contains(odd) => {
                    out.push_str(text);
                }
                Value::String(text) => push_json(text, out),
                Value::Object(_) | Value::Array(_) => push_json(&value.to_string(), out),
                other => out.push_str(&other.to_string()),
            }
        };
        if let Some(source) = source {
            pair("source", &Value::String(source.to_owned()));
        }
        if !self.style.fields.is_empty() {
            for name in &self.style.fields {
                if let Some(value) = event.field(name) {
                    pair(name, value);
                }
            }
        } else if let Value::Object(members) = event.value() {
            for (name, value) in members {
                match value {
                    Value::Object(inner) if name == "data" => {
                        inner.iter().for_each(|(name, value)| pair(name, value));
                    }
                    other => pair(name, other),
                }
            }
        }
        out.push('\n');
    }
}

/// Adds a member that names the server, when there are several.
fn name_source(source: Option<&str>, out: &mut String) {
    if let Some(source) = source
        && out.ends_with('}')
    {
        out.pop();
        // An empty object has no member to stand behind.
        out.push_str(if out.ends_with('{') { "" } else { "," });
        out.push_str("\"hivelogSource\":");
        push_json(&source, out);
        out.push('}');
    }
}

/// A CloudEvents 1.0 envelope in JSON.
fn cloud_event(event: &Event<'_>, source: Option<&str>, out: &mut String) {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("specversion", "1.0".into());
    // The specification wants an id that is not empty; a record of ours has none of its own.
    let id = event.id.as_deref().or(event.ts.as_deref()).unwrap_or("0");
    set("id", id.into());
    let own = event.field("src").and_then(Value::as_str);
    set(
        "source",
        source
            .or(own.filter(|src| !src.is_empty()))
            .unwrap_or("/")
            .into(),
    );
    set("type", event.event_type.as_ref().into());
    if let Some(ts) = event.ts.as_deref() {
        set("time", ts.into());
    }
    set("kind", event.kind.as_ref().into());
    set("datacontenttype", "application/json".into());
    let data = if event.kind == "hivelog" {
        event.value().clone()
    } else {
        event.value().get("data").cloned().unwrap_or(Value::Null)
    };
    set("data", data);
    push_json(&Value::Object(members), out);
    out.push('\n');
}

/// A field as a cell. What hivelog itself says has other members, which stand in the nearest one.
fn cell(event: &Event<'_>, source: Option<&str>, name: &str) -> String {
    if name == SOURCE {
        return sanitise::line(source.unwrap_or_default()).into_owned();
    }
    let own = match name {
        "ts" => ["at", "to"],
        "error" => ["reason", "reason"],
        _ => [name, name],
    };
    let own = own.iter().filter(|_| event.kind == "hivelog");
    match event
        .field(name)
        .or_else(|| own.copied().find_map(|name| event.field(name)))
    {
        None => String::new(),
        Some(Value::String(text)) => sanitise::line(text).into_owned(),
        Some(other) => sanitise::line(&other.to_string()).into_owned(),
    }
}

fn csv_cell(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn push_json(value: &impl serde::Serialize, out: &mut String) {
    let line = json::line(value);
    out.push_str(String::from_utf8_lossy(&line).trim_end_matches('\n'));
}

/// The JSON text on one line: the same bytes if it is on one already, else without the blanks
/// between its tokens.
fn one_line(raw: &str) -> std::borrow::Cow<'_, str> {
    if memchr::memchr2(b'\n', b'\r', raw.as_bytes()).is_none() {
        return raw.into();
    }
    let mut compact = String::with_capacity(raw.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in raw.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        compact.push(c);
    }
    compact.into()
}

/// Everything that could act on a terminal as a JSON escape; it can only stand inside strings.
fn push_escaped(text: &str, out: &mut String) {
    if sanitise::is_plain(text) {
        return out.push_str(text);
    }
    for c in text.chars() {
        if sanitise::is_harmful(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// JSON for a terminal: line breaks and tabs stay, and what else could act there is escaped.
pub fn for_terminal(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() + 1);
    for piece in json.split_inclusive(['\n', '\t']) {
        let text = piece.trim_end_matches(['\n', '\t']);
        push_escaped(text, &mut shown);
        shown.push_str(&piece[text.len()..]);
    }
    shown
}

/// The value with the named fields hidden, at any depth.
fn redacted(value: &Value, names: &[String]) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let hidden = names.iter().any(|hidden| unmet::is_meant(hidden, name));
                let shown = if hidden && name != "type" {
                    Value::from("***")
                } else {
                    redacted(value, names)
                };
                (name.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| redacted(item, names)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn style(format: Format) -> Style {
        Style {
            format,
            terminal: false,
            width: 80,
            theme: Theme::new(false),
            zone: Zone::Utc,
            several: false,
            time: Time::Short,
            fields: Vec::new(),
            redact: Vec::new(),
        }
    }

    fn shown(style: Style, raw: &str) -> String {
        let mut renderer = Renderer::new(style);
        let mut out = String::new();
        renderer.event(&Event::read(raw).unwrap(), None, &mut out);
        renderer.finish(&mut out);
        out
    }

    const RAW: &str = r#"{"id":"1","ts":"2024-05-03T05:30:00Z", "type":"x.y","n":1.50,"data":{"flow_name":"a,\"b\"","ip":"::1"}}"#;

    #[test]
    fn every_format_shows_the_event() {
        assert_eq!(shown(style(Format::Ndjson), RAW), format!("{RAW}\n"));
        assert_eq!(shown(style(Format::Json), RAW), format!("[\n{RAW}\n]\n"));
        let csv = shown(style(Format::Csv), RAW);
        assert!(csv.starts_with("ts,type,kind,id,"), "{csv}");
        assert!(
            csv.contains("2024-05-03T05:30:00Z,x.y,,1,,,,\"a,\"\"b\"\"\","),
            "{csv}"
        );
        assert_eq!(
            shown(style(Format::Logfmt), RAW),
            "id=1 ts=2024-05-03T05:30:00Z type=x.y n=1.5 flow_name=\"a,\\\"b\\\"\" ip=::1\n"
        );
        let cloud: Value = serde_json::from_str(&shown(style(Format::Cloudevents), RAW)).unwrap();
        assert_eq!(cloud["specversion"], "1.0");
        assert_eq!(cloud["type"], "x.y");
        assert_eq!(cloud["data"]["ip"], "::1");
    }

    #[test]
    fn fields_are_chosen_and_hidden() {
        let chosen = Style {
            fields: vec!["type".to_owned(), "ip".to_owned(), "none".to_owned()],
            ..style(Format::Ndjson)
        };
        assert_eq!(shown(chosen, RAW), "{\"type\":\"x.y\",\"ip\":\"::1\"}\n");
        let hidden = Style {
            redact: vec!["ip".to_owned()],
            ..style(Format::Ndjson)
        };
        assert!(shown(hidden, RAW).contains(r#""ip":"***""#));
    }

    #[test]
    fn json_over_several_lines_becomes_one_without_a_change_of_meaning() {
        let raw = "{\r\n  \"type\" : \"a b\\\" \\\\\",\n \"n\": 1.50 }";
        assert_eq!(one_line(raw), r#"{"type":"a b\" \\","n":1.50}"#);
    }

    proptest! {
        #[test]
        fn escaping_for_a_terminal_keeps_the_meaning(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let mut escaped = String::new();
            push_escaped(&json, &mut escaped);
            prop_assert!(!escaped.chars().any(sanitise::is_harmful));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }
}
