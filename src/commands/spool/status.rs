//! How much waits in a spool, for whom, and why it waits.

use crate::commands::emit::spool_failure;
use crate::commands::spool::ShownDestination;
use crate::commands::unusable::pointed;
use crate::failure::Failure;
use crate::model::delivery::{Problem, in_words};
use crate::model::duration::rough_duration;
use crate::model::size::Size;
use crate::model::timestamp::{Timestamp, Zone};
use crate::query::limit::{Limit, Unit};
use crate::retry::verdict::{Answer, RetryOn, Verdict};
use crate::spool::identity::Identity;
use crate::spool::inspect::{Backlog, Inspect};
use crate::spool::place::Place;
use serde::Serialize;

pub use crate::spool::inspect::{Drainer, Sharing};

/// What `--fail-on` can limit.
const QUANTITIES: [(&str, Unit); 5] = [
    ("ready", Unit::Count),
    ("dead", Unit::Count),
    ("oldest", Unit::Duration),
    ("bytes", Unit::Size),
    ("held", Unit::Count),
];

/// How much waits in a spool.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpoolStatus {
    /// Where the spool is.
    pub location: String,
    /// Records that are still to be sent.
    pub ready: u64,
    /// Records that are not tried again without a person.
    pub dead: u64,
    /// When the oldest of those to be sent was accepted.
    pub oldest: Option<String>,
    /// How long ago that is.
    pub oldest_seconds: Option<u64>,
    /// How much of the size that is allowed is in use.
    pub bytes: u64,
    /// Whether the numbers of records are estimates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// What waits for each destination.
    pub destinations: Vec<DestinationBacklog>,
    /// Who sends, where hosts share the spool.
    #[serde(flatten)]
    pub sharing: Option<Sharing>,
}

/// What waits for one destination.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DestinationBacklog {
    /// The destination.
    #[serde(flatten)]
    pub destination: ShownDestination,
    /// Records that are still to be sent.
    pub ready: u64,
    /// Records that are not tried again without a person.
    pub dead: u64,
    /// When the oldest of those to be sent was accepted.
    pub oldest: Option<String>,
    /// How long ago that is.
    pub oldest_seconds: Option<u64>,
    /// Why nothing is sent there until somebody changes something, or for a while.
    pub held: Option<String>,
    /// What the oldest record that was tried was answered, unless that is why it is held.
    pub last_error: Option<String>,
    /// The same with everything that distinguishes it.
    #[serde(skip)]
    pub identity: Identity,
    #[serde(skip)]
    accepted: Option<i64>,
}

impl SpoolStatus {
    /// Looks into a spool; without one nothing waits.
    pub fn read(
        place: &Place,
        spool: Option<&dyn Inspect>,
        zone: Zone,
        now: i64,
    ) -> Result<SpoolStatus, Failure> {
        let location = place.to_string();
        let Some(spool) = spool else {
            return Ok(SpoolStatus {
                location,
                ..SpoolStatus::default()
            });
        };
        let mut destinations: Vec<DestinationBacklog> = Vec::new();
        let mut estimated = false;
        for backlog in spool.backlogs(now).map_err(spool_failure)? {
            estimated |= backlog.estimated;
            let waiting = DestinationBacklog::new(backlog, zone, now);
            // The values of further headers are not shown, so those who differ in them alone
            // are one.
            match destinations
                .iter_mut()
                .find(|other| other.destination == waiting.destination)
            {
                Some(other) => other.join(waiting),
                None => destinations.push(waiting),
            }
        }
        let first = destinations.iter().filter(|one| one.accepted.is_some());
        let first = first.min_by_key(|waiting| waiting.accepted);
        Ok(SpoolStatus {
            location,
            ready: destinations.iter().map(|waiting| waiting.ready).sum(),
            dead: destinations.iter().map(|waiting| waiting.dead).sum(),
            oldest: first.and_then(|waiting| waiting.oldest.clone()),
            oldest_seconds: first.and_then(|waiting| waiting.oldest_seconds),
            bytes: spool.bytes().map_err(spool_failure)?,
            estimated,
            destinations,
            sharing: spool.sharing().map_err(spool_failure)?,
        })
    }

    /// How many records, and how old the oldest is.
    pub fn counts(&self) -> String {
        counts(self.ready, self.dead, self.oldest_seconds)
    }

