//! The formats of `tail`.

pub mod ahead;
mod clock;
mod cloudevents;
pub mod event;
mod logfmt;
pub mod names;
mod rows;
pub mod unmet;

use crate::commands::tail::output::event::HumanEvents;
use crate::model::event::Event;
use crate::model::format::{AdviceDisplay, Format, Time};
use crate::model::timestamp::Zone;
use crate::render::json;
use crate::render::raw::{one_line, push_escaped};
use crate::render::theme::Theme;
pub use cloudevents::Origins;
use cloudevents::cloud_event;
use serde_json::{Map, Value};

/// The formats of events.
pub const FORMATS: [Format; 7] = [
    Format::Human,
    Format::Ndjson,
    Format::Json,
    Format::Csv,
    Format::Table,
    Format::Logfmt,
    Format::Cloudevents,
];

/// How events are to be shown.
#[derive(Clone, Debug)]
pub struct Style {
    /// The format.
    pub format: Format,
    /// Whether the output is a terminal, where nothing of others may act.
    pub terminal: bool,
    /// The columns that lines must stay within; none when they may be longer.
    pub width: Option<usize>,
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
    /// What events are said to come from.
    pub origins: Origins,
    /// How often advice is shown.
    pub advice: AdviceDisplay,
}

/// Turns events into bytes, one after the other.
#[derive(Debug)]
pub struct Renderer {
    style: Style,
    human: HumanEvents,
    array: json::Array,
    /// How many events were written.
    written: u64,
}

impl Renderer {
    /// Nothing is written yet.
    pub fn new(style: Style) -> Renderer {
        Renderer {
            human: HumanEvents::new(style.theme, style.zone, style.time, style.width)
                .advising(style.advice)
                .showing(&style.fields),
            array: json::Array::default(),
            style,
            written: 0,
        }
    }

    /// Writes one event.
    pub fn event(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        self.redacted(event, |own, event| own.plain(event, source, out));
    }

    /// Does something with an event of which nothing is left that must not be shown.
    fn redacted<T>(
        &mut self,
        event: &Event<'_>,
        write: impl FnOnce(&mut Self, &Event<'_>) -> T,
    ) -> Option<T> {
        if self.style.redact.is_empty() {
            return Some(write(self, event));
        }
        let hidden = redacted(event.value(), &self.style.redact).to_string();
        let event = Event::read(&hidden).ok()?;
        Some(write(self, &event))
    }

    fn plain(&mut self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let first = self.written == 0;
        self.written += 1;
        match self.style.format {
            Format::Ndjson => {
                self.json(event, out);
                name_source(source, out);
                out.push('\n');
            }
            Format::Json => {
                out.push_str(self.array.separator());
                self.json(event, out);
                name_source(source, out);
            }
            Format::Csv => self.csv(event, source, first, out),
            Format::Table => self.table(event, source, first, out),
            Format::Logfmt => self.logfmt(event, source, out),
            Format::Cloudevents => {
                cloud_event(event, self.written, &self.style.origins, source, out);
            }
            // The others are not among the formats of events.
            _ => self.human.write(event, source, out),
        }
    }

    /// Remembers the names in an event that is not shown.
    pub fn learn(&mut self, event: &Event<'_>) {
        if self.style.format == Format::Human {
            self.redacted(event, |own, event| own.human.learn(event.facts()));
        }
    }

    /// Writes what closes the output.
    pub fn finish(&mut self, out: &mut String) {
        match self.style.format {
            Format::Json => out.push_str(self.array.end()),
            Format::Csv if self.written == 0 => {
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
        } else if self.style.terminal || self.style.format == Format::Json {
            push_escaped(&one_line(event.raw), out);
        } else {
            out.push_str(&one_line(event.raw));
        }
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

fn push_json(value: &impl serde::Serialize, out: &mut String) {
    let line = json::line(value);
    out.push_str(String::from_utf8_lossy(&line).trim_end_matches('\n'));
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

    fn style(format: Format) -> Style {
        Style {
            format,
            terminal: false,
            width: None,
            theme: Theme::new(false),
            zone: Zone::Utc,
            several: false,
            time: Time::Short,
            fields: Vec::new(),
            redact: Vec::new(),
            origins: Origins::default(),
            advice: AdviceDisplay::Once,
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
    fn a_cloud_event_has_an_id_and_a_time_that_its_readers_accept() {
        let mut renderer = Renderer::new(style(Format::Cloudevents));
        let raws = [
            r#"{"type":"x","ts":"2024-05-03 17:30:00.895 +1200"}"#,
            r#"{"type":"x","ts":"2024-05-03 17:30:00.895 +1200"}"#,
            r#"{"type":"x","ts":"soon","id":"a\u0007"}"#,
            r#"{"type":"x","ts":"2024-05-03T05:30:00.123456Z","id":"7"}"#,
            r#"{"kind":"hivelog","type":"hivelog.gap","to":"2024-05-03T05:30:00.000Z"}"#,
            r#"{"kind":"hivelog","type":"hivelog.conflict","id":"7","count":1}"#,
        ];
        let mut out = String::new();
        for raw in raws {
            renderer.event(&Event::read(raw).unwrap(), None, &mut out);
        }
        let all: Vec<Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut ids: Vec<_> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids[3], "7");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), raws.len());
        let times: Vec<_> = all.iter().map(|one| one["time"].as_str()).collect();
        let wanted = [
            Some("2024-05-03T17:30:00.895+12:00"),
            Some("2024-05-03T17:30:00.895+12:00"),
            None,
            Some("2024-05-03T05:30:00.123456Z"),
            Some("2024-05-03T05:30:00Z"),
            None,
        ];
        assert_eq!(times, wanted);
    }

    #[test]
    fn a_logfmt_line_has_each_key_once() {
        let raw = r#"{"data":{"id":"inner","":4,"a b":1},"id":"1","a_b":2,"data.id":3,"type":"x"}"#;
        assert_eq!(
            shown(style(Format::Logfmt), raw),
            "id=1 a_b=2 data.id=3 type=x data.data.id=inner _=4 data.a_b=1\n"
        );
    }

    #[test]
    fn json_for_machines_holds_no_control_characters_and_ndjson_is_as_it_came() {
        let raw = "{\"type\":\"x\u{7f}\u{9b}\"}";
        assert_eq!(
            shown(style(Format::Json), raw),
            "[\n{\"type\":\"x\\u007f\\u009b\"}\n]\n"
        );
        assert_eq!(shown(style(Format::Ndjson), raw), format!("{raw}\n"));
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
}
