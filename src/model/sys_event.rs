//! System events of the automation server: the 17 types, the envelope they travel in, and what
//! a failure's wording says about what happens next (system events page).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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

/// One of the documented event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SysType {
    /// The dotted name, without the footnote star some have in the reference.
    #[serde(rename = "type")]
    pub name: &'static str,
    /// The name without its last part.
    pub group: &'static str,
    /// When it is raised.
    pub description: &'static str,
    /// The data fields the reference names; versions differ, so each may be absent.
    pub data: &'static [DataField],
    /// Whether it is (as we read the star) never stored by the server.
    pub transient: bool,
}

const fn data(name: &'static str, data_type: DataType, description: &'static str) -> DataField {
    DataField {
        name,
        data_type,
        description,
    }
}

const USERNAME: DataField = data("username", DataType::String, "Who authenticated");
const IP: DataField = data(
    "ip",
    DataType::String,
    "Address the request came from; behind a proxy possibly the proxy's",
);
const EXP: DataField = data(
    "exp",
    DataType::Any,
    "When the issued token expires; its encoding is not documented",
);
const MSG: DataField = data("msg", DataType::String, "Why the license status changed");
const TRIGGER_ID: DataField = data("trigger_id", DataType::String, "The trigger");
const FLOW_ID: DataField = data("flow_id", DataType::String, "The target flow");
const FLOW_NAME: DataField = data("flow_name", DataType::String, "The target flow's name");
const INPUTS: DataField = data(
    "inputs",
    DataType::Number,
    "Number of flow input data items",
);
const OUTPUTS: DataField = data(
    "outputs",
    DataType::Number,
    "Number of flow output data items",
);
const DURATION: DataField = data(
    "duration_ms",
    DataType::Number,
    "How long the flow ran, in milliseconds",
);
const OK: DataField = data(
    "ok",
    DataType::Boolean,
    "True if the flow executed without errors",
);
const ERROR: DataField = data(
    "error",
    DataType::String,
    "What went wrong; populated if ok is not true",
);
const STATUS: DataField = data(
    "status",
    DataType::String,
    "As set by a status node, or unknown",
);
const STATUS_MSG: DataField = data(
    "status_msg",
    DataType::String,
    "As set by a status node, or empty",
);
const EVENT_ID: DataField = data("event_id", DataType::String, "The triggering event");
const CANNOT_RUN: DataField = data(
    "error",
    DataType::String,
    "Why the flow could not run; begins with one of four prefixes",
);
const DISABLED_WHY: DataField = data("reason", DataType::String, "The failure that led to it");

static SCHEDULE_RUN: [DataField; 11] = [
    data(
        "schedule_id",
        DataType::String,
        "The schedule trigger; other types call it trigger_id",
    ),
    data(
        "schedule_name",
        DataType::String,
        "The schedule trigger's name",
    ),
    FLOW_ID,
    FLOW_NAME,
    INPUTS,
    OUTPUTS,
    DURATION,
    OK,
    ERROR,
    STATUS,
    STATUS_MSG,
];
static EVENT_RUN: [DataField; 14] = [
    TRIGGER_ID,
    data("trigger_name", DataType::String, "The event trigger's name"),
    data(
        "trigger_priority",
        DataType::Any,
        "The trigger's place among several on one event",
    ),
    FLOW_ID,
    FLOW_NAME,
    INPUTS,
    OUTPUTS,
    DURATION,
    OK,
    ERROR,
    EVENT_ID,
    data(
        "event_type",
        DataType::String,
        "The triggering event's type",
    ),
    STATUS,
    STATUS_MSG,
];

const fn sys(
    name: &'static str,
    group: &'static str,
    data: &'static [DataField],
    description: &'static str,
) -> SysType {
    SysType {
        name,
        group,
        description,
        data,
        transient: false,
    }
}

const fn transient(mut event: SysType) -> SysType {
    event.transient = true;
    event
}

