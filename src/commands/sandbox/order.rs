//! `sandbox fire` and `sandbox play`: events to order in a sandbox that is running.

use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{self, Interrupt, Signal};
use crate::link::control;
use crate::model::duration::parse_duration;
use crate::model::timestamp::Timestamp;
use crate::records::{Batch, Folders, FrameOnly, Progress, Sources, Take, read_all};
use crate::wire::records::Record;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// The largest event a scenario may hold.
const MAX_EVENT: usize = 1 << 20;

/// A type, and data on top of what it usually carries.
pub type FiredEvent = (String, Map<String, Value>);

/// Events that happen one after the other, each the cause of the next.
#[derive(Debug)]
pub struct Fire {
    /// The sandbox's address.
    pub server: String,
    /// Types with data on top of the usual.
    pub events: Vec<FiredEvent>,
}

/// A scenario that happens in its own time.
#[derive(Debug)]
pub struct Play {
    /// The sandbox's address.
    pub server: String,
    /// The scenario: events as `tail` writes them.
    pub file: PathBuf,
    /// How many times faster than it was recorded.
    pub speed: f64,
}

/// An event that has happened.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its id.
    pub id: String,
    /// Its type.
    pub event_type: String,
}

/// Fires the events.
pub fn fire(
    plan: &Fire,
    report: &mut dyn FnMut(&Happened) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let orders: Vec<Value> = plan
        .events
        .iter()
        .map(|(event_type, data)| json!({ "type": event_type, "data": data }))
        .collect();
    let ids = post(&plan.server, &Value::Array(orders))?;
    for (id, (event_type, _)) in ids.into_iter().zip(&plan.events) {
        report(&Happened {
            id,
            event_type: event_type.clone(),
        })?;
    }
    Ok(Exit::Yes)
}

/// Plays the scenario until its end or an interrupt.
pub fn play(
    plan: &Play,
    ui: &Ui<'_>,
    report: &mut dyn FnMut(&Happened) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut interrupt = ui.host.interrupt()?;
    let reading = read(plan, &interrupt, ui)?;
    if let Some(signal) = reading.signal {
        return Ok(signal.exit());
    }
    for scene in reading.scenes {
        let pause = scene.pause.div_f64(plan.speed);
        let stopped = host::block_on(async {
            tokio::select! {
                signal = interrupt.wait() => Some(signal),
                () = tokio::time::sleep(pause) => None,
            }
        })?;
        if let Some(signal) = stopped {
            return Ok(signal.exit());
        }
        let ids = post(&plan.server, &json!([scene.order]))?;
        for id in ids {
            report(&Happened {
                id,
                event_type: scene.event_type.clone(),
            })?;
        }
    }
    Ok(Exit::Yes)
}

struct ScheduledEvent {
    pause: Duration,
    event_type: String,
    order: Value,
}

/// An event of a scenario: recorded ones have `ts`, written ones may say `after` instead.
#[derive(Deserialize)]
struct Recorded {
    #[serde(rename = "type")]
    event_type: String,
    kind: Option<String>,
    #[serde(default)]
    data: Option<Map<String, Value>>,
    ts: Option<String>,
    after: Option<String>,
}

fn read(plan: &Play, interrupt: &Interrupt, ui: &Ui<'_>) -> Result<Reading, Failure> {
    let file = std::slice::from_ref(&plan.file);
    let sources = Sources::open(file, None, Folders::Refuse, ui.host, ui.talk)?;
    let mut reading = Reading::default();
    reading.signal = read_all(sources, MAX_EVENT, FrameOnly, interrupt, &mut reading);
    match reading.failure.take() {
        Some(failure) => Err(failure),
        None if reading.scenes.is_empty() && reading.signal.is_none() => Err(Failure::input(
            format!("{} holds no event", plan.file.display()),
        )),
        None => Ok(reading),
    }
}

/// A scenario as it is read.
#[derive(Default)]
struct Reading {
    scenes: Vec<ScheduledEvent>,
    last: Option<Timestamp>,
    failure: Option<Failure>,
    signal: Option<Signal>,
}

impl Take<()> for Reading {
    fn block(&mut self, source: &str, batch: &Batch, (): ()) -> Progress {
        for record in batch.records() {
            match scene(&record, &mut self.last) {
                Ok(scene) => self.scenes.extend(scene),
                Err(why) => {
                    let line = record.line;
                    return self.unreadable(Failure::input(format!("{source}:{line}: {why}")));
                }
            }
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.failure = Some(failure);
        Progress::Stop
    }
}

fn scene(
    record: &Record<'_>,
    last: &mut Option<Timestamp>,
) -> Result<Option<ScheduledEvent>, String> {
    let event: Recorded =
        serde_json::from_slice(record.bytes).map_err(|error| error.to_string())?;
    if event.kind.as_deref() == Some("hivelog") {
        return Ok(None);
    }
    let pause = match (&event.after, event.ts.as_deref().and_then(Timestamp::parse)) {
        (Some(after), _) => parse_duration(after)?,
        (None, Some(at)) => {
            let millis = last.map_or(0, |last| at.millis_since(last));
            *last = Some(at);
            Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        }
        (None, None) => Duration::ZERO,
    };
    let mut order = json!({ "type": event.event_type, "data": event.data.unwrap_or_default() });
    if let Some(kind) = event.kind {
        order["kind"] = kind.into();
    }
    Ok(Some(ScheduledEvent {
        pause,
        event_type: event.event_type,
        order,
    }))
}

fn post(server: &str, orders: &Value) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct FiredIds {
        ids: Vec<String>,
    }
    let fault = |exit, message: String| {
        Failure::message(exit, format!("no sandbox at {server}: {message}"))
            .hint("'hivelog sandbox' starts one and prints its address")
    };
    let body = orders.to_string();
    let (status, answer) = control::post(server, "/_sandbox/events", body.as_bytes())
        .map_err(|error| fault(Exit::Undelivered, error.to_string()))?;
    if status != 200 {
        return Err(fault(Exit::Usage, format!("it answered {status}")));
    }
    serde_json::from_slice::<FiredIds>(&answer)
        .map(|answer| answer.ids)
        .map_err(|error| fault(Exit::Usage, error.to_string()))
}
