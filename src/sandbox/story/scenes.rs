//! The scenes of the story: what happens in each, with the data that its events carry.

use super::SampleStory;
use crate::model::trigger::{FAILURE_PREFIXES, FailurePrefix, TriggerKind};
use crate::sandbox::fixtures::{self, Trigger};
use serde_json::{Value, json};
use std::time::Duration;

impl SampleStory {
    pub(super) fn wake_up(&mut self) {
        self.after_a_while("server.ready", Value::Null);
        self.synchronise();
    }

    pub(super) fn synchronise(&mut self) {
        self.after_a_while("trigger.schedule.sync", Value::Null);
        self.at_once("trigger.event.sync", Value::Null);
    }

    /// Somebody signs in; what was switched off works again.
    pub(super) fn sign_in(&mut self) {
        self.signed_in = (
            *self.random.pick(&fixtures::PEOPLE),
            *self.random.pick(&fixtures::PLACES),
        );
        self.token("auth.ok");
        let all = self.schedules.iter_mut().chain(&mut self.events);
        let disabled = all.filter(|trigger| trigger.disabled);
        let enabled = disabled.map(|trigger| trigger.disabled = false).count();
        if enabled > 0 {
            self.synchronise();
        }
    }

    pub(super) fn token(&mut self, event_type: &'static str) {
        let (username, ip) = self.signed_in;
        let expiry = self
            .begin
            .plus(self.clock + self.pace + Duration::from_secs(3600));
        let data = json!({ "username": username, "ip": ip, "exp": expiry.rfc3339() });
        self.after_a_while(event_type, data);
    }

    pub(super) fn refused_sign_in(&mut self) {
        let data = json!({
            "username": self.random.pick(&fixtures::PEOPLE),
            "ip": self.random.pick(&fixtures::PLACES),
            "reason": self.random.pick(&fixtures::REFUSALS),
        });
        self.after_a_while("auth.error", data);
    }

    pub(super) fn schedule_run(&mut self, ok: bool) {
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

    pub(super) fn event_run(&mut self, ok: bool) {
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
            self.random.pick(&fixtures::FLOW_ERRORS)
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
    pub(super) fn failure(&mut self, kind: TriggerKind, prefix: usize) {
        let known: &FailurePrefix = &FAILURE_PREFIXES[prefix];
        let at = self.enabled(kind);
        let trigger = self.triggers(kind)[at].clone();
        let rest = *self.random.pick(&fixtures::FAILURES[prefix]);
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
}
