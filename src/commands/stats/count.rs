//! Counts the records of every source, on every core.

use super::key::{By, Counted};
use super::tally::{Grouping, Tally};
use crate::commands::record_kind::{self, RecordKind};
use crate::failure::Failure;
use crate::host::{Interrupt, Signal};
use crate::model::event::Event;
use crate::model::statistics::PartialGroups;
use crate::query::filter::Filter;
use crate::query::no_match::NoMatch;
use crate::records::{Batch, InspectRecords, Progress, Sources, Take, read_all};
use crate::wire::envelope::LIMIT;
use crate::wire::event::{EventReader, WatchedFields, as_number};
use crate::wire::flaw;
use crate::wire::records::Record;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::fmt::Arguments;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which records are counted, and how.
#[derive(Debug)]
pub struct Counting {
    /// How they are grouped.
    pub grouping: Grouping,
    /// Which ones.
    pub filter: Filter,
}

/// What was counted, and what was not.
#[derive(Debug, Default)]
pub struct Count {
    /// What was counted.
    pub tally: Tally,
    /// Event logs and sys events.
    pub records: u64,
    /// Those that the filter takes, and how many of them are event logs.
    pub matched: u64,
    pub logs: u64,
    /// Whether the filter took any by a name, and not by an id alone.
    pub is_by_name: bool,
    /// Event logs that a key of events, or the filter, leaves out.
    pub logs_left_out: u64,
    /// Sys events that a key of event logs leaves out.
    pub events_left_out: u64,
    /// Records that lack a key although others of their kind have it.
    pub without_key: u64,
    /// Records that are neither.
    pub others: u64,
    /// What the filter has left out, as long as it has left out everything.
    pub no_match: NoMatch,
    /// Records that cannot be read: where, and why.
    pub broken: Vec<(u64, u64, String)>,
    /// Why the first of the sources that cannot be read, cannot.
    pub unreadable: Option<Failure>,
}

/// What one core counts of a block.
#[derive(Debug)]
struct BlockCount {
    tally: Tally<PartialGroups>,
    count: Count,
}

/// What serves one core from record to record.
#[derive(Default)]
struct CoreScratch {
    reader: EventReader,
    numbers: Vec<Option<f64>>,
}

struct Counter {
    counting: Arc<Counting>,
    watched: WatchedFields,
    event_code: Finder<'static>,
    /// Whether no more names are remembered, which those that are counting need not gather then.
    has_all_names: Arc<AtomicBool>,
}

impl InspectRecords for Counter {
    type Memory = CoreScratch;
    type Found = BlockCount;

    fn inspect(&self, memory: &mut CoreScratch, source: &str, batch: &Batch) -> BlockCount {
        let mut found = BlockCount {
            tally: Tally::begin(self.has_all_names.load(Ordering::Relaxed)),
            count: self.counting.begin(),
        };
        for record in batch.records() {
            self.record(memory, source, &record, &mut found);
        }
        found
    }
}

impl Counter {
    fn record(
        &self,
        memory: &mut CoreScratch,
        source: &str,
        record: &Record<'_>,
        found: &mut BlockCount,
    ) {
        let CoreScratch { reader, numbers } = memory;
        // What may be an event log with a type of its own is looked at more closely.
        let is_plain = !record.is_oversize() && self.event_code.find(record.bytes).is_none();
        let text = is_plain
            .then(|| simdutf8::basic::from_utf8(record.bytes).ok())
            .flatten();
        if let Some(Ok(event)) = text.map(|text| reader.read_numbers(text, &self.watched, numbers))
        {
            if event.kind != "hivelog" {
                self.counted(&Counted::Event(&event), numbers, source, found);
            }
            return;
        }
        match record_kind::read(record) {
            Ok(RecordKind::Sys(event)) if event.kind == "hivelog" => {}
            Ok(RecordKind::Sys(event)) => {
                let numbers = self.numbers(&event);
                self.counted(&Counted::Event(&event), &numbers, source, found);
            }
            Ok(RecordKind::Log(log)) => {
                let time = log.generated_at.get().map(Cow::Borrowed);
                let event = Event::of_event_log(log.raw, time);
                let numbers = self.numbers(&event);
                self.counted(&Counted::Log(&log, &event), &numbers, source, found);
            }
            Ok(RecordKind::Neither) => found.count.others += 1,
            Err(flaw) => {
                let words = flaw::words(&flaw, record.bytes);
                let broken = (record.line, record.column, words);
                found.count.broken.push(broken);
            }
        }
    }

