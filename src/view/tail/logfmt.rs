//! Events as lines of `name=value` pairs: `logfmt`.

use super::{Renderer, push_json};
use crate::model::event::Event;
use crate::view::sanitise;
use serde_json::Value;

impl Renderer {
    pub(super) fn logfmt(&self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
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
