//! What happens on the automation server: an endless, believable and repeatable story.
//!
//! Scenes are drawn from a shuffled bag, so that every type of event occurs before any bag is
//! drawn a second time. What causes what follows the reference: a failure disables its trigger
//! where its prefix says so, a sign-in comes before its renewal, an event trigger runs on an
//! event that has happened.

use super::random::Random;
use super::world::{self, Trigger};
use crate::model::sys_event::{FAILURE_PREFIXES, FailurePrefix, TriggerKind};
use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Something that happens on the server.
#[derive(Clone, Debug)]
pub struct Happening {
    /// How long after the story's beginning.
    pub offset: Duration,
    /// The event's id.
    pub id: String,
    /// Its type.
    pub event_type: &'static str,
    /// Its data; null when the type has none.
    pub data: Value,
}

#[derive(Clone, Copy)]
enum Scene {
    ScheduleRun { ok: bool },
    ScheduleFailure(usize),
    EventRun { ok: bool },
    EventFailure(usize),
    SignIn,
    Renewal,
    RefusedSignIn,
    Synchronisation,
    License,
    Restart,
}

/// How often each scene is in the bag.
const BAG: [(Scene, usize); 18] = [
    (Scene::ScheduleRun { ok: true }, 11),
    (Scene::EventRun { ok: true }, 8),
    (Scene::ScheduleRun { ok: false }, 2),
    (Scene::EventRun { ok: false }, 2),
    (Scene::ScheduleFailure(0), 1),
    (Scene::ScheduleFailure(1), 1),
    (Scene::ScheduleFailure(2), 1),
    (Scene::ScheduleFailure(3), 1),
    (Scene::EventFailure(0), 1),
    (Scene::EventFailure(1), 1),
    (Scene::EventFailure(2), 1),
    (Scene::EventFailure(3), 1),
    (Scene::SignIn, 2),
    (Scene::Renewal, 2),
    (Scene::RefusedSignIn, 1),
    (Scene::Synchronisation, 2),
    (Scene::License, 1),
    (Scene::Restart, 1),
];

/// The story of one seed.
#[derive(Debug)]
pub struct Story {
    random: Random,
    begin: Timestamp,
    clock: Duration,
    pace: Duration,
    schedules: Vec<Trigger>,
    events: Vec<Trigger>,
    bag: Vec<usize>,
    coming: VecDeque<Happening>,
    last: BTreeMap<&'static str, String>,
    signed_in: (&'static str, &'static str),
}

impl Story {
    /// A story that begins now, with about `rate` events in a second (which must be above 0).
    pub fn new(seed: u64, rate: f64, begin: Timestamp) -> Story {
        let mut random = Random::new(seed);
        let mut story = Story {
            begin,
            clock: Duration::ZERO,
            pace: Duration::from_secs_f64((1.0 / rate).clamp(0.000_01, 86_400.0)),
            schedules: world::schedules(&mut random),
            events: world::events(&mut random),
            bag: Vec::new(),
            coming: VecDeque::new(),
            last: BTreeMap::new(),
            signed_in: (world::PEOPLE[0], world::PLACES[0]),
            random,
        };
        story.wake_up();
        story
    }

    /// What happens next.
    pub fn next(&mut self) -> Happening {
        loop {
            if let Some(next) = self.coming.pop_front() {
                return next;
            }
            self.play();
        }
    }

    fn play(&mut self) {
        if self.bag.is_empty() {
            let indices = BAG.iter().enumerate();
            self.bag = indices
                .flat_map(|(at, (_, times))| std::iter::repeat_n(at, *times))
                .collect();
            self.random.shuffle(&mut self.bag);
        }
        let Some(at) = self.bag.pop() else { return };
        match BAG[at].0 {
            Scene::ScheduleRun { ok } => self.schedule_run(ok),
            Scene::ScheduleFailure(prefix) => self.failure(TriggerKind::Schedule, prefix),
            Scene::EventRun { ok } => self.event_run(ok),
            Scene::EventFailure(prefix) => self.failure(TriggerKind::Event, prefix),
            Scene::SignIn => self.sign_in(),
            Scene::Renewal => self.token("auth.renew"),
            Scene::RefusedSignIn => self.refused_sign_in(),
            Scene::Synchronisation => self.synchronise(),
            Scene::License => {
                let (lost, found) = *self.random.pick(&world::LICENSE);
                self.after_a_while("license.invalid", json!({ "msg": lost }));
                self.after_a_while("license.valid", json!({ "msg": found }));
            }
            Scene::Restart => {
                let reason = *self.random.pick(&world::STOPS);
                self.after_a_while("server.shutdown", json!({ "reason": reason }));
                self.wake_up();
            }
        }
    }

    fn wake_up(&mut self) {
        self.after_a_while("server.ready", Value::Null);
        self.synchronise();
    }

