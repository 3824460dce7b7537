//! One run: what every source hands its events to.

use crate::commands::record_kind::{self, RecordKind, TAKE_EVENT_LOGS, passed_over};
use crate::commands::tail::findings::Findings;
use crate::commands::tail::{Audience, Gap};
use crate::failure::{Exit, Failure};
use crate::follow::notice::Notice;
use crate::follow::verdict::{Answer, Outcome, Terms, Verdict};
use crate::follow::{Follow, Moment};
use crate::model::event::{Event, Flaw};
use crate::model::sys_event::Severity;
use crate::model::text::counted;
use crate::model::timestamp::Timestamp;
use crate::query::filter::Filter;
use crate::query::no_match::NoMatch;
use crate::wire::envelope::Opener;
use crate::wire::flaw;
use crate::wire::records::Record;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What holds for every event.
pub struct Rules {
    /// Which events are shown.
    pub filter: Filter,
    /// Of recorded events only the last so many are shown.
    pub last: Option<usize>,
    /// What a break that may have cost events does.
    pub gap: Gap,
    /// Whether hivelog's own records are shown beside gaps.
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
    verdict: Verdict,
    audience: &'a mut dyn Audience,
    events: u64,
    counts: Counts,
    /// How many of the events that are there already are shown, until that is settled.
    most: Option<usize>,
    last: VecDeque<String>,
    findings: Findings,
    stop: Option<Stop>,
    reason: String,
    /// How the stream ended, if it did.
    ending: String,
}

/// What became of the events.
struct Counts {
    /// How many the filter is asked about, repeats aside, and how many it takes.
    asked: u64,
    matched: u64,
    /// How many were shown, and how many of them are bad.
    shown: u64,
    bad: u64,
    /// Event logs, which another command takes.
    logs: u64,
    no_match: NoMatch,
}

enum Stop {
    Decided(Outcome),
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
        Session {
            clock,
            began,
            flushed: Cell::new(began),
            inner: RefCell::new(Inner {
                verdict: Verdict::new(terms),
                audience,
                events: 0,
                counts: Counts {
                    asked: 0,
                    matched: 0,
                    shown: 0,
                    bad: 0,
                    logs: 0,
                    no_match: NoMatch::of(&rules.filter),
                },
                most: rules.last,
                last: VecDeque::new(),
                findings: Findings::default(),
                stop: None,
                reason: String::new(),
                ending: "the stream ended".to_owned(),
            }),
            sooner: Notify::new(),
            rules,
        }
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

    /// Takes what is no event; `bytes` are what it was read from.
    pub(super) fn flaw(&self, flaw: &Flaw, bytes: &[u8], place: &dyn Fn() -> String) {
        if self.is_over() {
            return;
        }
        let inner = &mut *self.inner.borrow_mut();
        if *flaw == Flaw::NoType && is_event_log(bytes) {
            inner.counts.logs += 1;
            return;
        }
        let left_out = if self.rules.endless {
            inner.findings.report(flaw, self.began.elapsed())
        } else {
            Some(0)
        };
        let more = match left_out {
            None => return,
            Some(0) => String::new(),
            Some(count) => format!(" (and {count} more of this kind before it)"),
        };
        let text = format!("{}: {}{more}", place(), flaw::words(flaw, bytes));
        inner.audience.remark(&text);
    }

    fn event(&self, event: &Event<'_>, source: Option<&str>) {
        let shown = self.rules.filter.passes(event);
        let inner = &mut *self.inner.borrow_mut();
        inner.counts.asked += 1;
        inner.counts.matched += u64::from(shown);
        if shown && inner.most.is_none() {
            inner.show(event, source);
        } else {
            inner.audience.passed(event);
        }
        if !shown && inner.counts.matched == 0 && !self.rules.filter.is_open() {
            inner.counts.no_match.look(event, &self.rules.filter);
        }
        if let (true, Some(most @ 1..)) = (shown, inner.most) {
            if inner.last.len() == most {
                inner.last.pop_front();
            }
            inner.last.push_back(event.raw.to_owned());
        }
        let before = inner.verdict.deadline();
        // What waits to be among the last is not shown yet.
        let shown = shown && inner.most.is_none();
        // Asking the clock takes longer than most of what is done about an event.
        let now = if inner.verdict.heeds_time() {
            self.began.elapsed()
        } else {
            Duration::ZERO
        };
        if let Some(outcome) = inner.verdict.event(event, shown, now) {
            inner.decide(Stop::Decided(outcome));
            self.sooner.notify_one();
            return;
        }
        let after = inner.verdict.deadline();
        if after != before {
            let limit = after.map(|after| self.instant(after));
            inner.audience.give_up_at(limit);
        }
        if after < before || before.is_none() {
            self.sooner.notify_one();
        }
    }

