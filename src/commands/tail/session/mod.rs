//! One run: what every source hands its events to.

mod ending;
mod notices;
mod prepared;

use crate::commands::record_kind::{self, BrokenRecords, RecordKind};
use crate::commands::tail::findings::Findings;
use crate::commands::tail::{Audience, Gap};
use crate::failure::{Exit, Failure};
use crate::follow::verdict::{RunJudge, RunOutcome, Terms};
use crate::follow::{Follow, Moment};
use crate::model::event::{Event, Flaw};
use crate::model::sys_event::Severity;
use crate::model::timestamp::Timestamp;
use crate::query::filter::Filter;
use crate::query::no_match::NoMatch;
use crate::wire::envelope::{Layout, Opener};
use crate::wire::flaw;
use crate::wire::records::Record;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What holds for every event.
pub struct Rules {
    /// Which events are shown; ids that go with the names it asks for are learned.
    pub filter: RefCell<Filter>,
    /// Whether recorded events wait for their turn, since it is not known which ids go with names.
    pub in_turn: bool,
    /// Of recorded events only the last so many are shown.
    pub last: Option<usize>,
    /// What a break that may have cost events does.
    pub gap: Gap,
    /// Whether hivelog's own records are shown, and not only gaps.
    pub meta: bool,
    /// Whether there may be findings without end.
    pub endless: bool,
}

/// How long what was written may wait while there is always more to read.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The run as all its sources see it. Nothing is held across a wait, so it can be shared.
pub struct Session<'a> {
    rules: Rules,
    clock: &'a dyn Fn() -> Timestamp,
    began: Instant,
    inner: RefCell<Inner<'a>>,
    /// When what was written was handed over while there was more to read.
    flushed: Cell<Instant>,
    /// The run is over, or a condition has set a deadline that was not there before.
    sooner: Notify,
}

struct Inner<'a> {
    verdict: RunJudge,
    /// When to look at the clock again, as far as events have said so far.
    deadline: Option<Duration>,
    audience: &'a mut dyn Audience,
    events: u64,
    counts: EventCounts,
    /// How many of the events that are there already are shown, until that is settled.
    most: Option<usize>,
    last: VecDeque<String>,
    /// What cannot be read: of a source without an end, and of one with an end.
    findings: Findings,
    broken: BrokenRecords,
    stop: Option<StopReason>,
    reason: String,
    /// How the stream ended, if it did.
    ending: String,
}

/// What became of the events.
struct EventCounts {
    /// How many the filter is asked about, repeats aside, and how many it takes.
    asked: u64,
    matched: u64,
    /// How many were shown, and how many of them are bad.
    shown: u64,
    bad: u64,
    /// Event logs, which another command takes.
    logs: u64,
    /// Records of an input with an end that are neither.
    others: u64,
    no_match: NoMatch,
}

enum StopReason {
    Decided(RunOutcome),
    NobodyReads,
    Failed(Failure),
}