    fn synchronise(&mut self) {
        self.after_a_while("trigger.schedule.sync", Value::Null);
        self.at_once("trigger.event.sync", Value::Null);
    }

    /// Somebody signs in; what was switched off is mended.
    fn sign_in(&mut self) {
        self.signed_in = (
            *self.random.pick(&world::PEOPLE),
            *self.random.pick(&world::PLACES),
        );
        self.token("auth.ok");
        let all = self.schedules.iter_mut().chain(&mut self.events);
        let mended = all.filter(|trigger| trigger.disabled);
        let mended = mended.map(|trigger| trigger.disabled = false).count();
        if mended > 0 {
            self.synchronise();
        }
    }

    fn token(&mut self, event_type: &'static str) {
        let (username, ip) = self.signed_in;
        let expiry = self
            .begin
            .plus(self.clock + self.pace + Duration::from_secs(3600));
        let data = json!({ "username": username, "ip": ip, "exp": expiry.rfc3339() });
        self.after_a_while(event_type, data);
    }

    fn refused_sign_in(&mut self) {
        let data = json!({
            "username": self.random.pick(&world::PEOPLE),
            "ip": self.random.pick(&world::PLACES),
            "reason": self.random.pick(&world::REFUSALS),
        });
        self.after_a_while("auth.error", data);
    }

    fn schedule_run(&mut self, ok: bool) {
        let at = self.enabled(TriggerKind::Schedule);
        let trigger = self.schedules[at].clone();
        let mut data = json!({
            "schedule_id": trigger.id,
            "schedule_name": trigger.name,
            "flow_id": trigger.flow_id,
            "flow_name": trigger.flow_name,
        });
        self.add_run(&mut data, &trigger, ok);
        let event_type = if ok {
            "trigger.schedule.ok"
        } else {
            "trigger.schedule.error"
        };
        self.after_a_while(event_type, data);
    }

    fn event_run(&mut self, ok: bool) {
        let at = self.enabled(TriggerKind::Event);
        let trigger = self.events[at].clone();
        let cause = self.cause(trigger.waits_for);
        let mut data = json!({
            "trigger_id": trigger.id,
            "trigger_name": trigger.name,
            "trigger_priority": trigger.priority,
            "flow_id": trigger.flow_id,
            "flow_name": trigger.flow_name,
        });
        self.add_run(&mut data, &trigger, ok);
        data["event_id"] = cause.into();
        data["event_type"] = trigger.waits_for.into();
        let event_type = if ok {
            "trigger.event.ok"
        } else {
            "trigger.event.error"
        };
        self.at_once(event_type, data);
    }

    /// How a run went: amounts, duration, verdict and status.
    fn add_run(&mut self, data: &mut Value, trigger: &Trigger, ok: bool) {
        let inputs = self.random.between(1, 40);
        let outputs = if ok { inputs } else { 0 };
        let slow = if self.random.happens(80_000) { 9 } else { 1 };
        let low = trigger.usual_ms / 2;
        let duration = self.random.between(low, trigger.usual_ms * 2) * slow;
        let error = if ok {
            ""
        } else {
            self.random.pick(&world::FLOW_ERRORS)
        };
        let (status, message) = match (ok, self.random.happens(300_000)) {
            (true, true) => ("done", format!("{outputs} items written")),
            (false, true) => ("stopped", "see the error".to_owned()),
            _ => ("unknown", String::new()),
        };
        data["inputs"] = inputs.into();
        data["outputs"] = outputs.into();
        data["duration_ms"] = duration.into();
        data["ok"] = ok.into();
        data["error"] = error.into();
        data["status"] = status.into();
        data["status_msg"] = message.into();
    }

    /// A trigger cannot run its flow; where the prefix says so, it is disabled a moment later.
    fn failure(&mut self, kind: TriggerKind, prefix: usize) {
        let known: &FailurePrefix = &FAILURE_PREFIXES[prefix];
        let at = self.enabled(kind);
        let trigger = self.triggers(kind)[at].clone();
        let rest = *self.random.pick(&world::FAILURES[prefix]);
        let error = format!("{}: {rest}", known.prefix);
        let (failed, disabled) = match kind {
            TriggerKind::Schedule => ("trigger.schedule.failed", "trigger.schedule.disabled"),
            TriggerKind::Event => ("trigger.event.failed", "trigger.event.disabled"),
        };
        let mut data = json!({ "trigger_id": trigger.id, "flow_id": trigger.flow_id });
        if kind == TriggerKind::Event {
            data["event_id"] = self.cause(trigger.waits_for).into();
        }
        data["error"] = error.clone().into();
        self.after_a_while(failed, data);
        if known.disables(kind) {
            let data = json!({
                "trigger_id": trigger.id, "flow_id": trigger.flow_id, "reason": error,
            });
            self.at_once(disabled, data);
            self.triggers(kind)[at].disabled = true;
        }
    }

