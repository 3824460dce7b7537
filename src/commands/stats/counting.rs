//! Counts the records of a block, on any core.

use super::{By, Plan};
use crate::model::event::{Event, Flaw};
use crate::model::statistics::PartialGroups;
use crate::model::sys_event::{Severity, SysMember};
use crate::model::timestamp::{Timestamp, Zone};
use crate::records::{Batch, InspectRecords};
use crate::wire::event::{EventReader, WatchedFields, as_number};
use crate::wire::records::Record;
use indexmap::IndexMap;
use serde_json::Value;

/// Counts records by what they are grouped by.
pub struct CountRecords {
    by: By,
    zone: Zone,
    fields: Vec<String>,
    watched: WatchedFields,
}

/// What the records of a block come to.
#[derive(Default)]
pub struct CountedRecords {
    /// The groups, by name or by id.
    pub groups: PartialGroups,
    /// The names of flows or triggers by id: not every event repeats them.
    pub names: IndexMap<String, String>,
    /// How many records could be read.
    pub records: u64,
    /// What is wrong with the others, by their place in the block.
    pub flaws: Vec<(usize, Flaw)>,
}

/// What serves from record to record.
#[derive(Default)]
pub struct Memory {
    reader: EventReader,
    numbers: Vec<Option<f64>>,
}

impl InspectRecords for CountRecords {
    type Memory = Memory;
    type Found = CountedRecords;

    fn inspect(&self, memory: &mut Memory, _: &str, batch: &Batch) -> CountedRecords {
        let mut counted = CountedRecords::default();
        for (at, record) in batch.records().enumerate() {
            match self.count(memory, &record, &mut counted) {
                Ok(()) => counted.records += 1,
                Err(flaw) => counted.flaws.push((at, flaw)),
            }
        }
        counted
    }
}

impl CountRecords {
    /// Counts as a plan says.
    pub fn new(plan: &Plan) -> CountRecords {
        CountRecords {
            by: plan.by,
            zone: plan.zone,
            fields: plan.fields.clone(),
            watched: WatchedFields::new(&plan.fields),
        }
    }

    fn count(
        &self,
        memory: &mut Memory,
        record: &Record<'_>,
        counted: &mut CountedRecords,
    ) -> Result<(), Flaw> {
        if record.is_oversize() {
            return Err(Flaw::TooLarge(record.length));
        }
        let text = std::str::from_utf8(record.bytes).map_err(|_| Flaw::NotJson)?;
        let Memory { reader, numbers } = memory;
        match reader.read_numbers(text, &self.watched, numbers) {
            Ok(event) => {
                self.count_event(&event, numbers, counted);
                Ok(())
            }
            Err(Flaw::NoType) => self.count_log(text, counted),
            Err(flaw) => Err(flaw),
        }
    }

    fn count_event(
        &self,
        event: &Event<'_>,
        numbers: &[Option<f64>],
        counted: &mut CountedRecords,
    ) {
        let facts = event.facts();
        let hour;
        let key = match self.by {
            By::Default | By::Flow => counted.key(
                facts.text(SysMember::FlowName),
                facts.text(SysMember::FlowId),
            ),
            By::Trigger => counted.key(facts.trigger_name(), facts.trigger_id()),
            By::Type => Some(&*event.event_type),
            By::Code => None,
            By::Hour => {
                hour = event.ts.as_deref().and_then(|ts| self.hour(ts));
                hour.as_deref()
            }
        };
        if let Some(key) = key {
            let bad = Severity::of(&event.event_type) == Severity::Bad;
            counted.groups.add(key, bad, numbers.iter().copied());
        }
    }

    fn count_log(&self, text: &str, counted: &mut CountedRecords) -> Result<(), Flaw> {
        let log: Value = serde_json::from_str(text).map_err(|_| Flaw::NotJson)?;
        let member = |name: &str| log.get(name).and_then(Value::as_str);
        let code = member("eventCode").ok_or(Flaw::NoType)?;
        let hour;
        let key = match self.by {
            By::Default | By::Code => Some(code),
            By::Hour => {
                hour = member("generatedAt").and_then(|time| self.hour(time));
                hour.as_deref()
            }
            By::Flow | By::Trigger | By::Type => None,
        };
        if let Some(key) = key {
            let values = self.fields.iter().map(|field| {
                let mut names = field.split('.');
                as_number(names.try_fold(&log, |value, name| value.get(name))?)
            });
            counted.groups.add(key, code.ends_with('E'), values);
        }
        Ok(())
    }

    fn hour(&self, text: &str) -> Option<String> {
        Some(Timestamp::parse(text)?.at(self.zone).hour())
    }
}

impl CountedRecords {
    /// The name, which is remembered for events that have the id alone; else the id.
    fn key<'e>(&mut self, name: Option<&'e str>, id: Option<&'e str>) -> Option<&'e str> {
        if let (Some(name), Some(id)) = (name, id)
            && !self.names.contains_key(id)
        {
            self.names.insert(id.to_owned(), name.to_owned());
        }
        name.or(id)
    }
}
