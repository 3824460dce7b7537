//! The text at a JSON pointer (RFC 6901), found without reading the rest into values.

use crate::model::event::Flaw;
use serde::Deserializer as _;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The text of the value at a pointer.
pub fn inside<'a>(text: &'a str, pointer: &str) -> Result<&'a str, Flaw> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(text, |text, token| step(text, &unescape(token), pointer))
}

fn step<'a>(text: &'a str, name: &str, pointer: &str) -> Result<&'a str, Flaw> {
    let mut found = None;
    let read = if text.starts_with('[') {
        let (wanted, mut at) = (name.parse::<usize>().ok(), 0);
        elements(text, |item| {
            if Some(at) == wanted {
                found = Some(item);
            }
            at += 1;
        })
    } else if text.starts_with('{') {
        members(text, |member, value| {
            if member == name {
                found = Some(value);
            }
        })
    } else {
        serde_json::from_str::<&RawValue>(text).map(drop)
    };
    read.map_err(|_| Flaw::NotJson)?;
    found.ok_or_else(|| Flaw::NothingAt(pointer.to_owned()))
}

/// Visits the elements of an array one by one, so that their number takes no memory. Those before
/// a mistake have been visited when it is found.
pub fn elements<'a>(array: &'a str, take: impl FnMut(&'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(array);
    reader.deserialize_seq(Elements(take))?;
    reader.end()
}

/// Visits the members of an object in the same way.
pub fn members<'a>(object: &'a str, take: impl FnMut(&str, &'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(object);
    reader.deserialize_map(Members(take))?;
    reader.end()
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de str)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<(), A::Error> {
        while let Some(item) = array.next_element::<&RawValue>()? {
            (self.0)(item.get());
        }
        Ok(())
    }
}

struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while let Some((name, value)) = object.next_entry::<String, &RawValue>()? {
            (self.0)(&name, value.get());
        }
        Ok(())
    }
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
