//! The numbers of fields that are watched, found while an event is read.

use crate::wire::json::fast::FastValue;
use serde_json::Value;

/// Fields whose numbers are wanted.
#[derive(Clone, Debug)]
pub struct WatchedFields {
    pub(super) paths: Vec<String>,
    /// The same as names of members, where all of them are.
    pub(super) names: Option<Vec<MemberName>>,
}

/// A member of the data, or else of the envelope around them unless the path says data.
#[derive(Clone, Debug)]
pub(super) struct MemberName {
    name: String,
    is_in_data: bool,
}

/// What was found of a watched field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FoundNumber {
    in_envelope: MemberNumber,
    in_data: MemberNumber,
}

#[derive(Clone, Copy, Debug, Default)]
enum MemberNumber {
    #[default]
    Nothing,
    NoNumber,
    Number(f64),
}

impl From<Option<f64>> for MemberNumber {
    fn from(number: Option<f64>) -> MemberNumber {
        number.map_or(MemberNumber::NoNumber, MemberNumber::Number)
    }
}

impl FoundNumber {
    /// A member of the envelope wins, number or not.
    pub(super) fn number(self) -> Option<f64> {
        match (self.in_envelope, self.in_data) {
            (MemberNumber::Number(number), _)
            | (MemberNumber::Nothing, MemberNumber::Number(number)) => Some(number),
            _ => None,
        }
    }
}

impl WatchedFields {
    /// The fields at these dotted paths.
    pub fn new(paths: &[String]) -> WatchedFields {
        let names = paths.iter().map(|path| MemberName::of(path));
        WatchedFields {
            paths: paths.to_vec(),
            names: names.collect(),
        }
    }
}

impl MemberName {
    /// The name that a path is, unless it may occur elsewhere too.
    fn of(path: &str) -> Option<MemberName> {
        let inner = path.strip_prefix("data.");
        let name = inner.unwrap_or(path);
        let is_plain = !name.is_empty()
            && !name.contains('.')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        let is_elsewhere = matches!(
            name,
            "id" | "ts"
                | "kind"
                | "type"
                | "data"
                | "trigger_id"
                | "schedule_id"
                | "trigger_name"
                | "schedule_name"
        );
        (is_plain && !is_elsewhere).then(|| MemberName {
            name: name.to_owned(),
            is_in_data: inner.is_some(),
        })
    }
}

/// Notes the number of a member that is watched.
pub(super) fn note_number(
    names: &[MemberName],
    found: &mut Vec<FoundNumber>,
    is_in_data: bool,
    name: &[u8],
    raw: &str,
    value: &FastValue,
) -> Option<()> {
    if found.is_empty() {
        found.resize(names.len(), FoundNumber::default());
    }
    // A member whose own name begins with `data.` wins over one of the data.
    let inner = name.strip_prefix(b"data.").filter(|_| !is_in_data);
    for (wanted, found) in names.iter().zip(found) {
        if inner == Some(wanted.name.as_bytes()) {
            return None;
        }
        if wanted.name.as_bytes() != name || wanted.is_in_data && !is_in_data {
            continue;
        }
        let number = number_of(raw, value)?;
        if is_in_data {
            found.in_data = number;
        } else {
            found.in_envelope = number;
        }
    }
    Some(())
}

/// The number that a value is, or none where it is something else; no answer where only an exact
/// reader can decide.
fn number_of(raw: &str, value: &FastValue) -> Option<MemberNumber> {
    match value {
        FastValue::Plain(place) => Some(raw.get(place.clone())?.parse().ok().into()),
        FastValue::Json(place) => match raw.get(place.clone())? {
            json if json.starts_with('"') => None,
            json if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
                serde_json::from_str(json).ok().map(MemberNumber::Number)
            }
            _ => Some(MemberNumber::NoNumber),
        },
    }
}

/// The number that a value is or spells.
pub fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