    /// Takes what hivelog itself has to say.
    pub(super) fn notice(&self, notice: &Notice, source: Option<&str>) {
        let inner = &mut *self.inner.borrow_mut();
        if notice.is_always_shown() || self.rules.meta {
            let json = notice.json();
            // Our own JSON is an event; should it not be, nothing is lost but the notice.
            if let Ok(event) = Event::read(&json) {
                inner.show(&event, source);
            }
        }
        match notice {
            Notice::Gap {
                from,
                to,
                recovered: false,
                reason,
            } if self.rules.gap != Gap::Ignore => {
                let (from, to) = (from.rfc3339(), to.rfc3339());
                let text = format!("events may be missing from {from} to {to}: {reason}");
                if self.rules.gap == Gap::Fail {
                    inner.decide(Stop::Decided(Outcome {
                        answer: Answer::No,
                        reason: text,
                    }));
                    self.sooner.notify_one();
                } else {
                    inner.audience.remark(&text);
                }
            }
            Notice::Conflict { id, count } => {
                let all = match count {
                    1 => String::new(),
                    count => format!(", which makes {count} so far"),
                };
                inner.audience.remark(&format!(
                    "another event came under the id {id} and is left out{all}: ids should be unique"
                ));
            }
            Notice::Connected { to, .. } => inner.audience.detail(&format!("connected to {to}")),
            _ => {}
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
        self.inner.borrow_mut().decide(Stop::Failed(failure));
    }

    /// Hands over what was written; false if it did not arrive.
    pub(super) fn hand_over(&self) -> bool {
        let inner = &mut *self.inner.borrow_mut();
        inner.flush();
        !matches!(inner.stop, Some(Stop::NobodyReads | Stop::Failed(_)))
    }

    /// Hands over what was written. To be called before each wait.
    pub(super) fn flush(&self) {
        self.inner.borrow_mut().flush();
    }

    /// Lets signals and time-outs have their turn, and the reader what was written, where there is
    /// always more to read.
    pub(super) async fn breathe(&self) {
        if self.flushed.get().elapsed() >= LONGEST_WAIT {
            self.flush();
            self.flushed.set(Instant::now());
        }
        tokio::task::yield_now().await;
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

    /// Ends when the run is over, or a time-out or a settled condition decides.
    pub(super) async fn ticking(&self) -> Result<Exit, Failure> {
        loop {
            if self.is_over() {
                return self.conclude(None, false);
            }
            let deadline = self.inner.borrow().verdict.deadline();
            match deadline {
                None => self.sooner.notified().await,
                Some(deadline) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(self.instant(deadline)) => {}
                        () = self.sooner.notified() => continue,
                    }
                    let inner = &mut *self.inner.borrow_mut();
                    if let Some(outcome) = inner.verdict.tick(self.began.elapsed()) {
                        inner.reason.clone_from(&outcome.reason);
                        return Ok(exit(outcome.answer));
                    }
                }
            }
        }
    }