    /// Those of the limits that are exceeded, each in words.
    pub fn exceeds(&self, limits: &[Limit]) -> Vec<String> {
        let held = self.destinations.iter().filter(|one| one.held.is_some());
        let held = held.count() as u64;
        let age = self.oldest_seconds.unwrap_or(0);
        let exceeded = limits.iter().filter_map(|limit| {
            let (value, shown) = match limit.name {
                "ready" => (self.ready, self.ready.to_string()),
                "dead" => (self.dead, self.dead.to_string()),
                "oldest" => (age.saturating_mul(1000), rough_duration(age)),
                "bytes" => (self.bytes, Size(self.bytes).to_string()),
                _ => (held, held.to_string()),
            };
            let says = || {
                format!(
                    "threshold exceeded: {} ({} is {shown})",
                    limit.text, limit.name
                )
            };
            limit.holds(value).then(says)
        });
        exceeded.collect()
    }
}

impl DestinationBacklog {
    fn new(backlog: Backlog, zone: Zone, now: i64) -> DestinationBacklog {
        let held = held(&backlog, zone);
        let last_error = match held {
            Some(_) => None,
            None => said(backlog.http, backlog.problem.as_ref()),
        };
        let time = |millis| Timestamp::from_millis(millis).at(zone).rfc3339();
        let age = |millis: i64| u64::try_from((now - millis) / 1000).unwrap_or(0);
        DestinationBacklog {
            destination: backlog.identity.clone().into(),
            ready: backlog.ready,
            dead: backlog.dead,
            oldest: backlog.oldest.map(time),
            oldest_seconds: backlog.oldest.map(age),
            held,
            last_error,
            identity: backlog.identity,
            accepted: backlog.oldest,
        }
    }

    fn join(&mut self, other: DestinationBacklog) {
        self.ready += other.ready;
        self.dead += other.dead;
        if self.accepted.is_none() || other.accepted.is_some_and(|at| Some(at) < self.accepted) {
            self.oldest = other.oldest;
            self.oldest_seconds = other.oldest_seconds;
            self.accepted = other.accepted;
        }
        self.held = self.held.take().or(other.held);
        self.last_error = self.last_error.take().or(other.last_error);
    }

    /// For whom how many records wait, and how long.
    pub fn summary(&self) -> String {
        let ShownDestination {
            url,
            connector,
            headers,
            ..
        } = &self.destination;
        let mut whom = url.clone();
        if let Some(connector) = connector {
            whom = format!("{whom} from {connector}");
        }
        if !headers.is_empty() {
            whom = format!("{whom} with its own {}", headers.join(", "));
        }
        let counts = counts(self.ready, self.dead, self.oldest_seconds);
        format!("{whom}: {counts}")
    }
}

/// Reads what `--fail-on` says.
pub fn limits(texts: &[String]) -> Result<Vec<Limit>, Failure> {
    let read = |text: &String| Limit::parse(text, &QUANTITIES).map_err(|wrong| pointed(&wrong));
    texts.iter().map(read).collect()
}

/// Why nothing is sent to a destination: it asked to be left alone, or its last answer was one
/// that only a person can change.
fn held(backlog: &Backlog, zone: Zone) -> Option<String> {
    if let Some(pause) = &backlog.pause {
        let until = Timestamp::from_millis(pause.until).at(zone).rfc3339();
        let why = said(pause.http, pause.problem.as_ref());
        let why = why.map_or_else(String::new, |why| format!("{why}; "));
        return Some(format!("{why}paused until {until}"));
    }
    let answer = Answer {
        status: backlog.http?,
        ..Answer::default()
    };
    let holds = matches!(RetryOn::default().judge(&answer), Verdict::Hold(_));
    let reason = || said(backlog.http, backlog.problem.as_ref());
    if holds { reason() } else { None }
}

fn said(http: Option<u16>, problem: Option<&Problem>) -> Option<String> {
    problem.map(|problem| in_words(http, problem))
}

fn counts(ready: u64, dead: u64, oldest_seconds: Option<u64>) -> String {
    let oldest = oldest_seconds.map_or_else(String::new, |age| {
        format!(", oldest {}", rough_duration(age))
    });
    format!("{ready} ready, {dead} dead{oldest}")
}
