//! Events as lines of `name=value` pairs: `logfmt`.

use crate::commands::tail::output::{Renderer, push_json};
use crate::model::event::Event;
use crate::render::sanitise;
use serde_json::Value;
use std::collections::HashSet;

impl Renderer {
    pub(super) fn logfmt(&self, event: &Event<'_>, source: Option<&str>, out: &mut String) {
        let mut pairs = Pairs {
            keys: HashSet::new(),
            out,
        };
        if let Some(source) = source {
            pairs.push("", "source", &Value::String(source.to_owned()));
        }
        if !self.style.fields.is_empty() {
            for name in &self.style.fields {
                if let Some(value) = event.field(name) {
                    pairs.push("event.", name, value);
                }
            }
        } else if let Value::Object(members) = event.value() {
            // The envelope's own members keep their names, wherever the data stand in it.
            let is_data = |name: &str, value: &Value| name == "data" && value.is_object();
            for (name, value) in members {
                if !is_data(name, value) {
                    pairs.push("event.", name, value);
                }
            }
            if let Some(Value::Object(data)) = members.get("data") {
                for (name, value) in data {
                    pairs.push("data.", name, value);
                }
            }
        }
        pairs.out.push('\n');
    }
}

/// The pairs of one line.
struct Pairs<'o> {
    keys: HashSet<String>,
    out: &'o mut String,
}

impl Pairs<'_> {
    /// Adds a pair. A name that the line already has gets a prefix, and so does an empty one.
    fn push(&mut self, prefix: &str, name: &str, value: &Value) {
        // Keys end at blanks, quotes and equal signs, so these cannot stand in one.
        let odd = |c: char| c.is_whitespace() || c == '"' || c == '=' || sanitise::is_harmful(c);
        let mut key = name.replace(odd, "_");
        if key.is_empty() {
            key.push('_');
        }
        while self.keys.contains(&key) {
            key.insert_str(0, if prefix.is_empty() { "_" } else { prefix });
        }
        if !self.keys.is_empty() {
            self.out.push(' ');
        }
        self.out.push_str(&key);
        self.keys.insert(key);
        self.out.push('=');
        match value {
            Value::String(text) if !text.is_empty() && !text.contains(odd) => {
                self.out.push_str(text);
            }
            Value::String(text) => push_json(text, self.out),
            Value::Object(_) | Value::Array(_) => push_json(&value.to_string(), self.out),
            other => self.out.push_str(&other.to_string()),
        }
    }
}
