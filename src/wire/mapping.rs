//! Foreign envelopes made into ours: where each of our members is in theirs.

use super::pointer::{inside, members};
use crate::model::event::Flaw;
use crate::model::text::did_you_mean;
use crate::model::timestamp::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// The members that a mapping can fill, in the order in which they are written.
pub const MAPPED: [&str; 5] = ["id", "ts", "kind", "type", "data"];

/// The name of an SSE event that has none, as browsers call it.
const UNNAMED: &str = "message";

/// Where our members are; an empty mapping changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// A member of [`MAPPED`] and the pointer to it (RFC 6901; empty for the whole).
    pointers: Vec<(&'static str, String)>,
    /// The type is the name that the SSE event has.
    type_is_name: bool,
}

impl Mapping {
    /// Takes a member from where a pointer leads.
    pub fn set(&mut self, member: &str, pointer: &str) -> Result<(), String> {
        let Some(known) = MAPPED.into_iter().find(|known| *known == member) else {
            let guess = did_you_mean(member, MAPPED);
            return Err(format!(
                "'{member}' cannot be mapped{guess}: an envelope has {}",
                MAPPED.join(", ")
            ));
        };
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(format!(
                "'{pointer}' is not a JSON pointer: did you mean /{}?",
                pointer.replace('.', "/")
            ));
        }
        self.pointers.retain(|(taken, _)| *taken != known);
        self.pointers.push((known, pointer.to_owned()));
        Ok(())
    }

    /// Takes the type from the name of the SSE event that carries the envelope.
    pub fn take_type_from_name(&mut self) {
        self.pointers.retain(|(taken, _)| *taken != "type");
        self.type_is_name = true;
    }

    /// Whether envelopes stay as they are.
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty() && !self.type_is_name
    }

    /// Our envelope for a value that came under this name: the mapped members first, and behind
    /// them what else the value has. Where all of it is the data, nothing is repeated.
    pub fn apply(&self, raw: &str, name: Option<&str>) -> Result<String, Flaw> {
        let raw = raw.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']);
        if serde_json::from_str::<&RawValue>(raw).is_err() {
            return Err(Flaw::NotJson);
        }
        let mut envelope = Composed::default();
        for member in MAPPED {
            let pointer = self.pointers.iter().find(|(own, _)| *own == member);
            match pointer {
                Some((_, pointer)) => {
                    let found = inside(raw, pointer).ok().filter(|found| *found != "null");
                    match (member, found) {
                        ("type", found) => envelope.push("type", &type_at(found, pointer)?),
                        (_, None) => envelope.filled.push(member),
                        ("ts", Some(found)) => envelope.push("ts", &time(found)),
                        (_, Some(found)) => envelope.push(member, found),
                    }
                }
                None if member == "type" && self.type_is_name => {
                    if let Some(name) = name_of(raw, name) {
                        envelope.push("type", &Value::from(name).to_string());
                    }
                }
                None => {}
            }
        }
        if !raw.starts_with('{') {
            if !envelope.filled.contains(&"data") {
                envelope.push("data", raw);
            }
        } else if !self.pointers.contains(&("data", String::new())) {
            members(raw, |name, value| envelope.keep(name, value)).map_err(|_| Flaw::NotJson)?;
        }
        Ok(envelope.text + "}")
    }
}

/// The name as the type; an event without a name keeps the type that it has itself.
fn name_of<'n>(raw: &str, name: Option<&'n str>) -> Option<&'n str> {
    name.or_else(|| {
        let own = raw.starts_with('{') && inside(raw, "/type").is_ok();
        (!own).then_some(UNNAMED)
    })
}

#[derive(Default)]
struct Composed {
    text: String,
    /// The members that are settled, whether or not there is something to write.
    filled: Vec<&'static str>,
}

impl Composed {
    fn push(&mut self, member: &'static str, json: &str) {
        self.filled.push(member);
        self.write(member, json);
    }

    fn keep(&mut self, name: &str, json: &str) {
        if !self.filled.contains(&name) {
            self.write(name, json);
        }
    }

    fn write(&mut self, name: &str, json: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(&Value::from(name).to_string());
        self.text.push(':');
        self.text.push_str(json);
    }
}

/// A type is text, or a number that becomes text.
fn type_at(found: Option<&str>, pointer: &str) -> Result<String, Flaw> {
    let text = match found.and_then(|found| serde_json::from_str(found).ok()) {
        Some(Value::String(text)) if !text.is_empty() => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Flaw::NoTypeAt(pointer.to_owned())),
    };
    Ok(Value::from(text).to_string())
}

