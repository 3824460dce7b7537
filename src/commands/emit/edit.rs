//! `--set` and `--default`: changes to every record that is sent.

use crate::model::event_log::{Field, Shape};
use crate::model::text::did_you_mean;
use crate::wire::splice::{self, SpliceWhen};
use serde_json::Value;

/// One value to put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    path: Vec<String>,
    value: String,
    when: SpliceWhen,
}

impl Edit {
    /// A change to a field of the event log; `value` is JSON.
    pub fn of_field(name: &str, value: String) -> Edit {
        Edit {
            path: name.split('.').map(str::to_owned).collect(),
            value,
            when: SpliceWhen::Always,
        }
    }

    /// The field it is about, and the text it gives the whole of it, if it gives text.
    pub fn whole_text(&self) -> (&str, Option<String>) {
        let whole = self.path.len() == 1;
        let text = serde_json::from_str(&self.value).ok();
        (&self.path[0], text.filter(|_| whole))
    }

    /// Reads `NAME=VALUE`: a dotted path, and JSON or text. With `strict` the first name must be
    /// a field of the event log.
    pub fn parse(text: &str, when: SpliceWhen, strict: bool) -> Result<Edit, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("'{text}' is not NAME=VALUE"))?;
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(format!(
                "'{name}' is not a path: use names with dots between them"
            ));
        }
        let field = Field::find(&path[0]);
        if field.is_none() && strict {
            let guess = did_you_mean(&path[0], Field::ALL.map(Field::name));
            return Err(format!("unknown field '{}'{guess}", path[0]));
        }
        let is_text =
            path.len() == 1 && field.is_some_and(|field| field.row().shape == Shape::Text);
        Ok(Edit {
            path,
            value: json(value, is_text),
            when,
        })
    }
}

/// The value as JSON. A field that takes text gets text, whatever it looks like: the schema
/// version 2 is `"2"`.
fn json(value: &str, is_text: bool) -> String {
    match serde_json::from_str::<Value>(value) {
        Ok(Value::String(_) | Value::Null) => value.to_owned(),
        Ok(_) if !is_text => value.to_owned(),
        _ => Value::from(value).to_string(),
    }
}

/// The record with every change made; `None` when none was needed or possible.
pub fn apply(edits: &[Edit], record: &[u8]) -> Option<Vec<u8>> {
    let mut changed: Option<Vec<u8>> = None;
    for edit in edits {
        let text = changed.as_deref().unwrap_or(record);
        changed = splice::put(text, &edit.path, &edit.value, edit.when).or(changed);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(record: &str, edits: &[(&str, SpliceWhen)]) -> String {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(text, when)| Edit::parse(text, *when, true).unwrap())
            .collect();
        apply(&edits, record.as_bytes())
            .map_or(record.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn values_are_json_or_text_and_text_fields_take_text() {
        use SpliceWhen::{Always, Missing};
        assert_eq!(
            edited(
                "{\"mode\": \"LIVE\"}",
                &[
                    ("mode=SANDBOX", Always),
                    ("schemaVersion=2", Always),
                    ("customData.retry=2", Always),
                    ("customData.note=two words", Always),
                    ("mode=LIVE", Missing),
                    ("stream=a", Missing),
                ]
            ),
            "{\"mode\": \"SANDBOX\",\"schemaVersion\":\"2\",\"customData\":{\"retry\":2,\"note\":\"two words\"},\"stream\":\"a\"}"
        );
    }

    #[test]
    fn an_unknown_field_is_reported_with_the_nearest() {
        let said = Edit::parse("lifecycleStage=x", SpliceWhen::Always, true).unwrap_err();
        assert!(said.contains("did you mean lifeCycleStage?"), "{said}");
        assert!(Edit::parse("lifecycleStage=x", SpliceWhen::Always, false).is_ok());
        assert!(Edit::parse("mode", SpliceWhen::Always, true).is_err());
        assert!(Edit::parse("customData..x=1", SpliceWhen::Always, true).is_err());
    }
}