impl<'a> Session<'a> {
    /// Begins now.
    pub fn new(
        rules: Rules,
        terms: Terms,
        clock: &'a dyn Fn() -> Timestamp,
        audience: &'a mut dyn Audience,
    ) -> Session<'a> {
        let began = Instant::now();
        audience.give_up_at(terms.timeout.map(|limit| began + limit));
        let verdict = RunJudge::new(terms);
        let no_match = NoMatch::of(&rules.filter.borrow());
        Session {
            clock,
            began,
            flushed: Cell::new(began),
            inner: RefCell::new(Inner {
                deadline: verdict.deadline(),
                verdict,
                audience,
                events: 0,
                counts: EventCounts {
                    asked: 0,
                    matched: 0,
                    shown: 0,
                    bad: 0,
                    logs: 0,
                    others: 0,
                    no_match,
                },
                most: rules.last,
                last: VecDeque::new(),
                findings: Findings::default(),
                broken: BrokenRecords::default(),
                stop: None,
                reason: String::new(),
                ending: "the stream ended".to_owned(),
            }),
            sooner: Notify::new(),
            rules,
        }
    }

    /// What reads events for this run.
    pub(super) fn opener(&self, layout: Layout) -> Opener {
        let opener = Opener::new(layout);
        if self.asks_facts() {
            opener
        } else {
            opener.leaving_facts()
        }
    }

    fn asks_facts(&self) -> bool {
        self.rules.filter.borrow().asks_facts() || self.inner.borrow().audience.asks_facts()
    }

    /// What both clocks say.
    pub(super) fn now(&self) -> Moment {
        Moment {
            run: self.began.elapsed(),
            wall: (self.clock)(),
        }
    }

    /// The runtime's name for a time on the run's clock.
    pub(super) fn instant(&self, run: Duration) -> Instant {
        self.began + run
    }

    /// Whether the run is over, whatever a source still has.
    pub(super) fn is_over(&self) -> bool {
        self.inner.borrow().stop.is_some()
    }

    /// Takes one JSON value from a source, under the name it came with; `place` says where from.
    pub(super) fn value(
        &self,
        opener: &mut Opener,
        (name, bytes): (Option<&str>, &[u8]),
        follow: &mut Follow,
        source: Option<&str>,
        place: &dyn Fn() -> String,
    ) {
        opener.open(bytes, name, &mut |found| match found {
            Ok(event) => {
                if self.is_over() {
                    return;
                }
                self.inner.borrow_mut().events += 1;
                if follow.event(&event) {
                    self.event(&event, source);
                }
            }
            Err(flaw) => self.flaw(&flaw, bytes, place),
        });
    }

    /// Reports what is not an event; `bytes` are what it was read from.
    pub(super) fn flaw(&self, flaw: &Flaw, bytes: &[u8], place: &dyn Fn() -> String) {
        if self.is_over() {
            return;
        }
        let inner = &mut *self.inner.borrow_mut();
        if *flaw == Flaw::NoType && is_event_log(bytes) {
            inner.counts.logs += 1;
            return;
        }
        if *flaw == Flaw::NoType && !self.rules.endless {
            inner.counts.others += 1;
            return;
        }
        let words = flaw::words(flaw, bytes);
        let text = if self.rules.endless {
            let left_out = inner.findings.report(flaw, self.began.elapsed());
            left_out.map(|left_out| match left_out {
                0 => format!("{}: {words}", place()),
                more => format!(
                    "{}: {words} (and {more} more of this kind before it)",
                    place()
                ),
            })
        } else {
            inner.broken.report_words(place(), &words)
        };
        if let Some(text) = text {
            inner.audience.remark(&text);
        }
    }

    fn event(&self, event: &Event<'_>, source: Option<&str>) {
        let filter = &mut *self.rules.filter.borrow_mut();
        filter.learn(event);
        let shown = filter.passes(event);
        let inner = &mut *self.inner.borrow_mut();
        inner.counts.asked += 1;
        inner.counts.matched += u64::from(shown);
        if shown && inner.most.is_none() {
            inner.show(event, source);
        } else {
            inner.audience.passed(event);
        }
        if !shown && inner.counts.matched == 0 && !filter.is_open() {
            inner.counts.no_match.look(event, filter);
        }
        let is_last = shown && inner.keep_last(event.raw);
        // What waits to be among the last is not shown yet.
        let shown = shown && !is_last;
        let now = self.time_of_event(inner);
        let outcome = inner.verdict.event(event, shown, now);
        self.judged(inner, outcome);
    }

    /// When an event came. Asking the clock takes longer than most of what is done about an event.
    fn time_of_event(&self, inner: &Inner<'_>) -> Duration {
        if inner.verdict.depends_on_time() {
            self.began.elapsed()
        } else {
            Duration::ZERO
        }
    }

    /// Ends the run if an event has decided it, and sees to the deadline.
    fn judged(&self, inner: &mut Inner<'_>, outcome: Option<RunOutcome>) {
        if let Some(outcome) = outcome {
            inner.decide(StopReason::Decided(outcome));
            self.sooner.notify_one();
            return;
        }
        let (before, after) = (inner.deadline, inner.verdict.deadline());
        if after == before {
            return;
        }
        inner.deadline = after;
        let limit = after.map(|after| self.instant(after));
        inner.audience.give_up_at(limit);
        if after < before || before.is_none() {
            self.sooner.notify_one();
        }
    }

    /// Shows the last of the events that were there already; what comes from now on is new.
    pub(super) fn show_last(&self) {
        self.inner.borrow_mut().show_last();
    }

    /// Says something on the side.
    pub(super) fn remark(&self, text: &str) {
        self.inner.borrow_mut().audience.remark(text);
    }

    /// Says something that only `--verbose` asks for.
    pub(super) fn detail(&self, text: &str) {
        self.inner.borrow_mut().audience.detail(text);
    }

    /// Notes why the stream has ended, in case nothing more comes.
    pub(super) fn ends_with(&self, why: &str) {
        why.clone_into(&mut self.inner.borrow_mut().ending);
    }

    /// Ends the run because something cannot be done.
    pub(super) fn fail(&self, failure: Failure) {
        self.inner.borrow_mut().decide(StopReason::Failed(failure));
    }

    /// Hands over what was written; false if it did not arrive.
    pub(super) fn hand_over(&self) -> bool {
        let inner = &mut *self.inner.borrow_mut();
        inner.flush();
        !matches!(
            inner.stop,
            Some(StopReason::NobodyReads | StopReason::Failed(_))
        )
    }

    /// Whether events wait to be among the last that are shown.
    pub(super) fn holds_back(&self) -> bool {
        !self.inner.borrow().last.is_empty()
    }

    /// Hands over what was written. To be called before each wait.
    pub(super) fn flush(&self) {
        self.inner.borrow_mut().flush();
    }

    /// Lets signals and time-outs have their turn, and the reader what was written, where there is
    /// always more to read.
    pub(super) async fn breathe(&self) {
        self.flush_if_due();
        tokio::task::yield_now().await;
    }

    /// Hands over what was written if it has waited long enough.
    pub(super) fn flush_if_due(&self) {
        if self.flushed.get().elapsed() >= LONGEST_WAIT {
            self.flush();
            self.flushed.set(Instant::now());
        }
    }

    /// Waits for a future; what was written is handed over first, if it is not ready at once.
    pub(super) async fn waiting<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let mut flushed = false;
        std::future::poll_fn(|context| {
            let polled = future.as_mut().poll(context);
            if polled.is_pending() && !std::mem::replace(&mut flushed, true) {
                self.flush();
            }
            polled
        })
        .await
    }

    /// Shows a summary again, at intervals; ends only when that fails.
    pub(super) async fn refreshing(&self, every: Option<Duration>) -> Result<Exit, Failure> {
        let Some(every) = every else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(every).await;
            self.inner.borrow_mut().audience.refresh()?;
        }
    }
}