/// A time; one that is counted since 1970 becomes RFC 3339.
fn time(json: &str) -> String {
    let digits = json.trim_matches('"');
    match Timestamp::parse_epoch(digits) {
        Some(time) => Value::from(time.rfc3339()).to_string(),
        None => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(pointers: &[(&str, &str)]) -> Mapping {
        let mut mapping = Mapping::default();
        for (member, pointer) in pointers {
            mapping.set(member, pointer).unwrap();
        }
        mapping
    }

    #[test]
    fn members_are_taken_from_where_they_stand_and_nothing_is_lost() {
        let prefect = r#"{"occurred":"2026-11-27T03:00:00Z","event":"prefect.flow-run.Completed","resource":{"prefect.resource.id":"x"},"payload":{"n":1.50},"id":"a"}"#;
        let ours = mapping(&[
            ("type", "/event"),
            ("ts", "/occurred"),
            ("data", "/payload"),
        ]);
        assert_eq!(
            ours.apply(prefect, None).unwrap(),
            r#"{"ts":"2026-11-27T03:00:00Z","type":"prefect.flow-run.Completed","data":{"n":1.50},"occurred":"2026-11-27T03:00:00Z","event":"prefect.flow-run.Completed","resource":{"prefect.resource.id":"x"},"payload":{"n":1.50},"id":"a"}"#
        );
        let node_red =
            r#"{"_msgid":"b1","topic":"orders","payload":{"ok":true},"at":1714714200895}"#;
        let whole = mapping(&[
            ("type", "/topic"),
            ("id", "/_msgid"),
            ("ts", "/at"),
            ("data", ""),
        ]);
        assert_eq!(
            whole.apply(node_red, None).unwrap(),
            format!(
                r#"{{"id":"b1","ts":"2024-05-03T05:30:00.895Z","type":"orders","data":{node_red}}}"#
            )
        );
    }

    #[test]
    fn a_cloud_event_lacks_our_name_for_the_time_alone() {
        let event = r#"{"specversion":"1.0","id":"a","source":"/x","type":"t","time":"2026-11-27T03:00:00Z","data":{"n":1}}"#;
        let wanted = event.replacen('{', r#"{"ts":"2026-11-27T03:00:00Z","#, 1);
        assert_eq!(
            mapping(&[("ts", "/time")]).apply(event, None).unwrap(),
            wanted
        );
    }

    #[test]
    fn what_is_not_there_is_left_out_but_for_the_type() {
        let ours = mapping(&[("type", "/a/b"), ("id", "/c"), ("data", "/d")]);
        assert_eq!(
            ours.apply(r#"{"a":{"b":7},"id":"own","data":1,"d":null}"#, None)
                .unwrap(),
            r#"{"type":"7","a":{"b":7},"d":null}"#
        );
        let missing = Err(Flaw::NoTypeAt("/a/b".to_owned()));
        for without in [
            r#"{"type":"x"}"#,
            r#"{"a":{"b":""}}"#,
            r#"{"a":{"b":{}}}"#,
            "7",
        ] {
            assert_eq!(ours.apply(without, None), missing, "{without}");
        }
        assert_eq!(ours.apply("{\"a\":", None), Err(Flaw::NotJson));
    }

    #[test]
    fn the_type_may_be_the_name_of_the_sse_event() {
        let mut ours = mapping(&[("type", "/t")]);
        ours.take_type_from_name();
        for (raw, name, wanted) in [
            (r#"{"n":1}"#, Some("tick"), r#"{"type":"tick","n":1}"#),
            (r#"{"type":"own"}"#, Some("tick"), r#"{"type":"tick"}"#),
            (r#"{"type":"own"}"#, None, r#"{"type":"own"}"#),
            (r#"{"n":1}"#, None, r#"{"type":"message","n":1}"#),
            (
                r#""text""#,
                Some("a\"b"),
                r#"{"type":"a\"b","data":"text"}"#,
            ),
            ("{}", Some("tick"), r#"{"type":"tick"}"#),
        ] {
            assert_eq!(ours.apply(raw, name).unwrap(), wanted);
        }
    }

    #[test]
    fn a_mapping_is_checked_when_it_is_made() {
        let mut ours = Mapping::default();
        assert!(ours.is_empty());
        let refused = ours.set("typ", "/a").unwrap_err();
        assert!(refused.contains("did you mean type?"), "{refused}");
        let refused = ours.set("type", "a.b").unwrap_err();
        assert!(refused.contains("did you mean /a/b?"), "{refused}");
    }
}