    fn numbers(&self, event: &Event<'_>) -> Vec<Option<f64>> {
        let fields = self.counting.grouping.fields.iter();
        let numbers = fields.map(|field| event.field(field).and_then(as_number));
        numbers.collect()
    }

    fn counted(
        &self,
        record: &Counted<'_, '_>,
        numbers: &[Option<f64>],
        source: &str,
        found: &mut BlockCount,
    ) {
        let (count, Counting { grouping, filter }) = (&mut found.count, &*self.counting);
        count.records += 1;
        let is_log = matches!(record, Counted::Log(..));
        let keys = &grouping.keys;
        if is_log && (!filter.types.is_empty() || keys.iter().any(|by| by.is_of_events())) {
            count.logs_left_out += 1;
            return;
        }
        if !is_log && keys.iter().any(|by| by.is_of_logs()) {
            count.events_left_out += 1;
            return;
        }
        if !filter.passes(record.event()) {
            if count.matched == 0 {
                count.no_match.look(record.event(), filter);
            }
            return;
        }
        count.matched += 1;
        count.is_by_name = count.is_by_name || filter.is_by_name(record.event());
        count.logs += u64::from(is_log);
        let lacks = found.tally.add(grouping, record, numbers, source);
        // What did not go wrong is not counted by error, nor left out.
        count.without_key += u64::from(lacks.is_some_and(|by| by != By::Error));
    }
}

impl Counting {
    /// Nothing is counted yet.
    fn begin(&self) -> Count {
        Count {
            no_match: NoMatch::of(&self.filter),
            ..Count::default()
        }
    }
}

impl Count {
    fn absorb(&mut self, found: BlockCount) {
        self.tally.absorb(found.tally);
        let later = found.count;
        self.records += later.records;
        self.matched += later.matched;
        self.is_by_name |= later.is_by_name;
        self.logs += later.logs;
        self.logs_left_out += later.logs_left_out;
        self.events_left_out += later.events_left_out;
        self.without_key += later.without_key;
        self.others += later.others;
        if self.matched == 0 {
            self.no_match.merge(later.no_match);
        }
    }
}

struct Counts<'a> {
    count: Count,
    broken: &'a mut dyn FnMut(Arguments<'_>, &str),
    has_all_names: Arc<AtomicBool>,
}

impl Take<BlockCount> for Counts<'_> {
    fn block(&mut self, source: &str, _: &Batch, found: BlockCount) -> Progress {
        for (line, column, words) in &found.count.broken {
            (self.broken)(format_args!("{source}:{line}:{column}"), words);
        }
        self.count.absorb(found);
        let has_all_names = self.count.tally.has_all_names();
        self.has_all_names.store(has_all_names, Ordering::Relaxed);
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.count.unreadable.get_or_insert(failure);
        Progress::GoOn
    }
}

/// Reads everything and counts.
pub fn count(
    counting: &Arc<Counting>,
    sources: Sources,
    interrupt: &Interrupt,
    broken: &mut dyn FnMut(Arguments<'_>, &str),
) -> (Count, Option<Signal>) {
    let has_all_names = Arc::<AtomicBool>::default();
    let mut counts = Counts {
        count: counting.begin(),
        has_all_names: Arc::clone(&has_all_names),
        broken,
    };
    let counter = Counter {
        counting: Arc::clone(counting),
        watched: WatchedFields::new(&counting.grouping.fields),
        event_code: Finder::new("\"eventCode\""),
        has_all_names,
    };
    let signal = read_all(sources, LIMIT, counter, interrupt, &mut counts);
    counts.count.tally.resolve_names();
    (counts.count, signal)
}
