//! Looks for journeys in what is read.

use super::summary::JourneyKey;
use super::timeline::{
    EntrySource, JourneyEntries, LogEntry, OrderedEntry, SysEntry, Timeline, TimelineEntry,
};
use super::wanted::{Sieve, WantedId};
use crate::check::{Checker, Policy};
use crate::commands::record_kind::{
    self, BrokenRecords, LogFields, RecordKind, TAKE_OTHERS, TAKE_SYS_EVENTS, passed_over,
};
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

/// What is called the source of what waits to be sent.
const SPOOL: &str = "spool";

/// What is found, record by record.
pub struct JourneySearch {
    wanted: Option<WantedId>,
    window: Window,
    policy: Policy,
    checker: Checker,
    journeys: HashMap<JourneyKey, JourneyEntries>,
    /// Sys events that may name the id, each with its own value.
    events: Vec<(Value, OrderedEntry)>,
    /// Where the sys event that was kept last stands in time.
    previous: Option<Timestamp>,
    counts: Counts,
    broken: BrokenRecords,
    talk: Talk,
    is_spool: bool,
    unreadable: Option<Exit>,
}

/// What there was in the input.
#[derive(Debug, Default)]
struct Counts {
    records: u64,
    logs: u64,
    sys: u64,
    neither: u64,
    /// Event logs that belong to no journey.
    without_id: u64,
}

/// How a search ended.
pub struct Found {
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
    pub fn new(id: Option<String>, window: Window, policy: Policy, talk: Talk) -> JourneySearch {
        JourneySearch {
            wanted: id.map(WantedId::new),
            window,
            checker: Checker::new(policy.clone()),
            policy,
            journeys: HashMap::new(),
            events: Vec::new(),
            previous: None,
            counts: Counts::default(),
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
            wanted: self.wanted,
            talk: quiet,
            unreadable: self.unreadable,
            ..JourneySearch::new(None, self.window, self.policy, quiet)
        }
    }

    /// How many correlation ids refer to data with the id.
    fn referring(&self) -> usize {
        let wanted = self.wanted.as_ref();
        wanted.map_or(0, |wanted| wanted.referring.len())
    }

    /// What finds the records that can matter.
    pub fn sieve(&self) -> Sieve {
        let wanted = self.wanted.as_ref();
        wanted.map_or_else(Sieve::default, |wanted| wanted.sieve.clone())
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

    /// Takes a record that waits to be sent.
    pub fn waiting(&mut self, number: u64, body: &[u8]) {
        let mut record = Record::alone(body);
        (record.number, record.line) = (number, number);
        self.counts.records += 1;
        self.is_spool = true;
        self.record(SPOOL, &record);
        self.is_spool = false;
    }

    fn log(&mut self, log: &LogFields<'_>, source: &str, record: &Record<'_>) {
        self.counts.logs += 1;
        let Some(key) = JourneyKey::of(log) else {
            self.counts.without_id += 1;
            return;
        };
        let Some(wanted) = &mut self.wanted else {
            let journey = self.journeys.entry(key).or_default();
            journey.summary.add(log, &self.window);
            return;
        };
        if !wanted.takes(&key, log) {
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
        let time = journey.summary.add(log, &self.window);
        journey.entries.push(OrderedEntry {
            time,
            number: self.counts.records,
            hash: hash.0,
            entry: TimelineEntry::EventLog(Box::new(entry)),
        });
    }

    fn event(&mut self, event: &Event<'_>, source: &str, record: &Record<'_>) {
        self.counts.sys += 1;
        let wanted = self.wanted.as_ref();
        if !wanted.is_some_and(|wanted| wanted.may_name(event)) {
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
    pub fn finish(self) -> Found {
        self.broken.finish();
        self.report();
        let mut outside = 0;
        let mut timelines = Vec::new();
        for (key, mut journey) in self.journeys {
            if !journey.summary.is_within(&self.window) {
                outside += 1;
                continue;
            }
            let entries = self.wanted.as_ref().map(|wanted| {
                let named = self.events.iter();
                let named = named.filter(|(event, _)| wanted.names(event, &key));
                journey.in_order(named.map(|(_, placed)| placed.clone()))
            });
            timelines.push(Timeline {
                key,
                summary: journey.summary,
                entries,
            });
        }
        timelines.sort_by_cached_key(|timeline| {
            let last = timeline.summary.last.as_ref().map(|last| last.stamp);
            let status = timeline.summary.status();
            (status, std::cmp::Reverse(last), timeline.key.clone())
        });
        Found {
            timelines,
            mentions: self.events.len(),
            outside,
            any: self.counts.records > 0,
            unreadable: self.unreadable,
        }
    }

    /// Says what was passed over.
    fn report(&self) {
        let Counts {
            logs,
            sys,
            neither,
            without_id,
            ..
        } = self.counts;
        let is_list = self.wanted.is_none();
        let said = [
            (sys, is_list || logs == 0, "sys event", TAKE_SYS_EVENTS),
            (neither, true, "other record", TAKE_OTHERS),
            (
                without_id,
                true,
                "event log",
                "they have no correlation id; 'hivelog validate' shows where they are",
            ),
        ];
        for (count, is_said, what, who) in said {
            if count > 0 && is_said {
                self.talk.notice(&passed_over(count, what, who));
            }
        }
    }
}

fn place(source: &str, record: &Record<'_>) -> EntrySource {
    EntrySource {
        source: source.to_owned(),
        line: record.line,
    }
}
