//! Looks for the journeys that an id stands for.

use super::counts::RecordCounts;
use super::shared_texts::SharedTexts;
use super::sieve::Sieve;
use super::step::LogStep;
use super::stored::{SPOOL, TakeStored};
use super::summary::JourneyKey;
use super::timeline::{
    EntrySource, JourneyEntries, LogEntry, OrderedEntry, SysEntry, Timeline, TimelineEntry,
};
use super::wanted::WantedId;
use crate::check::{Checker, Policy};
use crate::commands::record_kind::{self, BrokenRecords, LogFields, RecordKind};
use crate::failure::{Exit, Failure};
use crate::host::Talk;
use crate::model::event::Event;
use crate::model::fnv::Fnv;
use crate::model::timestamp::Timestamp;
use crate::query::window::Window;
use crate::records::{Batch, Progress, Take};
use crate::wire::records::Record;
use serde_json::Value;
use std::collections::HashMap;

/// What is found, record by record.
pub struct JourneySearch {
    wanted: WantedId,
    window: Window,
    policy: Policy,
    checker: Checker,
    journeys: HashMap<JourneyKey, JourneyEntries>,
    /// Sys events that may name the id, each with its own value.
    events: Vec<(Value, OrderedEntry)>,
    /// Where the sys event that was added last stands in time.
    previous: Option<Timestamp>,
    counts: RecordCounts,
    texts: SharedTexts,
    broken: BrokenRecords,
    talk: Talk,
    is_spool: bool,
    unreadable: Option<Exit>,
}

/// How a search ended.
pub struct SearchResult {
    /// The journeys: the worst first, and the newest first among the like.
    pub timelines: Vec<Timeline>,
    /// How many sys events name the id.
    pub mentions: usize,
    /// How many journeys lie outside the window.
    pub outside: usize,
    /// Whether there was any record.
    pub any: bool,
    /// Whether something could not be read.
    pub unreadable: Option<Exit>,
}

impl Take<Vec<usize>> for JourneySearch {
    fn block(&mut self, source: &str, batch: &Batch, found: Vec<usize>) -> Progress {
        if found.is_empty() && self.referring() == 0 {
            self.counts.records += batch.len() as u64;
            return Progress::GoOn;
        }
        // Where more is looked for by now than when the block was sifted, all of it is.
        let mut sieve = self.sieve();
        let mut found = found.into_iter().peekable();
        for (at, record) in batch.records().enumerate() {
            self.counts.records += 1;
            if found.next_if_eq(&at).is_none()
                && (self.referring() == 0 || !sieve.may_hold(record.bytes))
            {
                continue;
            }
            let known = self.referring();
            self.record(source, &record);
            if self.referring() > known {
                sieve = self.sieve();
            }
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.talk.complain(&failure);
        self.unreadable = self.unreadable.or(Some(failure.exit));
        Progress::GoOn
    }
}

impl JourneySearch {
    /// Nothing is read yet.
    pub fn new(id: String, window: Window, policy: Policy, talk: Talk) -> JourneySearch {
        JourneySearch::for_id(WantedId::new(id), window, policy, talk)
    }

    fn for_id(wanted: WantedId, window: Window, policy: Policy, talk: Talk) -> JourneySearch {
        JourneySearch {
            wanted,
            window,
            checker: Checker::new(policy.clone()),
            policy,
            journeys: HashMap::new(),
            events: Vec::new(),
            previous: None,
            counts: RecordCounts::default(),
            texts: SharedTexts::default(),
            broken: BrokenRecords::new(talk),
            talk,
            is_spool: false,
            unreadable: None,
        }
    }

    /// Whether it is the data of event logs that have the id: others of the same journeys, which
    /// do not name it, can be found now.
    pub fn has_more_to_find(&self) -> bool {
        self.referring() > 0
    }

