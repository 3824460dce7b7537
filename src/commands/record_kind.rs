//! What a recorded record is, and what is passed over because another command takes it.

use crate::check::{EventLog, FastReader, FieldValue};
use crate::model::event::{Event, Flaw, Text};
use crate::model::event_log::Field;
use crate::model::text::counted;
use crate::model::timestamp::Timestamp;
use crate::wire::flaw;
use crate::wire::records::Record;
use serde::Deserialize;
use std::fmt::Display;

/// A record, by what it is.
pub enum RecordKind<'a> {
    /// An event log.
    Log(Box<LogFields<'a>>),
    /// An event of the automation server.
    Sys(Box<Event<'a>>),
    /// JSON that is neither.
    Neither,
}

/// The members of an event log that are looked at.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogFields<'a> {
    #[serde(borrow)]
    pub event_code: Text<'a>,
    #[serde(borrow)]
    pub correlation_id: Text<'a>,
    #[serde(borrow)]
    pub integration_key: Text<'a>,
    #[serde(borrow)]
    pub direction: Text<'a>,
    #[serde(borrow)]
    pub stream: Text<'a>,
    #[serde(borrow)]
    pub shape_name: Text<'a>,
    #[serde(borrow)]
    pub life_cycle_stage: Text<'a>,
    #[serde(borrow)]
    pub outcome: Text<'a>,
    #[serde(borrow)]
    pub generated_at: Text<'a>,
    #[serde(borrow)]
    pub detail: Text<'a>,
    #[serde(borrow, rename = "type")]
    event_type: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    /// The whole record.
    #[serde(skip)]
    pub raw: &'a str,
}

impl LogFields<'_> {
    /// When it was generated, if that is an instant.
    pub fn time(&self) -> Option<Timestamp> {
        Timestamp::parse(self.generated_at.get()?)
    }

    /// The rule by which `validate` distinguishes the two kinds of records, as far as it needs no
    /// list of types.
    fn is_sys(&self) -> bool {
        let has = |text: &Text<'_>| text.get().is_some();
        has(&self.event_type) && (has(&self.kind) || !has(&self.event_code))
    }
}

/// Reads one record after the other, without the details of event logs. Its memory serves from
/// record to record.
#[derive(Debug, Default)]
pub struct RecordReader(FastReader);

impl RecordReader {
    /// Reads a record, fast where it is an event log as machines write it.
    pub fn read<'a>(&mut self, record: &Record<'a>) -> Result<RecordKind<'a>, Flaw> {
        if let Some(log) = self.usual_log(record) {
            return Ok(RecordKind::Log(Box::new(log)));
        }
        let mut kind = read(record)?;
        if let RecordKind::Log(log) = &mut kind {
            log.detail = Text(None);
        }
        Ok(kind)
    }

    fn usual_log<'a>(&mut self, record: &Record<'a>) -> Option<LogFields<'a>> {
        if record.is_oversize() {
            return None;
        }
        let mut log = EventLog::default();
        self.0.read(record.bytes, &mut log)?;
        let text = |field| Text(log.get(field).and_then(FieldValue::text));
        let fields = LogFields {
            event_code: text(Field::EventCode),
            correlation_id: text(Field::CorrelationId),
            integration_key: text(Field::IntegrationKey),
            direction: text(Field::Direction),
            stream: text(Field::Stream),
            shape_name: text(Field::ShapeName),
            life_cycle_stage: text(Field::LifeCycleStage),
            outcome: text(Field::Outcome),
            generated_at: text(Field::GeneratedAt),
            detail: Text(None),
            event_type: Text(None),
            kind: Text(None),
            raw: simdutf8::basic::from_utf8(record.bytes).ok()?,
        };
        let is_log = fields.event_code.get().or(fields.correlation_id.get());
        is_log.is_some().then_some(fields)
    }
}

/// Reads a record.
pub fn read<'a>(record: &Record<'a>) -> Result<RecordKind<'a>, Flaw> {
    if record.is_oversize() {
        return Err(Flaw::TooLarge(record.length));
    }
    let text = std::str::from_utf8(record.bytes).map_err(|_| Flaw::NotJson)?;
    let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']);
    let is_object = text.starts_with('{');
    let mut fields: LogFields<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() && !is_object {
            Flaw::NotAnObject
        } else {
            Flaw::NotJson
        }
    })?;
    if !is_object {
        return Err(Flaw::NotAnObject);
    }
    if fields.is_sys() {
        return Event::read(text).map(|event| RecordKind::Sys(Box::new(event)));
    }
    fields.raw = text;
    let is_log = fields.event_code.get().or(fields.correlation_id.get());
    Ok(match is_log {
        Some(_) => RecordKind::Log(Box::new(fields)),
        None => RecordKind::Neither,
    })
}

/// How many broken records are reported one by one.
const REPORTED: u64 = 10;

/// Records that cannot be read: each is a finding, and ends nothing.
#[derive(Debug, Default)]
pub struct BrokenRecords(u64);

impl BrokenRecords {
    /// Where one is and what is wrong with it, unless enough have been reported.
    pub fn report(&mut self, source: &str, record: &Record<'_>, flaw: &Flaw) -> Option<String> {
        let place = format_args!("{source}:{}:{}", record.line, record.column);
        self.report_words(place, &flaw::words(flaw, record.bytes))
    }

