//! Events in the envelope of another standard: `cloudevents`.

use super::push_json;
use crate::model::event::Event;
use serde_json::{Map, Value};

/// A CloudEvents 1.0 envelope in JSON.
pub(super) fn cloud_event(event: &Event<'_>, source: Option<&str>, out: &mut String) {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("specversion", "1.0".into());
    // The specification wants an id that is not empty; a record of ours has none of its own.
    let id = event.id.as_deref().or(event.ts.as_deref()).unwrap_or("0");
    set("id", id.into());
    let own = event.field("src").and_then(Value::as_str);
    set(
        "source",
        source
            .or(own.filter(|src| !src.is_empty()))
            .unwrap_or("/")
            .into(),
    );
    set("type", event.event_type.as_ref().into());
    if let Some(ts) = event.ts.as_deref() {
        set("time", ts.into());
    }
    set("kind", event.kind.as_ref().into());
    set("datacontenttype", "application/json".into());
    let data = if event.kind == "hivelog" {
        event.value().clone()
    } else {
        event.value().get("data").cloned().unwrap_or(Value::Null)
    };
    set("data", data);
    push_json(&Value::Object(members), out);
    out.push('\n');
}
