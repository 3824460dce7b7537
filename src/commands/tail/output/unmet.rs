//! Names that were asked for and that no event has had: most likely typed wrongly.

use crate::model::event::Event;
use crate::model::field::is_documented;
use serde_json::Value;

/// The names of `--fields` and `--redact` that no event has had so far. A documented name may be
/// absent from what happens to come, so only others are watched.
#[derive(Clone, Debug)]
pub struct Unmet {
    fields: Vec<String>,
    redact: Vec<String>,
    any: bool,
}

impl Unmet {
    /// Nothing has come yet.
    pub fn new(fields: &[String], redact: &[String]) -> Unmet {
        let free = |names: &[String]| {
            let free = names.iter().filter(|name| !is_documented(name));
            free.cloned().collect()
        };
        Unmet {
            fields: free(fields),
            redact: free(redact),
            any: false,
        }
    }

    /// Looks for the names in an event; our own records are none.
    pub fn look(&mut self, event: &Event<'_>) {
        if event.kind == "hivelog" {
            return;
        }
        self.any = true;
        self.fields.retain(|name| event.field(name).is_none());
        self.redact.retain(|name| !has_member(event.value(), name));
    }

    /// The same names, of which none has come yet.
    #[must_use]
    pub fn begin(&self) -> Unmet {
        Unmet {
            any: false,
            ..self.clone()
        }
    }

    /// Takes in what others have looked at.
    pub fn merge(&mut self, other: &Unmet) {
        self.any |= other.any;
        self.fields.retain(|name| other.fields.contains(name));
        self.redact.retain(|name| other.redact.contains(name));
    }

    /// What there is to say at the end; nothing if nothing came.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let fields = self.fields.iter().map(|name| ("--fields", name));
        let redact = self.redact.iter().map(|name| ("--redact", name));
        let all = fields.chain(redact).filter(|_| self.any);
        all.map(|(flag, name)| format!("no event had a field '{name}' ({flag})"))
    }
}

/// Whether a name of `--redact` means a member of that name.
pub fn is_meant(name: &str, member: &str) -> bool {
    name == member || name.strip_prefix("data.") == Some(member)
}

/// Whether a member that is meant stands anywhere inside.
fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(member, value)| is_meant(name, member) || has_member(value, name)),
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        _ => false,
    }
}
