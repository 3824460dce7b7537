//! Why a trigger did not run its flow, recognised by the error's wording, and what happens next
//! (system events page).

use serde::Serialize;

/// What raises a trigger event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TriggerKind {
    /// A schedule.
    Schedule,
    /// Another event.
    Event,
}

impl TriggerKind {
    /// The kind a type name speaks of.
    pub fn of(event_type: &str) -> Option<TriggerKind> {
        if event_type.starts_with("trigger.schedule.") {
            Some(TriggerKind::Schedule)
        } else if event_type.starts_with("trigger.event.") {
            Some(TriggerKind::Event)
        } else {
            None
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            TriggerKind::Schedule => "schedule",
            TriggerKind::Event => "event",
        }
    }
}

/// A way in which a trigger can fail to run its flow, recognised by the error's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailurePrefix {
    /// The text the error begins with, up to the colon.
    pub prefix: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// Whether the server will try to disable a schedule trigger.
    pub disables_schedule: bool,
    /// Whether the server will try to disable an event trigger.
    pub disables_event: bool,
}

/// The four prefixes and their consequences, which differ between the two kinds of trigger.
pub static FAILURE_PREFIXES: [FailurePrefix; 4] = [
    FailurePrefix {
        prefix: "failed to fetch target flow",
        meaning: "The flow definition could not be loaded: likely a database connection issue, and it was not in the server's cache.",
        advice: "check the server's database connection; the trigger tries again at its next turn",
        disables_schedule: false,
        disables_event: false,
    },
    FailurePrefix {
        prefix: "flow validation failed",
        meaning: "The flow engine rejected the flow definition, for instance after a version upgrade with breaking changes.",
        advice: "open the flow and save it: the editor shows descriptive errors",
        disables_schedule: true,
        disables_event: true,
    },
    FailurePrefix {
        prefix: "failed to prepare input data",
        meaning: "The server could not parse or process the flow input data as valid JSON.",
        advice: "correct the trigger's input data",
        disables_schedule: true,
        disables_event: false,
    },
    FailurePrefix {
        prefix: "flow rejected input data",
        meaning: "The flow did not accept the input data it was given.",
        advice: "correct the trigger's input data, or the flow's expectations of it",
        disables_schedule: true,
        disables_event: false,
    },
];

impl FailurePrefix {
    /// The prefix an error text begins with.
    pub fn of(error: &str) -> Option<&'static FailurePrefix> {
        FAILURE_PREFIXES
            .iter()
            .find(|known| error.trim_start().starts_with(known.prefix))
    }

    /// The prefix anywhere in a text, in any case: what was logged often has more before
    /// it.
    pub fn within(text: &str) -> Option<&'static FailurePrefix> {
        let lower = text.to_ascii_lowercase();
        FAILURE_PREFIXES
            .iter()
            .find(|known| lower.contains(known.prefix))
    }

    /// Whether the server will try to disable a trigger of this kind.
    pub const fn disables(&self, kind: TriggerKind) -> bool {
        match kind {
            TriggerKind::Schedule => self.disables_schedule,
            TriggerKind::Event => self.disables_event,
        }
    }

    /// What the server does next, as a sentence without its full stop.
    pub const fn consequence(&self, kind: TriggerKind) -> &'static str {
        if self.disables(kind) {
            "the server will try to disable this trigger"
        } else {
            "the server will not disable this trigger"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consequences_of_a_failure_differ_by_trigger_kind() {
        let disables = |error: &str| {
            let known = FailurePrefix::of(error).expect("a known prefix");
            (
                known.disables(TriggerKind::Schedule),
                known.disables(TriggerKind::Event),
            )
        };
        assert_eq!(
            disables("failed to fetch target flow: timeout"),
            (false, false)
        );
        assert_eq!(disables("flow validation failed: node 3"), (true, true));
        assert_eq!(disables("failed to prepare input data: x"), (true, false));
        assert_eq!(disables("flow rejected input data: x"), (true, false));
        assert_eq!(FailurePrefix::of("something else"), None);
    }
}
