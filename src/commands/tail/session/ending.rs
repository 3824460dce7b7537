//! How a run ends: its answer, its reason, and what there is to say about its events.

use super::{EventCounts, Session, StopReason};
use crate::commands::record_kind::{TAKE_EVENT_LOGS, TAKE_OTHERS, passed_over};
use crate::failure::{Exit, Failure};
use crate::follow::notice::Notice;
use crate::follow::verdict::RunAnswer;
use crate::model::event::Event;
use crate::model::text::counted;
use crate::query::filter::Filter;

impl Session<'_> {
    /// Ends when the run is over, or a time-out or a settled condition decides.
    pub(in crate::commands::tail) async fn ticking(&self) -> Result<Exit, Failure> {
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

    /// All sources have ended, or stopped because the run is over.
    pub(in crate::commands::tail) fn conclude(
        &self,
        failed: Option<Failure>,
        needs_events: bool,
    ) -> Result<Exit, Failure> {
        let inner = &mut *self.inner.borrow_mut();
        match &inner.stop {
            // It is reported at the end.
            Some(StopReason::Failed(_)) => return Ok(Exit::Input),
            Some(StopReason::NobodyReads) => {
                let late = inner.verdict.tick(self.began.elapsed());
                let outcome = late.unwrap_or_else(|| inner.verdict.ended("the reader has gone"));
                inner.reason.clone_from(&outcome.reason);
                return Ok(exit(outcome.answer));
            }
            Some(StopReason::Decided(outcome)) => {
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
            return Err(Failure::empty_input("events").hint(
                "--allow-empty accepts an input without events; --server names a server to follow",
            ));
        }
        let outcome = inner.verdict.ended(&inner.ending);
        inner.reason.clone_from(&outcome.reason);
        Ok(exit(outcome.answer))
    }

    /// Says how the run ended and hands everything over.
    pub(in crate::commands::tail) fn close(
        self,
        exit: Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let meta = self.rules.meta;
        let mut inner = self.inner.into_inner();
        let exit = match inner.stop.take() {
            Some(StopReason::Failed(failure)) => Err(failure),
            // A break that lasted until the end is known only now.
            Some(StopReason::Decided(outcome))
                if matches!(exit, Ok(Exit::Yes | Exit::NoVerdict)) =>
            {
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
        if let Some(text) = inner.broken.rest() {
            inner.audience.remark(&text);
        }
        for text in inner.counts.remarks(&self.rules.filter.borrow(), &exit) {
            inner.audience.remark(&text);
        }
        let left_out = inner.findings.left_out();
        if left_out > 0 {
            let more = counted(left_out, "more finding");
            inner
                .audience
                .remark(&format!("{more} of these kinds not shown"));
        }
        if matches!(exit, Ok(Exit::No | Exit::NoVerdict)) && !reason.is_empty() {
            inner.audience.remark(&reason);
        }
        match inner.stop {
            Some(StopReason::Failed(failure)) => Err(failure),
            _ => exit,
        }
    }
}

impl EventCounts {
    /// What there is to say about the events at the end.
    fn remarks(&self, filter: &Filter, exit: &Result<Exit, Failure>) -> Vec<String> {
        let mut said = Vec::new();
        if self.logs > 0 {
            said.push(passed_over(self.logs, "event log", TAKE_EVENT_LOGS));
        }
        if self.others > 0 {
            let who = format!("{TAKE_OTHERS}; is the envelope nested? (--envelope)");
            said.push(passed_over(self.others, "other record", &who));
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

fn exit(answer: RunAnswer) -> Exit {
    match answer {
        RunAnswer::Yes => Exit::Yes,
        RunAnswer::No => Exit::No,
        RunAnswer::Open => Exit::NoVerdict,
    }
}
