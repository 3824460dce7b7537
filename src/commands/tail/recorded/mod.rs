//! Recorded events: files and standard input, one after the other.

mod prepare;

use crate::commands::tail::output::Style;
use crate::commands::tail::position::{PositionFile, Tracked};
use crate::commands::tail::session::Session;
use crate::commands::tail::{ReadyFile, once};
use crate::failure::{Exit, Failure};
use crate::follow::Follow;
use crate::host::{self, Interrupt};
use crate::model::event::Flaw;
use crate::records::{Batch, Progress, Sources, Take, read_all};
use crate::wire::envelope::{LIMIT, Layout, Opener};
use crate::wire::records::{ArrayError, Record};
pub(super) use prepare::{Prepared, PreparedEvent, Preparer};
use std::ops::Range;
use std::time::Duration;
use tokio::time::Instant;

/// What is read, and how.
pub(super) struct Recorded {
    pub sources: Sources,
    pub layout: Layout,
    pub position_file: Option<PositionFile>,
    /// How often a summary is shown again.
    pub refresh: Option<Duration>,
    pub allow_empty: bool,
}

/// Reads every source to its end. A source that cannot be read ends the run once the others have
/// been shown.
pub(super) fn read(
    recorded: Recorded,
    ready: &ReadyFile,
    interrupt: &Interrupt,
    session: &Session<'_>,
) -> Result<Exit, Failure> {
    let Recorded {
        sources,
        layout,
        position_file,
        refresh,
        allow_empty,
    } = recorded;
    let follow = once(position_file.is_some());
    let follow = Tracked::new(follow, position_file, session)?;
    if let Some(exit) = announce(ready, interrupt, session)? {
        return Ok(exit);
    }
    let preparer = session.preparer(layout.clone());
    let mut reading = Reading {
        opener: session.opener(layout),
        follow,
        session,
        refresh: refresh.map(|every| (every, Instant::now() + every)),
        remembers: preparer.style.as_ref().is_some_and(Style::remembers),
        failed: None,
    };
    let signal = read_all(sources, LIMIT, preparer, interrupt, &mut reading);
    let Reading {
        mut follow, failed, ..
    } = reading;
    follow.report_dropped();
    session.notices(&mut follow, None);
    let exit = match signal {
        Some(signal) => Ok(signal.exit()),
        None => session.conclude(failed, !allow_empty),
    };
    // The position is behind the last events, which are shown only now.
    drop(follow);
    exit
}

/// Says that events can be read. The file that says so may be a pipe that has no reader yet.
fn announce(
    ready: &ReadyFile,
    interrupt: &Interrupt,
    session: &Session<'_>,
) -> Result<Option<Exit>, Failure> {
    if ready.0.is_none() {
        return Ok(None);
    }
    let mut interrupt = interrupt.clone();
    let announced = host::block_on(async {
        tokio::select! {
            biased;
            signal = interrupt.wait() => Ok(Some(signal.exit())),
            exit = session.ticking() => exit.map(Some),
            written = ready.announce("-") => written.map(|()| None),
        }
    });
    announced.flatten()
}

/// Shows records in their order.
struct Reading<'s, 'a> {
    opener: Opener,
    follow: Tracked<'s, 'a>,
    session: &'s Session<'a>,
    refresh: Option<(Duration, Instant)>,
    /// Whether what stands in one event changes how later ones are shown.
    remembers: bool,
    failed: Option<Failure>,
}

impl Take<Prepared> for Reading<'_, '_> {
    fn block(&mut self, source: &str, batch: &Batch, prepared: Prepared) -> Progress {
        self.records(source, batch, &prepared);
        if let Some(beside) = &prepared.beside {
            self.session.looked_ahead(beside, prepared.no_match);
        }
        self.session.flush_if_due();
        self.progress()
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.failed.get_or_insert(failure);
        self.progress()
    }

    fn before_waiting(&mut self) -> Progress {
        self.session.flush();
        self.progress()
    }
}

impl Reading<'_, '_> {
    fn records(&mut self, source: &str, batch: &Batch, prepared: &Prepared) {
        let session = self.session;
        let names = prepared
            .beside
            .iter()
            .flat_map(|beside| beside.names.iter());
        let mut names = names.peekable();
        let mut shown = RenderedEvents::default();
        let mut in_order = false;
        let mut begin = 0;
        let prepared_events = prepared.events.iter().flatten();
        let identities = prepared_events.filter_map(|event| event.identity);
        self.follow.look_ahead(identities);
        for at in 0..batch.len() {
            if session.is_over() {
                break;
            }
            let event = prepared.events.get(at).and_then(Option::as_ref);
            let range = begin..event.map_or(begin, |event| event.end);
            begin = range.end;
            if self.follow.has_notices() {
                shown.write(session, &prepared.text);
                session.notices(&mut self.follow, None);
            }
            if let Some(event) = event
                && !in_order
                && session.is_ready_for(event, &shown)
                && self.follow.is_new(event.identity)
            {
                while let Some(learned) = names.next_if(|learned| learned.record <= at) {
                    if learned.record == at {
                        session.learn(&learned);
                    }
                }
                shown.add(event, range.clone());
                session.prepared_event(event, &prepared.text[range]);
                continue;
            }
            shown.write(session, &prepared.text);
            let repeats = self.follow.repeats();
            let mut sink = RecordSink {
                opener: &mut self.opener,
                follow: &mut self.follow,
                session,
            };
            sink.take(source, &batch.record(at));
            // A name that was learned from a repeat does not count.
            in_order |= self.remembers && self.follow.repeats() != repeats;
        }
        shown.write(session, &prepared.text);
        session.notices(&mut self.follow, None);
    }

    /// Whether to go on, now that time has passed.
    fn progress(&mut self) -> Progress {
        if let Some((every, due)) = &mut self.refresh
            && *due <= Instant::now()
        {
            *due = Instant::now() + *every;
            self.session.refresh();
        }
        self.session.tick();
        if self.session.is_over() {
            Progress::Stop
        } else {
            Progress::GoOn
        }
    }
}

/// Events that were rendered before their turn and can be written together.
#[derive(Default)]
pub(super) struct RenderedEvents {
    pub events: u64,
    pub bad: u64,
    pub text: Range<usize>,
}

impl RenderedEvents {
    fn add(&mut self, event: &PreparedEvent, text: Range<usize>) {
        if self.events == 0 {
            self.text.start = text.start;
        }
        self.text.end = text.end;
        self.events += u64::from(event.passes);
        self.bad += u64::from(event.is_bad);
    }

    fn write(&mut self, session: &Session<'_>, text: &str) {
        let shown = std::mem::take(self);
        if shown.events > 0 {
            session.show_prepared(&shown, &text[shown.text.clone()]);
        }
    }
}

/// Where the records of files are handed on.
pub(super) struct RecordSink<'d, 's, 'a> {
    pub opener: &'d mut Opener,
    pub follow: &'d mut Follow,
    pub session: &'s Session<'a>,
}

impl RecordSink<'_, '_, '_> {
    /// Takes a record of a file.
    pub fn take(&mut self, name: &str, record: &Record<'_>) {
        let session = self.session;
        let place = || format!("{name}:{}:{}", record.line, record.column);
        match record.flaw {
            _ if record.is_oversize() => session.flaw(&Flaw::TooLarge(record.length), &[], &place),
            Some(ArrayError::ArrayCutOff) => {
                session.remark(&format!("{}: the array is not closed", place()));
            }
            // Commas of the array around the events do not matter here.
            Some(ArrayError::StrayComma) => {}
            _ => session.value(self.opener, (None, record.bytes), self.follow, None, &place),
        }
    }
}
