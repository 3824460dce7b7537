//! Events that are ordered: believable data of the type, what was asked for on top, and what
//! follows from the event before.

use super::random::Random;
use super::state::SharedState;
use super::story::SampleStory;
use crate::model::sys_event::SysType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One event to happen.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct EventOrder {
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Data that replaces or joins what the type usually carries.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// `usr` for an event of a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// Raises the events in their order and returns their ids.
pub fn carry_out(state: &SharedState, orders: Vec<EventOrder>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut before: Option<(String, Map<String, Value>)> = None;
    for order in orders {
        let mut data = believable(&order.event_type, state.options.seed, ids.len());
        if let Some((cause, cause_data)) = &before {
            inherit(&mut data, cause, cause_data, ids.last());
        }
        data.extend(order.data);
        let value = if data.is_empty() {
            Value::Null
        } else {
            Value::Object(data.clone())
        };
        let kind = order.kind.as_deref().unwrap_or("sys");
        let id = state
            .history
            .raise_as(kind, &order.event_type, &value, state.now());
        before = Some((order.event_type, data));
        ids.push(id);
    }
    ids
}

/// Data as the story has it for this type; none for a type it does not know.
fn believable(event_type: &str, seed: u64, salt: usize) -> Map<String, Value> {
    let known = SysType::find(event_type).filter(|known| !known.data.is_empty());
    let Some(known) = known else {
        return Map::new();
    };
    let seed = Random::new(seed ^ salt as u64).next();
    let mut story = SampleStory::new(
        seed,
        1.0,
        crate::model::timestamp::Timestamp::from_millis(0),
    );
    // Every type occurs before the story's bag is drawn a second time.
    std::iter::repeat_with(|| story.next())
        .take(1000)
        .find(|event| event.event_type == known.name)
        .and_then(|event| event.data.as_object().cloned())
        .unwrap_or_default()
}

/// The same trigger and flow as in the cause; its error becomes the reason, its id the event.
fn inherit(
    data: &mut Map<String, Value>,
    cause: &str,
    cause_data: &Map<String, Value>,
    cause_id: Option<&String>,
) {
    let value = |name: &str| cause_data.get(name).cloned();
    let names: Vec<String> = data.keys().cloned().collect();
    for name in names {
        let inherited = match name.as_str() {
            "trigger_id" | "schedule_id" => value("trigger_id").or_else(|| value("schedule_id")),
            "flow_id" | "flow_name" | "schedule_name" | "trigger_name" | "username" | "ip" => {
                value(&name)
            }
            "reason" => value("error"),
            "event_id" => value("event_id").or_else(|| cause_id.cloned().map(Value::String)),
            "event_type" => Some(cause.into()),
            _ => None,
        };
        if let Some(inherited) = inherited {
            data.insert(name, inherited);
        }
    }
}