    /// The same, with the words for what is wrong.
    pub fn report_words(&mut self, place: impl Display, words: &str) -> Option<String> {
        self.0 += 1;
        (self.0 <= REPORTED).then(|| format!("{place}: {words}"))
    }

    /// How many were not reported.
    pub fn rest(&self) -> Option<String> {
        let rest = self.0.checked_sub(REPORTED).filter(|rest| *rest > 0)?;
        let rest = counted(rest, "more broken record");
        Some(format!("{rest}: 'hivelog validate' shows each"))
    }
}

/// How many records there were, by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordCounts {
    pub records: u64,
    pub logs: u64,
    pub sys: u64,
    pub neither: u64,
    /// Event logs that belong to no journey.
    pub without_id: u64,
}

impl RecordCounts {
    /// Counts a record.
    pub fn count(&mut self, read: &Result<RecordKind<'_>, Flaw>) {
        self.records += 1;
        match read {
            Ok(RecordKind::Log(log)) => {
                self.logs += 1;
                self.without_id += u64::from(log.correlation_id.get().is_none());
            }
            Ok(RecordKind::Sys(event)) => self.sys += u64::from(event.kind != "hivelog"),
            Ok(RecordKind::Neither) => self.neither += 1,
            Err(_) => {}
        }
    }

    /// Adds those of further records.
    pub fn add(&mut self, further: RecordCounts) {
        self.records += further.records;
        self.logs += further.logs;
        self.sys += further.sys;
        self.neither += further.neither;
        self.without_id += further.without_id;
    }

    /// What a command that takes event logs passes over, and which one takes it.
    pub fn foreign(&self) -> Vec<String> {
        let said = [
            (self.sys, "sys event", TAKE_SYS_EVENTS),
            (self.neither, "other record", TAKE_OTHERS),
        ];
        let said = said.into_iter().filter(|(count, ..)| *count > 0);
        said.map(|(count, what, who)| passed_over(count, what, who))
            .collect()
    }

    /// The same for a command that needs to know the journey.
    pub fn passed_over(&self) -> Vec<String> {
        let mut said = self.foreign();
        if self.without_id > 0 {
            let who = "without a correlation id; 'hivelog validate' shows where";
            said.push(passed_over(self.without_id, "event log", who));
        }
        said
    }
}

/// What a command says once about records that another one takes.
pub fn passed_over(count: u64, what: &str, who_takes_them: &str) -> String {
    format!("skipped {}: {who_takes_them}", counted(count, what))
}

/// Who takes sys events.
const TAKE_SYS_EVENTS: &str = "'hivelog tail' shows and 'hivelog stats' counts them";

/// Who takes event logs.
pub const TAKE_EVENT_LOGS: &str = "'hivelog journey' shows and 'hivelog stats' counts them";

/// Who says what is wrong with records that are neither.
pub const TAKE_OTHERS: &str =
    "neither event logs nor sys events; 'hivelog validate' says what is wrong with them";

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(read: Result<RecordKind<'_>, Flaw>) -> String {
        match read {
            Ok(RecordKind::Sys(event)) => format!("sys {}", event.event_type),
            Ok(RecordKind::Neither) => "neither".to_owned(),
            Err(flaw) => flaw.to_string(),
            Ok(RecordKind::Log(log)) => {
                let texts = [
                    &log.event_code,
                    &log.correlation_id,
                    &log.integration_key,
                    &log.direction,
                    &log.stream,
                    &log.shape_name,
                    &log.life_cycle_stage,
                    &log.outcome,
                    &log.generated_at,
                ];
                format!("{:?} {}", texts.map(Text::get), log.raw)
            }
        }
    }

    #[test]
    fn what_is_read_fast_is_what_is_read_otherwise() {
        let usual = include_str!("../../examples/event-logs.ndjson").lines();
        let unusual = [
            r#"{"eventCode":"","correlationId":"a"}"#,
            r#"{"eventCode":"4005E","correlationId":42,"detail":null}"#,
            r#"{"eventCode":"4005E","correlationId":"a","correlationId":"b"}"#,
            r#"{"eventCode":"4005E","correlationId":"\u0061\/","detail":"a\n\"b\""}"#,
            r#"{"eventCode":"4005E","detail":"é😀","customData":{"type":"x"}}"#,
            r#"{"eventCode":"4005E","type":"trigger.event.ok"}"#,
            r#"{"eventCode":"4005E","type":"trigger.event.ok","kind":"sys"}"#,
            r#"{"mode":"LIVE"}"#,
            r#"{"eventCode":"4005E","correlationId":"a"} x"#,
            r#"{"eventCode":"4005E",}"#,
            "  {\"eventCode\" : \"4005E\" }\r",
            "[]",
            "",
        ];
        let mut reader = RecordReader::default();
        for text in usual.chain(unusual) {
            let record = Record::alone(text.as_bytes());
            let fast = reader.read(&record);
            if let Ok(RecordKind::Log(log)) = &fast {
                assert_eq!(log.detail.get(), None, "{text}");
            }
            assert_eq!(shown(fast), shown(read(&record)), "{text}");
        }
    }
}
