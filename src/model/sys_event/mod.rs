//! System events of the automation server: the 17 types, the envelope they travel in, and what
//! a failure's wording says about what happens next (system events page).

mod member;
mod severity;

use serde::Serialize;

pub use member::{DataField, DataType, SYS_MEMBERS, SysMember};
pub use severity::Severity;

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
        last_part(self.name)
    }
}

/// What a type is of, and what happened to it: its name before and behind the last dot.
pub fn parts(name: &str) -> Option<(&str, &str)> {
    // The end is near: a search that is made for long texts takes longer to begin.
    let dot = name.bytes().rposition(|byte| byte == b'.')?;
    Some((&name[..dot], &name[dot + 1..]))
}

fn last_part(name: &str) -> &str {
    parts(name).map_or(name, |(_, last)| last)
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
