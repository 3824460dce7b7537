//! Which journeys there are, each with as much as its line says.

use super::shared_texts::SharedTexts;
use super::step::LogStep;
use super::stored::{SPOOL, TakeStored};
use super::summary::{JourneyKey, JourneyStatus, JourneySummary};
use crate::commands::record_kind::{BrokenRecords, RecordCounts, RecordKind, RecordReader};
use crate::failure::{Exit, Failure};
use crate::host::Talk;
use crate::model::event::Flaw;
use crate::query::window::Window;
use crate::records::{Batch, InspectRecords, Progress, Take};
use crate::wire::records::Record;
use indexmap::IndexMap;
use std::cmp::Reverse;

/// Reads the event logs of a block.
pub struct ReadLogs;

/// What serves one core from record to record.
#[derive(Default)]
pub struct LogMemory {
    reader: RecordReader,
    texts: SharedTexts,
}

/// The event logs of a block, and what else there is in it.
#[derive(Default)]
pub struct BlockLogs {
    logs: Vec<(JourneyKey, LogStep)>,
    counts: RecordCounts,
    /// The records that cannot be read, by their places in the block.
    broken: Vec<(usize, Flaw)>,
}

impl InspectRecords for ReadLogs {
    type Memory = LogMemory;
    type Found = BlockLogs;

    fn inspect(&self, memory: &mut LogMemory, _: &str, batch: &Batch) -> BlockLogs {
        let mut found = BlockLogs::default();
        for (at, record) in batch.records().enumerate() {
            found.read(memory, at, &record);
        }
        found
    }
}

impl BlockLogs {
    fn read(&mut self, memory: &mut LogMemory, at: usize, record: &Record<'_>) {
        let read = memory.reader.read(record);
        self.counts.count(&read);
        match read {
            Ok(RecordKind::Log(log)) => {
                if let Some(key) = JourneyKey::of(&log, &mut memory.texts) {
                    self.logs.push((key, LogStep::of(&log, &mut memory.texts)));
                }
            }
            Ok(RecordKind::Sys(_) | RecordKind::Neither) => {}
            Err(flaw) => self.broken.push((at, flaw)),
        }
    }
}

/// The journeys that come up, as they are read.
pub struct ListJourneys {
    window: Window,
    journeys: IndexMap<JourneyKey, JourneySummary>,
    counts: RecordCounts,
    broken: BrokenRecords,
    /// For records that come one by one.
    memory: LogMemory,
    talk: Talk,
    unreadable: Option<Exit>,
}

impl ListJourneys {
    /// Nothing is read yet.
    pub fn new(window: Window, talk: Talk) -> ListJourneys {
        ListJourneys {
            window,
            journeys: IndexMap::new(),
            counts: RecordCounts::default(),
            broken: BrokenRecords::default(),
            memory: LogMemory::default(),
            talk,
            unreadable: None,
        }
    }

    fn report_broken(&mut self, source: &str, record: &Record<'_>, flaw: &Flaw) {
        if let Some(text) = self.broken.report(source, record, flaw) {
            self.talk.notice(&text);
        }
    }

    fn add(&mut self, found: BlockLogs) {
        self.counts.add(found.counts);
        for (key, step) in found.logs {
            let journey = self.journeys.entry(key).or_default();
            journey.add(step, &self.window);
        }
    }

    /// The journeys within the window that have one of these statuses; all where none is named.
    pub fn finish(self, statuses: &[JourneyStatus]) -> JourneyList {
        let passed_over = self.counts.passed_over();
        for text in self.broken.rest().iter().chain(&passed_over) {
            self.talk.notice(text);
        }
        let mut outside = 0;
        let mut counts = JourneyStatus::ALL.map(|status| (status, 0));
        let mut order = Vec::with_capacity(self.journeys.len());
        for (place, summary) in self.journeys.values().enumerate() {
            let status = summary.status();
            if !summary.is_within(&self.window) {
                outside += 1;
            } else if statuses.is_empty() || statuses.contains(&status) {
                counts[status as usize].1 += 1;
                order.push((status, Reverse(summary.last()), place));
            }
        }
        let key = |place: usize| self.journeys.get_index(place).map(|(key, _)| key);
        order.sort_unstable_by(|a, b| {
            let worst_and_newest = (a.0, a.1).cmp(&(b.0, b.1));
            worst_and_newest.then_with(|| key(a.2).cmp(&key(b.2)))
        });
        JourneyList {
            order: order.into_iter().map(|(_, _, place)| place).collect(),
            journeys: self.journeys,
            counts,
            outside,
            any: self.counts.records > 0,
            unreadable: self.unreadable,
        }
    }
}

impl Take<BlockLogs> for ListJourneys {
    fn block(&mut self, source: &str, batch: &Batch, mut found: BlockLogs) -> Progress {
        let mut records = batch.records().enumerate();
        for (at, flaw) in std::mem::take(&mut found.broken) {
            if let Some((_, record)) = records.by_ref().find(|(place, _)| *place == at) {
                self.report_broken(source, &record, &flaw);
            }
        }
        self.add(found);
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.talk.complain(&failure);
        self.unreadable = self.unreadable.or(Some(failure.exit));
        Progress::GoOn
    }
}

impl TakeStored for ListJourneys {
    fn stored(&mut self, record: &Record<'_>) {
        let mut found = BlockLogs::default();
        found.read(&mut self.memory, 0, record);
        for (_, flaw) in std::mem::take(&mut found.broken) {
            self.report_broken(SPOOL, record, &flaw);
        }
        self.add(found);
    }
}

/// Journeys, the worst first, and the newest first among the like.
pub struct JourneyList {
    journeys: IndexMap<JourneyKey, JourneySummary>,
    /// The places of those that are shown, among all in the order in which they came up.
    order: Vec<usize>,
    /// How many there are of each kind.
    pub counts: [(JourneyStatus, usize); JourneyStatus::ALL.len()],
    /// How many lie outside the window.
    pub outside: usize,
    /// Whether there was any record.
    pub any: bool,
    /// Whether something could not be read.
    pub unreadable: Option<Exit>,
}

impl JourneyList {
    /// The places of its journeys.
    pub fn places(&self) -> &[usize] {
        &self.order
    }

    /// The journey at a place.
    pub fn at(&self, place: usize) -> (&JourneyKey, &JourneySummary) {
        let (key, summary) = self.journeys.get_index(place).expect("a place of the list");
        (key, summary)
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = (&JourneyKey, &JourneySummary)> {
        self.order.iter().map(|place| self.at(*place))
    }

    /// One after the other with their places, in the order in which they came up: where all are
    /// looked at and the order does not matter, that takes a fraction of the time.
    pub fn as_read(&self) -> impl Iterator<Item = (usize, &JourneyKey, &JourneySummary)> {
        let mut is_shown = vec![false; self.journeys.len()];
        for place in &self.order {
            is_shown[*place] = true;
        }
        let all = self.journeys.iter().enumerate();
        let shown = all.filter(move |(place, _)| is_shown[*place]);
        shown.map(|(place, (key, summary))| (place, key, summary))
    }
}