/// The 17 documented types, in the reference's order.
pub static SYS_TYPES: [SysType; 17] = [
    sys("server.ready", "server", &[], "The server has started"),
    sys(
        "server.shutdown",
        "server",
        &[data(
            "reason",
            DataType::String,
            "Why the server shuts down, typically SIGINT",
        )],
        "The server has begun its graceful shutdown",
    ),
    sys(
        "license.invalid",
        "license",
        &[MSG],
        "The license has changed from valid to invalid; flows need a valid license to run",
    ),
    sys(
        "license.valid",
        "license",
        &[MSG],
        "The license has changed from invalid to valid",
    ),
    sys(
        "auth.ok",
        "auth",
        &[USERNAME, IP, EXP],
        "Somebody authenticated via the API",
    ),
    sys(
        "auth.error",
        "auth",
        &[
            USERNAME,
            IP,
            data(
                "reason",
                DataType::String,
                "Why the authentication was refused",
            ),
        ],
        "An authentication via the API failed",
    ),
    sys(
        "auth.renew",
        "auth",
        &[USERNAME, IP, EXP],
        "An authentication token was renewed via the API",
    ),
    transient(sys(
        "trigger.schedule.sync",
        "trigger.schedule",
        &[],
        "The scheduler has synchronised the database, its schedule cache and its jobs",
    )),
    sys(
        "trigger.schedule.ok",
        "trigger.schedule",
        &SCHEDULE_RUN,
        "A schedule trigger ran its flow without an error",
    ),
    sys(
        "trigger.schedule.error",
        "trigger.schedule",
        &SCHEDULE_RUN,
        "A schedule trigger ran its flow, and the flow ended with an error",
    ),
    sys(
        "trigger.schedule.failed",
        "trigger.schedule",
        &[TRIGGER_ID, FLOW_ID, CANNOT_RUN],
        "A schedule trigger could not run its flow at all",
    ),
    sys(
        "trigger.schedule.disabled",
        "trigger.schedule",
        &[TRIGGER_ID, FLOW_ID, DISABLED_WHY],
        "The server has disabled a schedule trigger after a critical failure",
    ),
    transient(sys(
        "trigger.event.sync",
        "trigger.event",
        &[],
        "The event trigger processor has synchronised (the reference repeats the scheduler's words here)",
    )),
    sys(
        "trigger.event.ok",
        "trigger.event",
        &EVENT_RUN,
        "An event trigger ran its flow without an error",
    ),
    sys(
        "trigger.event.error",
        "trigger.event",
        &EVENT_RUN,
        "An event trigger ran its flow, and the flow ended with an error",
    ),
    sys(
        "trigger.event.failed",
        "trigger.event",
        &[TRIGGER_ID, FLOW_ID, EVENT_ID, CANNOT_RUN],
        "An event trigger could not run its flow at all",
    ),
    sys(
        "trigger.event.disabled",
        "trigger.event",
        &[TRIGGER_ID, FLOW_ID, DISABLED_WHY],
        "The server has disabled an event trigger after a critical failure",
    ),
];

impl SysType {
    /// Looks a type up by its exact name.
    pub fn find(name: &str) -> Option<&'static SysType> {
        SYS_TYPES.iter().find(|known| known.name == name)
    }

    /// The last part of the name: `ok`, `failed`, `ready`, …
    pub fn verb(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// How bad an event is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do.
    Quiet,
    /// Worth noticing.
    Notice,
    /// Somebody must act.
    Bad,
}

impl Severity {
    /// Judges an event type by its name; unknown types by their last part.
    pub fn of(event_type: &str) -> Severity {
        match event_type {
            "license.invalid" => Severity::Bad,
            "server.shutdown" | "license.valid" | "server.ready" => Severity::Notice,
            _ => match event_type.rsplit('.').next() {
                Some("error" | "failed" | "disabled") => Severity::Bad,
                _ => Severity::Quiet,
            },
        }
    }
}

/// The envelope every event travels in; what is not known survives in `rest`.
///
/// Every field may be absent: versions differ and recorded streams are cut.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// A unique id, by which repeats are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was created, in the server's own text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
    /// `sys` for the server's events, `usr` for those of flows; absent counts as `sys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The dotted type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The payload.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    /// Everything else, untouched.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Envelope {
    /// A data field as text, if it is text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data
            .get(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// The trigger's id, under either of its names.
    pub fn trigger_id(&self) -> Option<&str> {
        self.text("trigger_id").or_else(|| self.text("schedule_id"))
    }

    /// The trigger's name, under either of its names.
    pub fn trigger_name(&self) -> Option<&str> {
        self.text("trigger_name")
            .or_else(|| self.text("schedule_name"))
    }
}

/// Named groups of types, by globs.
pub const TYPE_GROUPS: [(&str, &[&str]); 4] = [
    (
        "@bad",
        &["*.error", "*.failed", "*.disabled", "license.invalid"],
    ),
    ("@auth", &["auth.*"]),
    ("@trigger", &["trigger.*"]),
    ("@server", &["server.*", "license.*"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_unique_and_lie_in_their_group() {
        for known in &SYS_TYPES {
            assert_eq!(SysType::find(known.name), Some(known));
            assert_eq!(known.name, format!("{}.{}", known.group, known.verb()));
        }
    }

    #[test]
    fn an_envelope_keeps_what_it_does_not_know() {
        let text = r#"{"id":"1","type":"new.type","handled":false,"data":{"x":[1]},"src":""}"#;
        let envelope: Envelope = serde_json::from_str(text).expect("an envelope");
        let back = serde_json::to_value(&envelope).expect("JSON");
        assert_eq!(back, serde_json::from_str::<Value>(text).expect("JSON"));
    }
}
