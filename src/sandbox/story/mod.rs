//! What happens on the automation server: an endless, believable and repeatable story.
//!
//! Scenes are drawn from a shuffled bag, so that every type of event occurs before any bag is
//! drawn a second time. What causes what follows the reference: a failure disables its trigger
//! where its prefix says so, a sign-in comes before its renewal, an event trigger runs on an
//! event that has happened.

mod scenes;
#[cfg(test)]
mod tests;

use super::fixtures::{self, Trigger};
use super::random::Random;
use crate::model::timestamp::Timestamp;
use crate::model::trigger::TriggerKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Something that happens on the server.
#[derive(Clone, Debug)]
pub struct StoryEvent {
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
enum StoryScene {
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
const BAG: [(StoryScene, usize); 18] = [
    (StoryScene::ScheduleRun { ok: true }, 11),
    (StoryScene::EventRun { ok: true }, 8),
    (StoryScene::ScheduleRun { ok: false }, 2),
    (StoryScene::EventRun { ok: false }, 2),
    (StoryScene::ScheduleFailure(0), 1),
    (StoryScene::ScheduleFailure(1), 1),
    (StoryScene::ScheduleFailure(2), 1),
    (StoryScene::ScheduleFailure(3), 1),
    (StoryScene::EventFailure(0), 1),
    (StoryScene::EventFailure(1), 1),
    (StoryScene::EventFailure(2), 1),
    (StoryScene::EventFailure(3), 1),
    (StoryScene::SignIn, 2),
    (StoryScene::Renewal, 2),
    (StoryScene::RefusedSignIn, 1),
    (StoryScene::Synchronisation, 2),
    (StoryScene::License, 1),
    (StoryScene::Restart, 1),
];

/// The story of one seed.
#[derive(Debug)]
pub struct SampleStory {
    random: Random,
    begin: Timestamp,
    clock: Duration,
    pace: Duration,
    schedules: Vec<Trigger>,
    events: Vec<Trigger>,
    bag: Vec<usize>,
    coming: VecDeque<StoryEvent>,
    last: BTreeMap<&'static str, String>,
    signed_in: (&'static str, &'static str),
}

impl SampleStory {
    /// A story that begins now, with about `rate` events in a second (which must be above 0).
    pub fn new(seed: u64, rate: f64, begin: Timestamp) -> SampleStory {
        let mut random = Random::new(seed);
        let mut story = SampleStory {
            begin,
            clock: Duration::ZERO,
            pace: Duration::from_secs_f64((1.0 / rate).clamp(0.000_01, 86_400.0)),
            schedules: fixtures::schedules(&mut random),
            events: fixtures::events(&mut random),
            bag: Vec::new(),
            coming: VecDeque::new(),
            last: BTreeMap::new(),
            signed_in: (fixtures::PEOPLE[0], fixtures::PLACES[0]),
            random,
        };
        story.wake_up();
        story
    }

    /// What happens next.
    pub fn next(&mut self) -> StoryEvent {
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
            StoryScene::ScheduleRun { ok } => self.schedule_run(ok),
            StoryScene::ScheduleFailure(prefix) => self.failure(TriggerKind::Schedule, prefix),
            StoryScene::EventRun { ok } => self.event_run(ok),
            StoryScene::EventFailure(prefix) => self.failure(TriggerKind::Event, prefix),
            StoryScene::SignIn => self.sign_in(),
            StoryScene::Renewal => self.token("auth.renew"),
            StoryScene::RefusedSignIn => self.refused_sign_in(),
            StoryScene::Synchronisation => self.synchronise(),
            StoryScene::License => {
                let (lost, found) = *self.random.pick(&fixtures::LICENSE);
                self.after_a_while("license.invalid", json!({ "msg": lost }));
                self.after_a_while("license.valid", json!({ "msg": found }));
            }
            StoryScene::Restart => {
                let reason = *self.random.pick(&fixtures::STOPS);
                self.after_a_while("server.shutdown", json!({ "reason": reason }));
                self.wake_up();
            }
        }
    }

    fn triggers(&mut self, kind: TriggerKind) -> &mut Vec<Trigger> {
        match kind {
            TriggerKind::Schedule => &mut self.schedules,
            TriggerKind::Event => &mut self.events,
        }
    }

    /// A trigger that is not switched off; somebody signs in and repairs them when all are.
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
        // The very first event happens without a pause: a client that connects sees life at once.
        if !self.last.is_empty() {
            self.clock += pause;
        }
        let id = self.random.uuid();
        self.last.insert(event_type, id.clone());
        self.coming.push_back(StoryEvent {
            offset: self.clock,
            id,
            event_type,
            data,
        });
    }
}