    fn triggers(&mut self, kind: TriggerKind) -> &mut Vec<Trigger> {
        match kind {
            TriggerKind::Schedule => &mut self.schedules,
            TriggerKind::Event => &mut self.events,
        }
    }

    /// A trigger that is not switched off; somebody signs in and mends them when all are.
    fn enabled(&mut self, kind: TriggerKind) -> usize {
        if self.triggers(kind).iter().all(|trigger| trigger.disabled) {
            self.sign_in();
        }
        let count = self.triggers(kind).len();
        let from = self.random.index(count);
        (0..count)
            .map(|step| (from + step) % count)
            .find(|at| !self.triggers(kind)[*at].disabled)
            .unwrap_or(from)
    }

    /// The latest event of a type, which is made to happen if it has not happened yet.
    fn cause(&mut self, event_type: &'static str) -> String {
        if !self.last.contains_key(event_type) {
            match event_type {
                "trigger.schedule.ok" => self.schedule_run(true),
                "trigger.schedule.error" => self.schedule_run(false),
                "trigger.schedule.failed" => self.failure(TriggerKind::Schedule, 0),
                _ => self.sign_in(),
            }
        }
        self.last.get(event_type).cloned().unwrap_or_default()
    }

    /// Something of its own: it takes from half to one and a half times the usual pause.
    fn after_a_while(&mut self, event_type: &'static str, data: Value) {
        let percent = u32::try_from(self.random.between(50, 150)).unwrap_or(100);
        self.happen(self.pace * percent / 100, event_type, data);
    }

    /// A consequence, a few milliseconds later.
    fn at_once(&mut self, event_type: &'static str, data: Value) {
        let pause = Duration::from_millis(self.random.between(3, 40));
        self.happen(pause.min(self.pace), event_type, data);
    }

    fn happen(&mut self, pause: Duration, event_type: &'static str, data: Value) {
        // The very first event happens without a pause: whoever connects sees life at once.
        if !self.last.is_empty() {
            self.clock += pause;
        }
        let id = self.random.uuid();
        self.last.insert(event_type, id.clone());
        self.coming.push_back(Happening {
            offset: self.clock,
            id,
            event_type,
            data,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sys_event::{DataType, SYS_TYPES, SysType};
    use std::collections::BTreeSet;

    fn told(seed: u64, length: usize) -> Vec<Happening> {
        let mut story = Story::new(seed, 5.0, Timestamp::from_millis(1_700_000_000_000));
        (0..length).map(|_| story.next()).collect()
    }

    #[test]
    fn a_seed_tells_the_same_story_and_another_seed_another_one() {
        let text = |seed| format!("{:?}", told(seed, 300));
        assert_eq!(text(4), text(4));
        assert_ne!(text(4), text(5));
    }

    #[test]
    fn every_type_occurs_with_exactly_its_documented_data() {
        for seed in 0..20 {
            let story = told(seed, 120);
            let seen: BTreeSet<_> = story.iter().map(|event| event.event_type).collect();
            let all: BTreeSet<_> = SYS_TYPES.iter().map(|known| known.name).collect();
            assert_eq!(seen, all, "seed {seed}");
            for event in &story {
                let known = SysType::find(event.event_type).expect("documented");
                let given = event.data.as_object().map_or(0, serde_json::Map::len);
                assert_eq!(given, known.data.len(), "{event:?}");
                for field in known.data {
                    let value = &event.data[field.name];
                    assert!(
                        match field.data_type {
                            DataType::String => value.is_string(),
                            DataType::Number => value.is_number(),
                            DataType::Boolean => value.is_boolean(),
                            DataType::Any => !value.is_null(),
                        },
                        "{} of {event:?}",
                        field.name
                    );
                }
            }
        }
    }

    #[test]
    fn causes_come_first() {
        let story = told(11, 2000);
        let mut ids = BTreeSet::new();
        let mut clock = Duration::ZERO;
        for (at, event) in story.iter().enumerate() {
            assert!(event.offset >= clock, "time goes on");
            clock = event.offset;
            if let Some(cause) = event.data["event_id"].as_str() {
                assert!(ids.contains(cause), "{event:?}");
            }
            let kind = TriggerKind::of(event.event_type);
            if event.event_type.ends_with(".disabled") {
                let before = &story[at - 1];
                assert_eq!(before.data["error"], event.data["reason"]);
                assert_eq!(before.data["trigger_id"], event.data["trigger_id"]);
            }
            if let (Some(kind), true) = (kind, event.event_type.ends_with(".failed")) {
                let error = event.data["error"].as_str().expect("text");
                let known = FailurePrefix::of(error).expect("a documented prefix");
                let follows = story
                    .get(at + 1)
                    .is_none_or(|next| next.event_type.ends_with(".disabled"));
                assert_eq!(follows, known.disables(kind) || story.len() == at + 1);
            }
            ids.insert(event.id.as_str());
        }
        assert_eq!(ids.len(), story.len(), "ids are unique");
    }
}
