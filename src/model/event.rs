//! One event as it arrived: its bytes untouched, and a borrowed view of what they say.

use super::sys_event::{SYS_MEMBERS, SysMember};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

/// An event that is being looked at. What is not asked for is not read.
#[derive(Debug)]
pub struct Event<'a> {
    /// The whole envelope, as it came.
    pub raw: &'a str,
    /// A unique id, by which repeats are recognised.
    pub id: Option<Cow<'a, str>>,
    /// When it was created, in the server's own text.
    pub ts: Option<Cow<'a, str>>,
    /// `sys`, `usr` or `hivelog`; an absent kind counts as `sys`.
    pub kind: Cow<'a, str>,
    /// The dotted type.
    pub event_type: Cow<'a, str>,
    data: Option<&'a str>,
    /// Elsewhere, since an event is handed on often and its facts are many.
    facts: OnceCell<Box<Facts<'a>>>,
    whole: OnceCell<Value>,
}

/// Why some bytes are not an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// They are not JSON.
    NotJson,
    /// They are JSON, but no object.
    NotAnObject,
    /// The object has no `type`.
    NoType,
    /// There is nothing where the envelope should be.
    NothingAt(String),
    /// There is no text where the type should be.
    NoTypeAt(String),
    /// A page has no array of events where the pointer says, and what it has instead.
    NoItems(String, String),
    /// Too large; its size in bytes.
    TooLarge(u64),
    /// The id that names the position after it cannot be sent back.
    UnusableId,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::NotJson => f.write_str("not JSON"),
            Flaw::NotAnObject => f.write_str("an event is a JSON object"),
            Flaw::NoType => f.write_str("no type; is the envelope nested? (--envelope)"),
            Flaw::NothingAt(pointer) => write!(f, "no envelope at {pointer}"),
            Flaw::NoTypeAt(pointer) => write!(f, "no type at {pointer}"),
            Flaw::NoItems(pointer, why) if pointer.is_empty() => {
                write!(
                    f,
                    "the page is not an array of events: {why}; where is it? (--page-items)"
                )
            }
            Flaw::NoItems(pointer, why) => {
                write!(f, "no array of events at {pointer} (--page-items): {why}")
            }
            Flaw::TooLarge(size) => write!(f, "{size} bytes exceed the limit of 1 MiB"),
            Flaw::UnusableId => f.write_str(
                "an id with a control character, or longer than 1 KiB, cannot be sent back: events may be lost if the connection breaks after it",
            ),
        }
    }
}

impl<'a> Event<'a> {
    /// Reads an envelope.
    pub fn read(raw: &'a str) -> Result<Event<'a>, Flaw> {
        let raw = raw.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']);
        let head: EventHead<'a> = serde_json::from_str(raw).map_err(|error| {
            let is_object = raw.starts_with('{');
            if error.is_data() && !is_object {
                Flaw::NotAnObject
            } else {
                Flaw::NotJson
            }
        })?;
        if !raw.starts_with('{') {
            return Err(Flaw::NotAnObject);
        }
        Event::of(raw, head, None)
    }

    /// An event that has been read; facts that are not at hand are read when they are asked for.
    pub(crate) fn of(
        raw: &'a str,
        head: EventHead<'a>,
        facts: Option<Box<Facts<'a>>>,
    ) -> Result<Event<'a>, Flaw> {
        let filled = |text: Text<'a>| text.0.filter(|text| !text.is_empty());
        Ok(Event {
            raw,
            id: filled(head.id),
            ts: filled(head.ts),
            kind: filled(head.kind).unwrap_or(Cow::Borrowed("sys")),
            event_type: filled(head.event_type).ok_or(Flaw::NoType)?,
            data: head.data,
            facts: facts.map_or_else(OnceCell::new, OnceCell::from),
            whole: OnceCell::new(),
        })
    }

    /// An event log as if it were an event, for the questions that can be asked of both: it has no
    /// type, and its time is when it was generated.
    pub fn of_event_log(raw: &'a str, generated_at: Option<Cow<'a, str>>) -> Event<'a> {
        Event {
            raw,
            id: None,
            ts: generated_at,
            kind: Cow::Borrowed("event-log"),
            event_type: Cow::Borrowed(""),
            data: None,
            facts: OnceCell::new(),
            whole: OnceCell::new(),
        }
    }

    /// The payload as it came.
    pub fn data(&self) -> Option<&'a str> {
        self.data
    }

    /// What the payload says in the fields the reference names.
    pub fn facts(&self) -> &Facts<'a> {
        self.facts.get_or_init(|| {
            let facts = self.data.and_then(|data| serde_json::from_str(data).ok());
            Box::new(facts.unwrap_or_default())
        })
    }

    /// The envelope as a value.
    pub fn value(&self) -> &Value {
        self.whole
            .get_or_init(|| serde_json::from_str(self.raw).unwrap_or(Value::Null))
    }

    /// A field by its dotted path, in the envelope or else in its data. `null` counts as absent,
    /// and a trigger's id and name are found under either of their names.
    pub fn field(&self, path: &str) -> Option<&Value> {
        let other = match path.strip_prefix("data.").unwrap_or(path) {
            "trigger_id" => "schedule_id",
            "schedule_id" => "trigger_id",
            "trigger_name" => "schedule_name",
            "schedule_name" => "trigger_name",
            _ => return self.exact(path),
        };
        self.exact(path).or_else(|| self.exact(other))
    }

    fn exact(&self, path: &str) -> Option<&Value> {
        let whole = self.value();
        walk(whole, path)
            .or_else(|| walk(whole.get("data")?, path))
            .filter(|value| !value.is_null())
    }
}