    /// Begins anew, with the correlation ids that were found.
    #[must_use]
    pub fn again(self) -> JourneySearch {
        // What is broken has been reported.
        let quiet = Talk {
            quiet: true,
            ..self.talk
        };
        JourneySearch {
            unreadable: self.unreadable,
            ..JourneySearch::for_id(self.wanted, self.window, self.policy, quiet)
        }
    }

    /// How many correlation ids refer to data with the id.
    fn referring(&self) -> usize {
        self.wanted.referring.len()
    }

    /// What finds the records that can matter.
    pub fn sieve(&self) -> Sieve {
        self.wanted.sieve.clone()
    }

    fn record(&mut self, source: &str, record: &Record<'_>) {
        match record_kind::read(record) {
            Ok(RecordKind::Log(log)) => self.log(&log, source, record),
            Ok(RecordKind::Sys(event)) if event.kind == "hivelog" => {}
            Ok(RecordKind::Sys(event)) => self.event(&event, source, record),
            Ok(RecordKind::Neither) => self.counts.neither += 1,
            Err(flaw) => self.broken.report(source, record, &flaw),
        }
    }

    fn log(&mut self, log: &LogFields<'_>, source: &str, record: &Record<'_>) {
        self.counts.logs += 1;
        let Some(key) = JourneyKey::of(log, &mut self.texts) else {
            self.counts.without_id += 1;
            return;
        };
        if !self.wanted.takes(&key, log) {
            return;
        }
        let journey = self.journeys.entry(key).or_default();
        let mut hash = Fnv::new();
        hash.take(log.raw.as_bytes());
        if self.is_spool && journey.is_waiting(hash.0) {
            return;
        }
        let findings = self.checker.check(source, record);
        self.checker.accept(record);
        let mut entry = LogEntry::of(log, place(source, record), &findings);
        entry.is_waiting = self.is_spool;
        let step = LogStep::of(log, &mut self.texts);
        let time = journey.summary.add(step, &self.window);
        journey.entries.push(OrderedEntry {
            time,
            number: self.counts.records,
            hash: hash.0,
            entry: TimelineEntry::EventLog(Box::new(entry)),
        });
    }

    fn event(&mut self, event: &Event<'_>, source: &str, record: &Record<'_>) {
        self.counts.sys += 1;
        if !self.wanted.may_name(event) {
            return;
        }
        let time = event.ts.as_deref().and_then(Timestamp::parse);
        self.previous = time.or(self.previous);
        let placed = OrderedEntry {
            time: self.previous,
            number: self.counts.records,
            hash: 0,
            entry: TimelineEntry::Sys(Box::new(SysEntry::of(event, place(source, record)))),
        };
        self.events.push((event.value().clone(), placed));
    }

    /// What was found, within the window.
    pub fn finish(self) -> SearchResult {
        self.broken.finish();
        self.counts.report(true, self.talk);
        let mut outside = 0;
        let mut timelines = Vec::new();
        for (key, mut journey) in self.journeys {
            if !journey.summary.is_within(&self.window) {
                outside += 1;
                continue;
            }
            let named = self.events.iter();
            let named = named.filter(|(event, _)| self.wanted.names(event, &key));
            let entries = journey.in_order(named.map(|(_, placed)| placed.clone()));
            timelines.push(Timeline {
                key,
                summary: journey.summary,
                entries,
            });
        }
        timelines.sort_by_cached_key(|timeline| {
            let summary = &timeline.summary;
            let last = std::cmp::Reverse(summary.last());
            (summary.status(), last, timeline.key.clone())
        });
        SearchResult {
            timelines,
            mentions: self.events.len(),
            outside,
            any: self.counts.records > 0,
            unreadable: self.unreadable,
        }
    }
}

impl TakeStored for JourneySearch {
    fn stored(&mut self, record: &Record<'_>) {
        self.counts.records += 1;
        self.is_spool = true;
        self.record(SPOOL, record);
        self.is_spool = false;
    }
}

fn place(source: &str, record: &Record<'_>) -> EntrySource {
    EntrySource {
        source: source.to_owned(),
        line: record.line,
    }
}
