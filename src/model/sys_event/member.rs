//! The members of a system event's data.

use crate::model::table::table;
use serde::Serialize;

/// The JSON type a named data field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// Text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Not documented: whatever comes is accepted.
    Any,
}

/// A data field that the reference names for an event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DataField {
    /// The member of `data`.
    pub name: &'static str,
    /// Its type.
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// What it holds.
    pub description: &'static str,
}

impl DataField {
    const USUAL: DataField = DataField {
        name: "",
        data_type: DataType::String,
        description: "",
    };

    /// Whether its value may be a number.
    pub fn may_be_number(&self) -> bool {
        matches!(self.data_type, DataType::Number | DataType::Any)
    }
}

table! {
    /// A member of the data of a system event.
    #[expect(missing_docs, reason = "SYS_MEMBERS describes each")]
    enum SysMember;

    /// The data fields that the reference names for any type.
    static SYS_MEMBERS: [DataField; 21];

    TriggerId { name: "trigger_id", description: "The trigger" }
    TriggerName { name: "trigger_name", description: "The event trigger's name" }
    TriggerPriority {
        name: "trigger_priority",
        data_type: DataType::Any,
        description: "The trigger's place among several on one event",
    }
    ScheduleId {
        name: "schedule_id",
        description: "The schedule trigger; other types call it trigger_id",
    }
    ScheduleName { name: "schedule_name", description: "The schedule trigger's name" }
    FlowId { name: "flow_id", description: "The target flow" }
    FlowName { name: "flow_name", description: "The target flow's name" }
    Inputs {
        name: "inputs",
        data_type: DataType::Number,
        description: "Number of flow input data items",
    }
    Outputs {
        name: "outputs",
        data_type: DataType::Number,
        description: "Number of flow output data items",
    }
    DurationMs {
        name: "duration_ms",
        data_type: DataType::Number,
        description: "How long the flow ran, in milliseconds",
    }
    Ok {
        name: "ok",
        data_type: DataType::Boolean,
        description: "True if the flow executed without errors",
    }
    Error { name: "error", description: "What went wrong; populated if ok is not true" }
    EventId { name: "event_id", description: "The triggering event" }
    EventType { name: "event_type", description: "The triggering event's type" }
    Status { name: "status", description: "As set by a status node, or unknown" }
    StatusMsg { name: "status_msg", description: "As set by a status node, or empty" }
    Username { name: "username", description: "Who authenticated" }
    Ip {
        name: "ip",
        description: "Address the request came from; behind a proxy possibly the proxy's",
    }
    Exp {
        name: "exp",
        data_type: DataType::Any,
        description: "When the issued token expires; its encoding is not documented",
    }
    Msg { name: "msg", description: "Why the license status changed" }
    Reason { name: "reason", description: "Why it happened" }
}
