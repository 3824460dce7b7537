//! System events of the automation server: the 17 types, the envelope they travel in, and what
//! a failure's wording says about what happens next (system events page).

use super::table::table;
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

impl DataField {
    const USUAL: DataField = DataField {
        name: "",
        data_type: DataType::String,
        description: "",
    };
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

/// A member with its usual meaning.
const fn usual(member: SysMember) -> DataField {
    *member.row()
}

/// A member with the meaning it has in one event type.
const fn data(member: SysMember, description: &'static str) -> DataField {
    DataField {
        description,
        ..*member.row()
    }
}

const CANNOT_RUN: DataField = data(
    SysMember::Error,
    "Why the flow could not run; begins with one of four prefixes",
);
const DISABLED_WHY: DataField = data(SysMember::Reason, "The failure that led to it");

static SCHEDULE_RUN: [DataField; 11] = [
    usual(SysMember::ScheduleId),
    usual(SysMember::ScheduleName),
    usual(SysMember::FlowId),
    usual(SysMember::FlowName),
    usual(SysMember::Inputs),
    usual(SysMember::Outputs),
    usual(SysMember::DurationMs),
    usual(SysMember::Ok),
    usual(SysMember::Error),
    usual(SysMember::Status),
    usual(SysMember::StatusMsg),
];
static EVENT_RUN: [DataField; 14] = [
    usual(SysMember::TriggerId),
    usual(SysMember::TriggerName),
    usual(SysMember::TriggerPriority),
    usual(SysMember::FlowId),
    usual(SysMember::FlowName),
    usual(SysMember::Inputs),
    usual(SysMember::Outputs),
    usual(SysMember::DurationMs),
    usual(SysMember::Ok),
    usual(SysMember::Error),
    usual(SysMember::EventId),
    usual(SysMember::EventType),
    usual(SysMember::Status),
    usual(SysMember::StatusMsg),
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
            SysMember::Reason,
            "Why the server shuts down, typically SIGINT",
        )],
        "The server has begun its graceful shutdown",
    ),
    sys(
        "license.invalid",
        "license",
        &[usual(SysMember::Msg)],
        "The license has changed from valid to invalid; flows need a valid license to run",
    ),
    sys(
        "license.valid",
        "license",
        &[usual(SysMember::Msg)],
        "The license has changed from invalid to valid",
    ),
    sys(
        "auth.ok",
        "auth",
        &[
            usual(SysMember::Username),
            usual(SysMember::Ip),
            usual(SysMember::Exp),
        ],
        "Somebody authenticated via the API",
    ),
    sys(
        "auth.error",
        "auth",
        &[
            usual(SysMember::Username),
            usual(SysMember::Ip),
            data(SysMember::Reason, "Why the authentication was refused"),
        ],
        "An authentication via the API failed",
    ),
    sys(
        "auth.renew",
        "auth",
        &[
            usual(SysMember::Username),
            usual(SysMember::Ip),
            usual(SysMember::Exp),
        ],
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
        &[
            usual(SysMember::TriggerId),
            usual(SysMember::FlowId),
            CANNOT_RUN,
        ],
        "A schedule trigger could not run its flow at all",
    ),
    sys(
        "trigger.schedule.disabled",
        "trigger.schedule",
        &[
            usual(SysMember::TriggerId),
            usual(SysMember::FlowId),
            DISABLED_WHY,
        ],
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
        &[
            usual(SysMember::TriggerId),
            usual(SysMember::FlowId),
            usual(SysMember::EventId),
            CANNOT_RUN,
        ],
        "An event trigger could not run its flow at all",
    ),
    sys(
        "trigger.event.disabled",
        "trigger.event",
        &[
            usual(SysMember::TriggerId),
            usual(SysMember::FlowId),
            DISABLED_WHY,
        ],
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
}