fn walk<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    // A member whose own name has a dot wins over the path.
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// The members of an envelope that say what it is.
#[derive(Default, Deserialize)]
pub(crate) struct EventHead<'a> {
    #[serde(borrow, default)]
    pub(crate) id: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) ts: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) kind: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(crate) event_type: Text<'a>,
    #[serde(borrow, default, deserialize_with = "raw")]
    pub(crate) data: Option<&'a str>,
}

/// The text of a value; none for `null`.
fn raw<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a str>, D::Error> {
    Option::<&RawValue>::deserialize(deserializer).map(|value| value.map(RawValue::get))
}

/// What the data say in the members the reference names, each of which may be absent: versions
/// differ.
#[derive(Debug, Default)]
pub struct Facts<'a>([Text<'a>; SYS_MEMBERS.len()]);

impl<'a> Facts<'a> {
    /// Takes what a member says.
    pub(crate) fn set(&mut self, member: SysMember, text: Text<'a>) {
        self.0[member as usize] = text;
    }

    /// A member as text, if it is there.
    pub fn text(&self, member: SysMember) -> Option<&str> {
        self.0[member as usize].get()
    }

    /// A member as a number, or as text that reads as one.
    pub fn number(&self, member: SysMember) -> Option<f64> {
        self.text(member)?.parse().ok()
    }

    /// Everything that identifies the trigger: its ids and its names.
    pub fn trigger_marks(&self) -> [Option<&str>; 4] {
        [
            SysMember::TriggerId,
            SysMember::ScheduleId,
            SysMember::TriggerName,
            SysMember::ScheduleName,
        ]
        .map(|member| self.text(member))
    }

    /// The trigger's id, under either of its names.
    pub fn trigger_id(&self) -> Option<&str> {
        self.text(SysMember::TriggerId)
            .or_else(|| self.text(SysMember::ScheduleId))
    }

    /// The trigger's name, under either of its names.
    pub fn trigger_name(&self) -> Option<&str> {
        self.text(SysMember::TriggerName)
            .or_else(|| self.text(SysMember::ScheduleName))
    }

    /// Whose event it is: the trigger's name, or the flow's, or the trigger's id.
    pub fn subject(&self) -> Option<&str> {
        self.trigger_name()
            .or_else(|| self.text(SysMember::FlowName))
            .or_else(|| self.trigger_id())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Facts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Facts<'a>, D::Error> {
        struct FactsVisitor;
        impl<'de> Visitor<'de> for FactsVisitor {
            type Value = Facts<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Facts<'de>, A::Error> {
                let mut facts = Facts::default();
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    match name.get().and_then(SysMember::find) {
                        Some(member) => facts.set(member, map.next_value()?),
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(facts)
            }
        }
        deserializer.deserialize_map(FactsVisitor)
    }
}

/// Text that borrows where it can. Numbers become text; anything else counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, if there is some.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }
    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text(None))
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_without_being_changed() {
        let raw = r#"{"id":"a","type":"trigger.event.ok","n":1.50,"data":{"duration_ms":"41","flow_name":"O\u0072ders","trigger_id":7}}"#;
        let event = Event::read(raw).unwrap();
        assert_eq!(event.raw, raw);
        assert_eq!(event.kind, "sys");
        assert_eq!(event.facts().number(SysMember::DurationMs), Some(41.0));
        assert_eq!(event.facts().text(SysMember::FlowName), Some("Orders"));
        assert_eq!(event.facts().trigger_id(), Some("7"));
        assert_eq!(event.field("flow_name"), Some(&"Orders".into()));
        assert_eq!(event.field("data.schedule_id"), Some(&7.into()));
        assert_eq!(event.field("data.nothing"), None);
    }

    #[test]
    fn odd_types_of_known_fields_are_no_reason_to_refuse() {
        let event = Event::read(r#"{"type":"x","id":17,"ts":{},"kind":null,"data":[1]}"#).unwrap();
        assert_eq!(event.id.as_deref(), Some("17"));
        assert_eq!((event.ts.as_deref(), event.kind.as_ref()), (None, "sys"));
        assert_eq!(event.facts().text(SysMember::Error), None);
    }

    #[test]
    fn what_is_no_event_says_why() {
        assert_eq!(Event::read("{}").unwrap_err(), Flaw::NoType);
        assert_eq!(Event::read("7").unwrap_err(), Flaw::NotAnObject);
        assert_eq!(Event::read("[1,2]").unwrap_err(), Flaw::NotAnObject);
        assert!(matches!(Event::read("{"), Err(Flaw::NotJson)));
        assert!(matches!(Event::read("<html>"), Err(Flaw::NotJson)));
    }
}
