//! `sandbox fire` and `sandbox play`: events to order in a sandbox that is running.

use crate::commands::record_kind::{
    self, RecordCounts, RecordKind, TAKE_EVENT_LOGS, TAKE_OTHERS, passed_over,
};
use crate::commands::sandbox::screen::SandboxScreen;
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

pub use crate::sandbox::EventOrder;

/// The largest event a scenario may hold.
const MAX_EVENT: usize = 1 << 20;

/// Events that happen one after the other, each the cause of the next.
#[derive(Debug)]
pub struct Fire {
    /// The sandbox's address.
    pub server: String,
    /// The events, in order.
    pub events: Vec<EventOrder>,
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

/// Fires the events.
pub(super) fn fire(plan: &Fire, screen: &SandboxScreen<'_>) -> Result<Exit, Failure> {
    raise(&plan.server, &plan.events, screen)?;
    Ok(Exit::Yes)
}

/// Plays the scenario until its end or an interrupt.
pub(super) fn play(plan: &Play, screen: &SandboxScreen<'_>, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let mut interrupt = ui.host.interrupt()?;
    let reading = read(plan, &interrupt, ui)?;
    if let Some(signal) = reading.signal {
        return Ok(signal.exit());
    }
    for (pause, order) in reading.scenes {
        let pause = pause.div_f64(plan.speed);
        let stopped = host::block_on(async {
            tokio::select! {
                signal = interrupt.wait() => Some(signal),
                () = tokio::time::sleep(pause) => None,
            }
        })?;
        if let Some(signal) = stopped {
            return Ok(signal.exit());
        }
        raise(&plan.server, &[order], screen)?;
    }
    Ok(Exit::Yes)
}

/// An event to order, after a pause.
type ScheduledEvent = (Duration, EventOrder);

/// An event of a scenario: recorded ones have `ts`, written ones may say `after` instead.
#[derive(Deserialize)]
struct ScenarioEvent {
    #[serde(rename = "type")]
    event_type: String,
    kind: Option<String>,
    #[serde(default)]
    data: Option<Map<String, Value>>,
    ts: Option<String>,
    after: Option<String>,
}

fn read(plan: &Play, interrupt: &Interrupt, ui: &Ui<'_>) -> Result<ScenarioReader, Failure> {
    let file = std::slice::from_ref(&plan.file);
    let sources = Sources::open(file, None, Folders::Refuse, ui.host, ui.talk)?;
    let mut reading = ScenarioReader::default();
    reading.signal = read_all(sources, MAX_EVENT, FrameOnly, interrupt, &mut reading);
    for (count, what, who) in [
        (reading.counts.logs, "event log", TAKE_EVENT_LOGS),
        (reading.counts.neither, "other record", TAKE_OTHERS),
    ] {
        if count > 0 {
            ui.talk.notice(&passed_over(count, what, who));
        }
    }
    match reading.failure.take() {
        Some(failure) => Err(failure),
        None if reading.scenes.is_empty() && reading.signal.is_none() => {
            Err(Failure::empty_input("events"))
        }
        None => Ok(reading),
    }
}

/// A scenario as it is read.
#[derive(Default)]
struct ScenarioReader {
    scenes: Vec<ScheduledEvent>,
    last: Option<Timestamp>,
    failure: Option<Failure>,
    signal: Option<Signal>,
    counts: RecordCounts,
}

impl Take<()> for ScenarioReader {
    fn block(&mut self, source: &str, batch: &Batch, (): ()) -> Progress {
        for record in batch.records() {
            let read = record_kind::read(&record);
            self.counts.count(&read);
            if let Ok(RecordKind::Log(_) | RecordKind::Neither) = read {
                continue;
            }
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
    let event: ScenarioEvent =
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
    let order = EventOrder {
        event_type: event.event_type,
        data: event.data.unwrap_or_default(),
        kind: event.kind,
    };
    Ok(Some((pause, order)))
}

/// Has events happen, and shows them.
fn raise(server: &str, orders: &[EventOrder], screen: &SandboxScreen<'_>) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct FiredIds {
        ids: Vec<String>,
    }
    let fault = |exit, message: String| {
        Failure::message(exit, format!("no sandbox at {server}: {message}"))
            .hint("'hivelog sandbox' starts one and prints its address")
    };
    let body = json!(orders).to_string();
    let (status, answer) = control::post(server, "/_sandbox/events", body.as_bytes())
        .map_err(|error| fault(Exit::Undelivered, error.to_string()))?;
    if status != 200 {
        return Err(fault(Exit::Usage, format!("it answered {status}")));
    }
    let FiredIds { ids } =
        serde_json::from_slice(&answer).map_err(|error| fault(Exit::Usage, error.to_string()))?;
    for (id, order) in ids.iter().zip(orders) {
        screen.happened(id, &order.event_type)?;
    }
    Ok(())
}
