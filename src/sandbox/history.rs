//! The events that have happened: a bounded past to replay from, and word of each new one.

use super::random::Random;
use super::story::StoryEvent;
use crate::model::sys_event::SysType;
use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How many events can be replayed.
const PAST: usize = 10_000;
/// How many bytes they may have together.
const PAST_BYTES: usize = 16 << 20;

/// An event as every transport sends it.
#[derive(Debug)]
pub struct Event {
    /// Its place in order of time, from 1.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// The envelope as compact JSON.
    pub text: String,
}

/// The past and the news.
#[derive(Debug)]
pub struct History {
    past: Mutex<Past>,
    latest: watch::Sender<u64>,
    first_listener: Notify,
}

#[derive(Debug)]
struct Past {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    count: u64,
    listened: bool,
    random: Random,
}

impl History {
    /// A history in which nothing has happened.
    pub fn new(seed: u64) -> History {
        History {
            past: Mutex::new(Past {
                events: VecDeque::new(),
                bytes: 0,
                count: 0,
                listened: false,
                random: Random::new(seed ^ 0x0515_7013),
            }),
            latest: watch::Sender::new(0),
            first_listener: Notify::new(),
        }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event of the story.
    pub fn add(&self, event: StoryEvent, at: Timestamp) {
        self.push(event.id, "sys", event.event_type, &event.data, at);
    }

    /// Adds an event that a request caused.
    pub fn raise(&self, event_type: &str, data: &Value, at: Timestamp) -> String {
        self.raise_as("sys", event_type, data, at)
    }

    /// Adds an event of this kind.
    pub fn raise_as(&self, kind: &str, event_type: &str, data: &Value, at: Timestamp) -> String {
        let id = self.past().random.uuid();
        self.push(id.clone(), kind, event_type, data, at);
        id
    }

    fn push(&self, id: String, kind: &str, event_type: &str, data: &Value, at: Timestamp) {
        let mut past = self.past();
        let mut envelope = envelope(&id, event_type, data, at, &mut past.random);
        envelope["kind"] = kind.into();
        let text = envelope.to_string();
        past.count += 1;
        let number = past.count;
        past.bytes += text.len();
        past.events.push_back(Arc::new(Event { number, id, text }));
        while past.events.len() > PAST || past.bytes > PAST_BYTES && past.events.len() > 1 {
            let oldest = past.events.pop_front();
            past.bytes -= oldest.map_or(0, |event| event.text.len());
        }
        drop(past);
        self.latest.send_replace(number);
    }

    /// Where a new listener begins: the first one at the beginning, any other at the present.
    pub fn present(&self) -> u64 {
        let mut past = self.past();
        if past.listened {
            return past.count;
        }
        past.listened = true;
        drop(past);
        self.first_listener.notify_one();
        0
    }

    /// Where a listener goes on that has seen this event; at the beginning of what is left when
    /// the event is not known (any more).
    pub fn resume(&self, id: &str) -> u64 {
        let _ = self.present();
        let past = self.past();
        let seen = past.events.iter().rev().find(|event| event.id == id);
        seen.map_or(0, |event| event.number)
    }

    /// Waits for the first listener.
    pub async fn listened(&self) {
        if !self.past().listened {
            self.first_listener.notified().await;
        }
    }

    /// At most so many events after this place, and how many in between are forgotten.
    pub fn after(&self, place: u64, most: usize) -> (Vec<Arc<Event>>, u64) {
        let past = self.past();
        let first = past.count - past.events.len() as u64;
        let skip = usize::try_from(place.saturating_sub(first)).unwrap_or(usize::MAX);
        let events = past.events.iter().skip(skip).take(most).cloned().collect();
        (events, first.saturating_sub(place))
    }

    /// Word of new events: the latest one's number.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }
}

/// The envelope with the members and their order of the guide's sample.
fn envelope(id: &str, event_type: &str, data: &Value, at: Timestamp, random: &mut Random) -> Value {
    let persistent = SysType::find(event_type).is_none_or(|known| !known.transient);
    let stamp = |at: Timestamp, micros: u64| {
        let text = Timestamp::from_millis(at.millis()).rfc3339();
        format!("{}{micros:03}Z", text.trim_end_matches('Z'))
    };
    let micros = random.between(0, 899);
    let mut envelope = json!({
        "id": id,
        "ts": stamp(at, micros),
        "kind": "sys",
        "type": event_type,
        "persistent": persistent,
        "src": "",
        "src_id": "",
        "handled": false,
        "data": data,
        "source_flow_id": "",
        "origin_flow_id": "",
        "origin_trigger_id": "",
        "updated_at": stamp(at.plus(Duration::from_millis(1)), micros + 33),
    });
    if envelope["data"].is_null()
        && let Some(members) = envelope.as_object_mut()
    {
        members.shift_remove("data");
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_goes_on_behind_what_it_has_seen() {
        let history = History::new(1);
        let now = Timestamp::from_millis(0);
        let ids: Vec<_> = (0..3)
            .map(|_| history.raise("server.ready", &Value::Null, now))
            .collect();
        assert_eq!(history.present(), 0, "the first sees everything");
        assert_eq!(history.present(), 3);
        assert_eq!(history.resume(&ids[1]), 2);
        assert_eq!(history.resume("unknown"), 0);
        let (rest, missed) = history.after(2, 10);
        assert_eq!((rest.len(), missed), (1, 0));
        assert_eq!(rest[0].id, ids[2]);
    }

    #[test]
    fn the_past_is_bounded_and_says_what_is_forgotten() {
        let history = History::new(1);
        for _ in 0..PAST + 5 {
            history.raise("server.ready", &Value::Null, Timestamp::from_millis(0));
        }
        let (events, missed) = history.after(2, usize::MAX);
        assert_eq!((events.len(), missed), (PAST, 3));
        assert_eq!(events[0].number, 6);
    }

    #[test]
    fn large_events_make_the_past_shorter() {
        let history = History::new(1);
        let large = json!({ "reason": "x".repeat(1 << 20) });
        for _ in 0..40 {
            history.raise("server.shutdown", &large, Timestamp::from_millis(0));
        }
        let (events, missed) = history.after(0, usize::MAX);
        let bytes: usize = events.iter().map(|event| event.text.len()).sum();
        assert!(bytes <= PAST_BYTES && events.len() > 10, "{bytes}");
        assert_eq!(events.len() as u64 + missed, 40);
    }
}
