//! `stats`: how many, how bad, how long.

use crate::command::input::Sources;
use crate::failure::{Exit, Failure};
use crate::host::Interrupt;
use crate::model::event::{Event, Flaw};
use crate::model::statistics::Groups;
use crate::model::sys_event::Severity;
use crate::model::timestamp::{Timestamp, Zone};
use crate::query::Mistake;
use crate::query::threshold::Threshold;
use crate::wire::envelope::LIMIT;
use crate::wire::records::{Framer, Record};
use serde_json::Value;
use std::io::Read;

/// What records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Flows for events, codes for event logs.
    Told,
    /// The flow's name, else its id.
    Flow,
    /// The trigger's name, else its id.
    Trigger,
    /// The event's type.
    Type,
    /// The event code.
    Code,
    /// The hour.
    Hour,
}

/// Everything that is decided before the first record.
pub struct Plan {
    /// The input.
    pub sources: Sources,
    /// What records are grouped by.
    pub by: By,
    /// The fields that are watched; the first one is shown.
    pub fields: Vec<String>,
    /// Thresholds, each with the place of its field.
    pub fail_on: Vec<(Threshold, usize)>,
    /// The zone of hours.
    pub zone: Zone,
    /// Whether an input without records is fine.
    pub allow_empty: bool,
}

/// What was found.
pub struct Outcome {
    /// The groups.
    pub groups: Groups,
    /// How the run ends.
    pub exit: Exit,
    /// The thresholds that were passed, each with the first group that did.
    pub passed: Vec<String>,
}

/// Reads thresholds and notes the fields they need.
pub fn thresholds(
    texts: &[String],
    fields: &mut Vec<String>,
) -> Result<Vec<(Threshold, usize)>, Failure> {
    texts
        .iter()
        .map(|text| {
            let threshold = Threshold::parse(text).map_err(|mistake| pointed(&mistake))?;
            let place = match &threshold.field {
                None => 0,
                Some(field) => fields
                    .iter()
                    .position(|known| known == field)
                    .unwrap_or_else(|| {
                        fields.push(field.clone());
                        fields.len() - 1
                    }),
            };
            Ok((threshold, place))
        })
        .collect()
}

fn pointed(mistake: &Mistake) -> Failure {
    Failure::usage(format!("--fail-on: {mistake}")).hint(mistake.marked("  help: ".len()))
}

/// Reads everything and counts.
pub fn run(
    mut plan: Plan,
    interrupt: &Interrupt,
    remark: &mut dyn FnMut(&str),
) -> Result<Outcome, Failure> {
    let mut groups = Groups::default();
    let (mut records, mut failed) = (0_u64, None);
    let mut block = vec![0; 64 * 1024];
    while let Some(source) = plan.sources.next() {
        let mut source = match source {
            Ok(source) => source,
            Err(failure) => {
                failed = failed.or(Some(failure));
                continue;
            }
        };
        let mut framer = Framer::new(LIMIT);
        let name = source.name.clone();
        let mut take = |record: Record<'_>| match count(&record, &plan, &mut groups) {
            Ok(()) => records += 1,
            Err(flaw) => remark(&format!("{name}:{}:{}: {flaw}", record.line, record.column)),
        };
        loop {
            if let Some(signal) = interrupt.seen() {
                let exit = signal.exit();
                return Ok(Outcome {
                    groups,
                    exit,
                    passed: Vec::new(),
                });
            }
            match source.stream.read(&mut block) {
                Ok(0) => break,
                Ok(length) => framer.push(&block[..length], &mut take),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let failure = Failure::io(format!("cannot read {}", source.name), error);
                    failed = failed.or(Some(failure));
                    break;
                }
            }
        }
        framer.finish(&mut take);
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    if records == 0 && !plan.allow_empty {
        return Err(Failure::input("there is no record in the input")
            .hint("--allow-empty accepts an input without records"));
    }
    let passed: Vec<String> = plan
        .fail_on
        .iter()
        .filter_map(|(threshold, field)| {
            let found = groups.by_count();
            let (key, _) = found
                .iter()
                .find(|(_, group)| threshold.holds(group, *field))?;
            Some(format!("--fail-on '{}' holds for {key}", threshold.text))
        })
        .collect();
    let exit = if passed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    };
    Ok(Outcome {
        groups,
        exit,
        passed,
    })
}

fn count(record: &Record<'_>, plan: &Plan, groups: &mut Groups) -> Result<(), Flaw> {
    if record.is_oversize() {
        return Err(Flaw::TooLarge(record.length));
    }
    let text = std::str::from_utf8(record.bytes)
        .map_err(|_| Flaw::NotJson("its bytes are not UTF-8".to_owned()))?;
    match Event::read(text) {
        Ok(event) => {
            if let Some(key) = event_key(&event, plan) {
                let bad = Severity::of(&event.event_type) == Severity::Bad;
                let values = plan
                    .fields
                    .iter()
                    .map(|field| as_number(event.field(field)));
                groups.add(&key, bad, values);
            }
            Ok(())
        }
        Err(Flaw::NoType) => {
            let log: Value =
                serde_json::from_str(text).map_err(|error| Flaw::NotJson(error.to_string()))?;
            let code = log
                .get("eventCode")
                .and_then(Value::as_str)
                .ok_or(Flaw::NoType)?;
            if let Some(key) = log_key(&log, code, plan) {
                let values = plan.fields.iter().map(|field| {
                    as_number(
                        field
                            .split('.')
                            .try_fold(&log, |value, name| value.get(name)),
                    )
                });
                groups.add(&key, code.ends_with('E'), values);
            }
            Ok(())
        }
        Err(flaw) => Err(flaw),
    }
}

fn event_key(event: &Event<'_>, plan: &Plan) -> Option<String> {
    let facts = event.facts();
    match plan.by {
        By::Told | By::Flow => facts
            .flow_name
            .get()
            .or_else(|| facts.flow_id.get())
            .map(str::to_owned),
        By::Trigger => facts
            .trigger_name()
            .or_else(|| facts.trigger_id())
            .map(str::to_owned),
        By::Type => Some(event.event_type.to_string()),
        By::Code => None,
        By::Hour => hour(event.ts.as_deref()?, plan.zone),
    }
}

fn log_key(log: &Value, code: &str, plan: &Plan) -> Option<String> {
    match plan.by {
        By::Told | By::Code => Some(code.to_owned()),
        By::Hour => hour(log.get("generatedAt")?.as_str()?, plan.zone),
        By::Flow | By::Trigger | By::Type => None,
    }
}

fn hour(text: &str, zone: Zone) -> Option<String> {
    Some(Timestamp::parse(text)?.at(zone).hour())
}

fn as_number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
