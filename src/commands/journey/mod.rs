//! `journey`: the story of one message, or which journeys there are.

mod course;
mod output;
mod timeline;
mod told;

use crate::check::{Checker, Policy};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{Signal, Talk};
use crate::model::event::{Event, Flaw};
use crate::model::format::Format;
use crate::model::timestamp::Timestamp;
use crate::records::{Sources, TakeRecord, read_records};
use crate::wire::envelope::LIMIT;
use crate::wire::flaw;
use crate::wire::records::Record;
use course::{JourneyKey, Order, UNTIMED};
use std::collections::HashMap;
use timeline::{Gathered, Happening, LogEntry, Origin, Placed, SysEntry, Timeline};
use told::{LogFields, RecordKind};

/// The formats of `-o`.
pub const FORMATS: [Format; 3] = [Format::Human, Format::Json, Format::Ndjson];

/// The beginning of an id says which one is meant from so many characters on.
const BEGINNING: usize = 8;

/// So many broken records are reported one by one.
const REPORTED: u64 = 10;

/// What `journey` is to do.
pub struct Plan {
    /// The input.
    pub sources: Sources,
    /// The id that is asked for; without one, the journeys are listed.
    pub id: Option<String>,
    /// The rules of journeys.
    pub policy: Policy,
}

/// Reads the input, and shows what was asked for.
pub fn run(plan: Plan, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let interrupt = ui.host.interrupt()?;
    let mut search = Search {
        id: plan.id,
        talk: ui.talk,
        checker: Checker::new(plan.policy),
        journeys: HashMap::new(),
        events: Vec::new(),
        previous: UNTIMED,
        seen: Seen::default(),
        unreadable: None,
    };
    let signal = read_records(plan.sources, LIMIT, &interrupt, &mut search);
    let unreadable = search.unreadable;
    if search.seen.records == 0 && unreadable.is_none() && signal.is_none() {
        return Err(Failure::input("there is no record in the input"));
    }
    let id = search.id.take();
    let seen = std::mem::take(&mut search.seen);
    let mentions = search.events.len();
    let found = search.timelines(id.is_some());
    ui.print(&output::journeys(
        &found,
        id.is_some(),
        &ui.page(format),
        ui.zone,
    ))?;
    seen.report(id.is_some(), ui.talk);
    if let Some(exit) = signal.map(Signal::exit).or(unreadable) {
        return Ok(exit);
    }
    if found.is_empty() {
        let failure = match id {
            Some(id) => not_found(&id, mentions),
            None => Failure::message(Exit::No, "there is no event log with a correlation id"),
        };
        ui.complain(&failure);
        return Ok(Exit::No);
    }
    Ok(Exit::Yes)
}

fn not_found(id: &str, mentions: usize) -> Failure {
    let failure = Failure::message(
        Exit::No,
        format!("no event log has the correlation id '{id}'"),
    );
    if mentions > 0 {
        return failure.hint(format!(
            "sys events that name it: {mentions}; to see them: hivelog tail --grep '{id}' FILE"
        ));
    }
    if id.chars().count() < BEGINNING {
        return failure.hint(format!(
            "the beginning of an id has {BEGINNING} characters or more; a file of this name does not exist either"
        ));
    }
    failure.hint("'hivelog journey FILE' lists the journeys of a file")
}

/// What there was in the input.
#[derive(Debug, Default)]
struct Seen {
    records: u64,
    logs: u64,
    sys: u64,
    /// JSON objects that are neither.
    neither: u64,
    /// Event logs that belong to no journey.
    without_id: u64,
    broken: u64,
}