    /// Shows what stands for many events anew, every so often; ends only when it cannot.
    pub(super) async fn refreshing(&self, every: Option<Duration>) -> Result<Exit, Failure> {
        let Some(every) = every else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(every).await;
            self.inner.borrow_mut().audience.refresh()?;
        }
    }

    /// All sources have ended, or stopped because the run is over.
    pub(super) fn conclude(
        &self,
        failed: Option<Failure>,
        needs_events: bool,
    ) -> Result<Exit, Failure> {
        let inner = &mut *self.inner.borrow_mut();
        match &inner.stop {
            // It is kept for the end.
            Some(Stop::Failed(_)) => return Ok(Exit::Input),
            Some(Stop::NobodyReads) => {
                let late = inner.verdict.tick(self.began.elapsed());
                let outcome = late.unwrap_or_else(|| inner.verdict.ended("the reader left"));
                inner.reason.clone_from(&outcome.reason);
                return Ok(exit(outcome.answer));
            }
            Some(Stop::Decided(outcome)) => {
                inner.reason.clone_from(&outcome.reason);
                return Ok(exit(outcome.answer));
            }
            None => {}
        }
        inner.show_last();
        if let Some(failure) = failed {
            return Err(failure);
        }
        if needs_events && inner.events == 0 {
            return Err(Failure::input("there is no event in the input")
                .hint("--allow-empty accepts an input without events"));
        }
        let outcome = inner.verdict.ended(&inner.ending);
        inner.reason.clone_from(&outcome.reason);
        Ok(exit(outcome.answer))
    }

    /// Says how the run ended and hands everything over.
    pub(super) fn close(self, exit: Result<Exit, Failure>) -> Result<Exit, Failure> {
        let meta = self.rules.meta;
        let mut inner = self.inner.into_inner();
        let exit = match inner.stop.take() {
            Some(Stop::Failed(failure)) => Err(failure),
            // A break that lasted until the end is known only now.
            Some(Stop::Decided(outcome)) if matches!(exit, Ok(Exit::Yes | Exit::NoVerdict)) => {
                inner.reason = outcome.reason;
                Ok(self::exit(outcome.answer))
            }
            _ => exit,
        };
        let (code, reason) = match &exit {
            Ok(exit) => (exit.code(), std::mem::take(&mut inner.reason)),
            Err(failure) => (failure.exit.code(), failure.to_string()),
        };
        if meta {
            let verdict = Notice::Verdict {
                exit: code,
                reason: reason.clone(),
            };
            let json = verdict.json();
            if let Ok(event) = Event::read(&json) {
                inner.show(&event, None);
            }
        }
        inner.audience.finish()?;
        for text in inner.counts.remarks(&self.rules.filter, &exit) {
            inner.audience.remark(&text);
        }
        let left_out = inner.findings.left_out();
        if left_out > 0 {
            let text = match left_out {
                1 => "1 more finding of these kinds is not shown".to_owned(),
                more => format!("{more} more findings of these kinds are not shown"),
            };
            inner.audience.remark(&text);
        }
        if matches!(exit, Ok(Exit::No | Exit::NoVerdict)) && !reason.is_empty() {
            inner.audience.remark(&reason);
        }
        match inner.stop {
            Some(Stop::Failed(failure)) => Err(failure),
            _ => exit,
        }
    }
}

impl Counts {
    /// What there is to say about the events at the end.
    fn remarks(&self, filter: &Filter, exit: &Result<Exit, Failure>) -> Vec<String> {
        let mut said = Vec::new();
        if self.logs > 0 {
            said.push(passed_over(self.logs, "event log", TAKE_EVENT_LOGS));
        }
        if self.asked > 0 && self.matched == 0 {
            let mut reasons = self.no_match.reasons(filter);
            if filter.is_open() {
                reasons.push("--kind all shows events of every kind".to_owned());
            }
            let first = format!("0 of {} matched", counted(self.asked, "event"));
            let all = std::iter::once(first).chain(reasons);
            said.push(all.collect::<Vec<_>>().join("; "));
        }
        if matches!(exit, Ok(Exit::Interrupted | Exit::Terminated)) {
            let shown = counted(self.shown, "event");
            let of = if self.shown < self.asked {
                format!(" of {}", self.asked)
            } else {
                String::new()
            };
            said.push(format!("stopped: {shown}{of} shown, {} bad", self.bad));
        }
        said
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
    fn decide(&mut self, stop: Stop) {
        let fails = |stop: &Stop| matches!(stop, Stop::Failed(_));
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
            self.decide(Stop::Failed(failure));
        }
    }

    fn flush(&mut self) {
        match self.audience.flush() {
            Ok(true) => {}
            Ok(false) => self.decide(Stop::NobodyReads),
            Err(failure) => self.decide(Stop::Failed(failure)),
        }
    }
}

fn exit(answer: Answer) -> Exit {
    match answer {
        Answer::Yes => Exit::Yes,
        Answer::No => Exit::No,
        Answer::Open => Exit::NoVerdict,
    }
}