/// Whether a record is an event log.
fn is_event_log(bytes: &[u8]) -> bool {
    matches!(
        record_kind::read(&Record::alone(bytes)),
        Ok(RecordKind::Log(_))
    )
}

impl Inner<'_> {
    /// Keeps the text of an event that may be among the last; false if it is to be shown now.
    fn keep_last(&mut self, raw: &str) -> bool {
        let Some(most) = self.most else {
            return false;
        };
        if self.last.len() == most {
            self.last.pop_front();
        }
        if most > 0 {
            self.last.push_back(raw.to_owned());
        }
        true
    }

    fn show_last(&mut self) {
        self.most = None;
        for raw in std::mem::take(&mut self.last) {
            if let Ok(event) = Event::read(&raw) {
                self.show(&event, None);
                self.verdict.shown_late();
            }
        }
    }

    /// The first to come decides. A failure is never silent, though.
    fn decide(&mut self, stop: StopReason) {
        let fails = |stop: &StopReason| matches!(stop, StopReason::Failed(_));
        if self.stop.is_none() || fails(&stop) && !self.stop.as_ref().is_some_and(fails) {
            self.stop = Some(stop);
        }
    }

    fn show(&mut self, event: &Event<'_>, source: Option<&str>) {
        if event.kind != "hivelog" {
            self.counts.shown += 1;
            self.counts.bad += u64::from(Severity::of(&event.event_type) == Severity::Bad);
        }
        if let Err(failure) = self.audience.event(event, source) {
            self.decide(StopReason::Failed(failure));
        }
    }

    fn flush(&mut self) {
        match self.audience.flush() {
            Ok(true) => {}
            Ok(false) => self.decide(StopReason::NobodyReads),
            Err(failure) => self.decide(StopReason::Failed(failure)),
        }
    }
}
