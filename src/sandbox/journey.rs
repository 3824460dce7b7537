//! The journeys of messages, read from the event logs in the ledger.

use super::ledger::{Entry, finding_json};
use crate::model::code::Code;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// One event log in its journey.
#[derive(Clone, Debug)]
pub struct JourneyStep {
    /// The request.
    pub entry: Arc<Entry>,
    /// The lifecycle stage, where it could be read.
    pub stage: Option<String>,
    /// The outcome, where it could be read.
    pub outcome: Option<String>,
    /// The detail, where it could be read.
    pub detail: Option<String>,
}

/// The event logs of one message, in order of arrival.
#[derive(Clone, Debug)]
pub struct Journey {
    /// The integration key, or nothing where it could not be read.
    pub integration: String,
    /// The correlation id, or nothing where it could not be read.
    pub correlation: String,
    /// The direction, or nothing where it could not be read.
    pub direction: String,
    /// The part of a split event.
    pub stream: Option<String>,
    /// The shape of the data, where it could be read.
    pub shape: Option<String>,
    /// The event logs.
    pub steps: Vec<JourneyStep>,
}

impl Journey {
    /// The event logs that were taken.
    pub fn accepted(&self) -> impl DoubleEndedIterator<Item = &JourneyStep> {
        self.steps.iter().filter(|step| step.entry.accepted())
    }

    /// The codes that were taken, in order.
    pub fn codes(&self) -> Vec<&str> {
        self.accepted()
            .filter_map(|step| step.entry.event_code.as_deref())
            .collect()
    }

    /// The outcome of the last event log that was taken.
    pub fn ends(&self) -> Option<&str> {
        self.accepted().next_back()?.outcome.as_deref()
    }

    /// The journey as `GET /_sandbox/journeys` shows it.
    pub fn json(&self) -> Value {
        let steps: Vec<_> = self.steps.iter().map(step_json).collect();
        json!({
            "integrationKey": self.integration,
            "correlationId": self.correlation,
            "direction": self.direction,
            "stream": self.stream,
            "shapeName": self.shape,
            "ends": self.ends(),
            "steps": steps,
        })
    }
}

fn step_json(step: &JourneyStep) -> Value {
    let code = step.entry.event_code.as_deref();
    let known = code.and_then(Code::find);
    json!({
        "number": step.entry.number,
        "at": step.entry.at.rfc3339(),
        "status": step.entry.status,
        "refusal": step.entry.refusal,
        "fault": step.entry.fault,
        "eventCode": code,
        "level": known.map(Code::level),
        "description": known.map(|code| code.description),
        "lifeCycleStage": step.stage,
        "outcome": step.outcome,
        "detail": step.detail,
        "findings": step.entry.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "body": String::from_utf8_lossy(&step.entry.body),
    })
}

/// The fields that place an event log in a journey; a field of another type counts as absent.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields {
    direction: Value,
    life_cycle_stage: Value,
    outcome: Value,
    stream: Value,
    shape_name: Value,
    detail: Value,
}

/// Groups the entries by integration, correlation id, direction and stream, in the order in which
/// each journey began. What could not be read makes a journey of its own.
pub fn journeys<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Vec<Journey> {
    let mut journeys: Vec<Journey> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for entry in entries {
        let fields: Fields = serde_json::from_slice(&entry.body).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let step = JourneyStep {
            entry: Arc::clone(entry),
            stage: text(&fields.life_cycle_stage),
            outcome: text(&fields.outcome),
            detail: text(&fields.detail),
        };
        let direction = text(&fields.direction).unwrap_or_default();
        let stream = text(&fields.stream);
        let integration = entry.integration_key.clone().unwrap_or_default();
        let correlation = entry.journey.clone().unwrap_or_default();
        let lone = if correlation.is_empty() {
            entry.number
        } else {
            0
        };
        let key = (
            integration.clone(),
            correlation.clone(),
            direction.clone(),
            stream.clone(),
            lone,
        );
        let at = *places.entry(key).or_insert_with(|| {
            journeys.push(Journey {
                integration,
                correlation,
                direction,
                stream,
                shape: text(&fields.shape_name),
                steps: Vec::new(),
            });
            journeys.len() - 1
        });
        journeys[at].steps.push(step);
    }
    journeys
}
