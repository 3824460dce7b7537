//! The little company whose automation server the sandbox plays: its triggers, flows, people
//! and mishaps.

use super::random::Random;

/// Schedule triggers and the flows they run.
const SCHEDULES: [(&str, &str); 6] = [
    ("Nightly orders", "Orders export"),
    ("Price list", "Prices to shop"),
    ("Stock levels", "Stock sync"),
    ("Customer clean-up", "Customer dedup"),
    ("Invoices hourly", "Invoice hand-over"),
    ("Supplier feed", "Supplier import"),
];

/// Event triggers, the flows they run and the events they wait for.
const EVENTS: [(&str, &str, &str); 4] = [
    ("Stock update", "Stock to shop", "trigger.schedule.ok"),
    (
        "Tell operations",
        "Operations mail",
        "trigger.schedule.error",
    ),
    ("Open a ticket", "Ticket", "trigger.schedule.failed"),
    ("Watch sign-ins", "Sign-in report", "auth.ok"),
];

/// Who works with the server.
pub const PEOPLE: [&str; 4] = ["operator", "mere.ngata", "j.okafor", "deploy-bot"];
/// Where they sit.
pub const PLACES: [&str; 4] = ["127.0.0.1", "10.20.0.14", "10.20.0.31", "192.168.7.5"];
/// Why a sign-in is refused.
pub const REFUSALS: [&str; 3] = ["invalid credentials", "unknown user", "account locked"];
/// Why the server stops.
pub const STOPS: [&str; 2] = ["SIGINT", "SIGTERM"];
/// Why a license is not valid any more, and why it is again.
pub const LICENSE: [(&str, &str); 2] = [
    ("license expired", "license renewed"),
    (
        "license server unreachable for 72 hours",
        "license verified with the license server",
    ),
];
/// How a flow that ran can end badly.
pub const FLOW_ERRORS: [&str; 5] = [
    "node 4 (http client): status 503, expected 200",
    "node 2 (http client): request timed out after 20 s",
    "node 7 (store): duplicate key 9217354452632",
    "node 3 (map): field customer.email is missing",
    "node 5 (http client): certificate has expired",
];
/// What follows each of the documented prefixes of a failure, in the order of the table.
pub const FAILURES: [[&str; 2]; 4] = [
    [
        "connection refused (10.20.0.5:5432)",
        "timeout after 5 s waiting for a database connection",
    ],
    [
        "node 3: unknown node type \"xml-parse\"",
        "node 1: output \"rows\" is not connected",
    ],
    [
        "invalid character '}' looking for beginning of value",
        "unexpected end of JSON input",
    ],
    [
        "input 0: property \"sku\" is required",
        "input 2: expected object, got array",
    ],
];

/// A trigger with the flow it runs.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// The flow's id.
    pub flow_id: String,
    /// The flow's name.
    pub flow_name: &'static str,
    /// The event type it waits for; empty for a schedule.
    pub waits_for: &'static str,
    /// Its place among several on one event.
    pub priority: u64,
    /// Whether the server has switched it off.
    pub disabled: bool,
    /// How long its flow usually takes, in milliseconds.
    pub usual_ms: u64,
}

/// The schedule triggers of this seed.
pub fn schedules(random: &mut Random) -> Vec<Trigger> {
    SCHEDULES
        .iter()
        .map(|(name, flow_name)| trigger(random, name, flow_name, ""))
        .collect()
}

/// The event triggers of this seed.
pub fn events(random: &mut Random) -> Vec<Trigger> {
    EVENTS
        .iter()
        .map(|(name, flow_name, waits_for)| trigger(random, name, flow_name, waits_for))
        .collect()
}

fn trigger(
    random: &mut Random,
    name: &'static str,
    flow_name: &'static str,
    waits_for: &'static str,
) -> Trigger {
    Trigger {
        id: random.uuid(),
        name,
        flow_id: random.uuid(),
        flow_name,
        waits_for,
        priority: random.between(1, 5) * 10,
        disabled: false,
        usual_ms: random.between(30, 900),
    }
}