impl Seen {
    /// Says what was passed over.
    fn report(&self, one: bool, talk: Talk) {
        if self.broken > REPORTED {
            talk.notice(&format!(
                "{} more broken records are not shown",
                self.broken - REPORTED
            ));
        }
        if self.sys > 0 && (!one || self.logs == 0) {
            talk.notice(&format!(
                "passed over {}: 'hivelog tail' shows and 'hivelog stats' counts them",
                counted(self.sys, "sys event")
            ));
        }
        if self.neither > 0 {
            talk.notice(&format!(
                "passed over {} that are neither event logs nor sys events: 'hivelog validate' says what is wrong with them",
                counted(self.neither, "record")
            ));
        }
        if self.without_id > 0 {
            talk.notice(&format!(
                "passed over {} without a correlation id: 'hivelog validate' shows where they are",
                counted(self.without_id, "event log")
            ));
        }
    }
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Looks for journeys in what is read.
struct Search {
    id: Option<String>,
    talk: Talk,
    checker: Checker,
    journeys: HashMap<JourneyKey, Gathered>,
    /// Sys events that may name the id, each with its own text.
    events: Vec<(String, Placed)>,
    /// Where the sys event that was kept last stands.
    previous: Order,
    seen: Seen,
    unreadable: Option<Exit>,
}

impl TakeRecord for Search {
    fn record(&mut self, source: &str, record: &Record<'_>) {
        self.seen.records += 1;
        let read = if record.is_oversize() {
            Err(Flaw::TooLarge(record.length))
        } else {
            told::read(record.bytes)
        };
        match read {
            Ok(RecordKind::Log(log)) => self.log(&log, source, record),
            Ok(RecordKind::Sys(event)) if event.kind == "hivelog" => {}
            Ok(RecordKind::Sys(event)) => self.event(&event, source, record),
            Ok(RecordKind::Neither) => self.seen.neither += 1,
            Err(flaw) => self.broken(&flaw, source, record),
        }
    }

    fn unreadable(&mut self, failure: Failure) {
        self.talk.complain(&failure);
        self.unreadable = self.unreadable.or(Some(failure.exit));
    }
}

impl Search {
    fn log(&mut self, log: &LogFields<'_>, source: &str, record: &Record<'_>) {
        self.seen.logs += 1;
        let Some(key) = JourneyKey::of(log) else {
            self.seen.without_id += 1;
            return;
        };
        let Some(id) = &self.id else {
            self.journeys.entry(key).or_default().course.add(log);
            return;
        };
        if !is_meant(id, &key.correlation_id) {
            return;
        }
        let findings = self.checker.check(source, record);
        self.checker.accept(record);
        let origin = origin(source, record);
        let journey = self.journeys.entry(key).or_default();
        journey.entries.push(Placed {
            order: (journey.course.add(log), self.seen.records),
            entry: Happening::EventLog(LogEntry::of(log, origin, &findings)),
        });
    }

    fn event(&mut self, event: &Event<'_>, source: &str, record: &Record<'_>) {
        self.seen.sys += 1;
        let Some(id) = self.id.as_deref().filter(|id| !id.is_empty()) else {
            return;
        };
        if !event.raw.contains(id) {
            return;
        }
        let time = event.ts.as_deref().and_then(Timestamp::parse);
        self.previous = time.map_or(self.previous, |stamp| stamp.micros());
        let entry = SysEntry::of(event, origin(source, record));
        let placed = Placed {
            order: (self.previous, self.seen.records),
            entry: Happening::Sys(entry),
        };
        self.events.push((event.raw.to_owned(), placed));
    }

    fn broken(&mut self, flaw: &Flaw, source: &str, record: &Record<'_>) {
        self.seen.broken += 1;
        if self.seen.broken <= REPORTED {
            let words = flaw::words(flaw, record.bytes);
            let (line, column) = (record.line, record.column);
            self.talk
                .notice(&format!("{source}:{line}:{column}: {words}"));
        }
    }

    /// What was found: the worst first, and the newest first among the like.
    fn timelines(self, whole: bool) -> Vec<Timeline> {
        let events = self.events;
        let mut found: Vec<Timeline> = self
            .journeys
            .into_iter()
            .map(|(key, gathered)| {
                if !whole {
                    return Timeline {
                        key,
                        course: gathered.course,
                        entries: None,
                    };
                }
                let id = key.correlation_id.clone();
                let named = events.iter().filter(|(text, _)| told::names(text, &id));
                gathered.timeline(key, named.map(|(_, placed)| placed.clone()))
            })
            .collect();
        found.sort_by_cached_key(|timeline| {
            let last = timeline.course.last.as_ref();
            let last = last.map_or(UNTIMED, |last| last.stamp.micros());
            let standing = timeline.course.standing();
            (standing, std::cmp::Reverse(last), timeline.key.clone())
        });
        found
    }
}

fn origin(source: &str, record: &Record<'_>) -> Origin {
    Origin {
        source: source.to_owned(),
        line: record.line,
    }
}

/// Whether an id is the one that was asked for, or begins like it.
fn is_meant(asked: &str, id: &str) -> bool {
    id == asked || asked.chars().count() >= BEGINNING && id.starts_with(asked)
}
