//! Looks for the journeys that an id stands for.

use super::shared_texts::SharedTexts;
use super::sieve::{Sieve, Sifted};
use super::step::LogStep;
use super::stored::{SPOOL, TakeStored};
use super::summary::JourneyKey;
use super::timeline::{
    EntrySource, JourneyEntries, LogEntry, OrderedEntry, SysEntry, Timeline, TimelineEntry,
};
use super::wanted::WantedId;
use crate::check::{Checker, Policy};
use crate::commands::record_kind::{self, BrokenRecords, LogFields, RecordCounts, RecordKind};
use crate::failure::{Exit, Failure};
use crate::host::Talk;
use crate::model::event::{Event, Flaw};
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
    /// The number of the record that was looked at last.
    number: u64,
    texts: SharedTexts,
    broken: BrokenRecords,
    /// Whether the input is read again, so that what is broken has been reported.
    is_again: bool,
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

impl Take<Sifted> for JourneySearch {
    fn block(&mut self, source: &str, batch: &Batch, sifted: Sifted) -> Progress {
        self.counts.add(sifted.counts);
        if sifted.found.is_empty() && self.referring() == 0 {
            return Progress::GoOn;
        }
        // Where more is looked for by now than when the block was sifted, all of it is.
        let mut sieve = self.sieve();
        let mut found = sifted.found.into_iter().peekable();
        for (at, record) in batch.records().enumerate() {
            if found.next_if_eq(&at).is_none()
                && (self.referring() == 0 || !sieve.may_hold(record.bytes))
            {
                continue;
            }
            let known = self.referring();
            self.record(source, &record, record_kind::read(&record));
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
            number: 0,
            texts: SharedTexts::default(),
            broken: BrokenRecords::default(),
            is_again: false,
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
        JourneySearch {
            unreadable: self.unreadable,
            broken: self.broken,
            is_again: true,
            ..JourneySearch::for_id(self.wanted, self.window, self.policy, self.talk)
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

    fn record(&mut self, source: &str, record: &Record<'_>, read: Result<RecordKind<'_>, Flaw>) {
        self.number += 1;
        match read {
            Ok(RecordKind::Log(log)) => self.log(&log, source, record),
            Ok(RecordKind::Sys(event)) if event.kind == "hivelog" => {}
            Ok(RecordKind::Sys(event)) => self.event(&event, source, record),
            Ok(RecordKind::Neither) => {}
            Err(_) if self.is_again => {}
            Err(flaw) => {
                if let Some(text) = self.broken.report(source, record, &flaw) {
                    self.talk.notice(&text);
                }
            }
        }
    }

    fn log(&mut self, log: &LogFields<'_>, source: &str, record: &Record<'_>) {
        let Some(key) = JourneyKey::of(log, &mut self.texts) else {
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
        journey.outside += u64::from(!self.window.contains_text(log.generated_at.get()));
        journey.entries.push(OrderedEntry {
            time,
            number: self.number,
            hash: hash.0,
            entry: TimelineEntry::EventLog(Box::new(entry)),
        });
    }

    fn event(&mut self, event: &Event<'_>, source: &str, record: &Record<'_>) {
        if !self.wanted.may_name(event) {
            return;
        }
        let time = event.ts.as_deref().and_then(Timestamp::parse);
        self.previous = time.or(self.previous);
        let placed = OrderedEntry {
            time: self.previous,
            number: self.number,
            hash: 0,
            entry: TimelineEntry::Sys(Box::new(SysEntry::of(event, place(source, record)))),
        };
        self.events.push((event.value().clone(), placed));
    }

    /// What was found, within the window; says what was passed over.
    pub fn finish(mut self) -> SearchResult {
        let mut outside = 0;
        let mut timelines = Vec::new();
        let mut is_shown = vec![false; self.events.len()];
        for (key, mut journey) in std::mem::take(&mut self.journeys) {
            if !journey.summary.is_within(&self.window) {
                outside += 1;
                continue;
            }
            let events = self.events.iter().zip(&mut is_shown);
            let events = events.filter(|((event, _), _)| self.wanted.names(event, &key));
            let entries = journey.in_order(events.map(|((_, placed), is_shown)| {
                *is_shown = true;
                placed.clone()
            }));
            timelines.push(Timeline {
                key,
                summary: journey.summary,
                entries,
                outside: journey.outside,
            });
        }
        timelines.sort_by_cached_key(|timeline| {
            let summary = &timeline.summary;
            let last = std::cmp::Reverse(summary.last());
            (summary.status(), last, timeline.key.clone())
        });
        self.counts.sys -= is_shown.iter().filter(|is_shown| **is_shown).count() as u64;
        let passed_over = self.counts.passed_over();
        for text in self.broken.rest().iter().chain(&passed_over) {
            self.talk.notice(text);
        }
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
        let read = record_kind::read(record);
        self.counts.count(&read);
        self.is_spool = true;
        self.record(SPOOL, record, read);
        self.is_spool = false;
    }
}

fn place(source: &str, record: &Record<'_>) -> EntrySource {
    EntrySource {
        source: source.to_owned(),
        line: record.line,
    }
}
