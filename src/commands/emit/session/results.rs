//! What becomes of the records of a run: results, totals, and the exit code.

use super::advice::Advice;
use crate::commands::emit::gate::Invalid;
use crate::commands::emit::result::{Delivery, Totals};
use crate::commands::emit::{EmitEvent, Remedies, no_record};
use crate::commands::record_kind::RecordCounts;
use crate::failure::{Exit, Failure};
use crate::host::{Output, Signal};
use crate::model::delivery::{DeliveryStatus, Problem};
use crate::spool::Receipt;
use crate::spool::dispatch::{Reason, SendOutcome};
use std::time::{Duration, Instant};

/// How long after a result those that ended alike are shown together for the first time, and at
/// the most seldom.
const SO_FAR: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(300);

/// Collects what becomes of records, and reports it.
pub struct Results<'a> {
    report: &'a mut dyn FnMut(EmitEvent<'_>),
    /// Where rejected records are copied to.
    rejected: Option<Output>,
    totals: Totals,
    /// What the rejected records are.
    passed_over: RecordCounts,
    /// How each record that was not delivered would end the run on its own.
    ends: Vec<Exit>,
    /// Records that were accepted and are still to be reported.
    open: u64,
    /// What ends the run.
    failure: Option<Failure>,
    pub advice: Advice,
    /// When results that are alike are shown together next, and how long after the last time.
    pub so_far: Option<tokio::time::Instant>,
    period: Duration,
    /// Why nothing gets through, as it was last reported.
    trouble: Option<Problem>,
    /// Something was reported and may still stand in a buffer.
    unflushed: bool,
    /// Whether nothing of what is kept is due yet, which has been said.
    too_early: bool,
}

impl<'a> Results<'a> {
    /// None yet.
    pub fn new(
        rejected: Option<Output>,
        remedies: Remedies,
        report: &'a mut dyn FnMut(EmitEvent<'_>),
    ) -> Results<'a> {
        Results {
            report,
            rejected,
            totals: Totals {
                summary: true,
                ..Totals::default()
            },
            passed_over: RecordCounts::default(),
            ends: Vec::new(),
            open: 0,
            failure: None,
            advice: Advice::new(remedies),
            so_far: None,
            period: SO_FAR,
            trouble: None,
            unflushed: false,
            too_early: false,
        }
    }

    /// Whether any record was not delivered.
    pub fn has_failures(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Whether something has failed that ends the run.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Something has failed that ends the run; the first counts.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Says something a person should know.
    pub fn notice(&mut self, text: String) {
        (self.report)(EmitEvent::Notice(text));
    }

    /// Says why nothing gets through at the moment, or that it does again.
    pub fn retrying(&mut self, trouble: Option<Problem>) {
        if self.trouble != trouble {
            self.trouble = trouble;
            (self.report)(EmitEvent::Retrying(self.trouble.as_ref()));
        }
    }

    /// Flushes what was reported, before something is waited for.
    pub fn flush(&mut self) {
        if std::mem::take(&mut self.unflushed) {
            (self.report)(EmitEvent::Waiting);
        }
    }

    /// Shows what has become of records that ended alike.
    pub fn show_so_far(&mut self) {
        self.so_far = None;
        self.period = (self.period * 2).min(SELDOM);
        self.unflushed = true;
        (self.report)(EmitEvent::SoFar);
    }

    /// Records are durable, and their results are still to come.
    pub fn accepted(&mut self, count: u64) {
        self.open += count;
    }

    /// Nothing more is read, so it is known how many results there will be.
    pub fn read_to_the_end(&mut self) {
        let total = self.totals.records + self.open;
        if total > 0 {
            (self.report)(EmitEvent::Total(total));
        }
    }

    /// Reports that a record is durable.
    pub fn receipt(&mut self, receipt: &Receipt) {
        self.unflushed = true;
        (self.report)(EmitEvent::Accepted(&super::super::EmitReceipt {
            status: "accepted",
            record: receipt.number,
            line: receipt.line,
            id: receipt.id.to_string(),
            source: receipt.source.to_string(),
        }));
    }

    /// A record is durable, and that is all that is wanted.
    pub fn queued(&mut self, receipt: Receipt) {
        let delivery = Delivery {
            id: Some(receipt.id.to_string()),
            event_code: receipt.event_code,
            correlation_id: receipt.correlation_id,
            ..Delivery::unsent(
                &receipt.source,
                receipt.number,
                receipt.line,
                DeliveryStatus::Kept,
            )
        };
        self.result(&delivery, None, false);
    }

    /// A record that our own rules have rejected.
    pub fn invalid(&mut self, invalid: &Invalid) {
        let Invalid {
            counts,
            delivery,
            bytes,
        } = invalid;
        self.passed_over.add(*counts);
        if bytes.is_empty() && self.rejected.is_some() {
            let Delivery { source, line, .. } = delivery;
            let text =
                format!("{source}:{line}: not copied to --rejected: too large to keep in memory");
            self.notice(text);
        } else {
            self.copy_rejected(bytes);
        }
        self.result(delivery, Some(Exit::Refused), false);
    }

    /// A record has ended.
    pub fn ended(&mut self, outcome: SendOutcome) {
        let SendOutcome {
            entry,
            status,
            reason,
            answered,
            ms,
        } = outcome;
        self.open = self.open.saturating_sub(1);
        if status == DeliveryStatus::Refused {
            self.copy_rejected(&entry.record.body);
        }
        self.totals.maybe_duplicate += u64::from(entry.maybe_duplicate);
        let error = match (entry.problem, status) {
            (_, DeliveryStatus::Delivered) => None,
            (None, _) if reason == Reason::Stopped => Some(Problem::titled(
                "not sent: the run was stopped before its turn",
            )),
            (problem, _) => problem,
        };
        let record = entry.record;
        let delivery = Delivery {
            http: entry.http,
            attempts: entry.attempts,
            ms,
            id: Some(entry.id.to_string()),
            event_code: record.event_code,
            correlation_id: record.correlation_id,
            error,
            ..Delivery::unsent(&record.source, record.number, record.line, status)
        };
        self.result(&delivery, exit_of(reason), answered);
    }

    fn result(&mut self, delivery: &Delivery, end: Option<Exit>, answered: bool) {
        self.totals.count(delivery.status);
        if let Some(end) = end
            && self.end_with(end)
            && let Some(trouble) = self.advice.about(delivery, end, answered)
        {
            (self.report)(EmitEvent::Trouble(&trouble));
        }
        self.unflushed = true;
        let soon = tokio::time::Instant::now() + self.period;
        self.so_far.get_or_insert(soon);
        (self.report)(EmitEvent::Result(delivery));
    }

    /// Remembers how a record that was not delivered would end the run on its own; true the first
    /// time for each way.
    fn end_with(&mut self, end: Exit) -> bool {
        let first = !self.ends.contains(&end);
        if first {
            self.ends.push(end);
        }
        first
    }

    /// Copies a rejected record; a copy that fails is reported at the end and does not end the
    /// work.
    fn copy_rejected(&mut self, bytes: &[u8]) {
        if let Some(output) = &mut self.rejected {
            let written = output.write(bytes).and_then(|()| output.write(b"\n"));
            if let Err(failure) = written {
                self.fail(failure);
            }
        }
    }

    /// Adds the results of another part of the same run.
    pub fn absorb(&mut self, other: Results<'_>) {
        self.totals.absorb(&other.totals);
        self.advice.absorb(other.advice);
        self.open += other.open;
        for end in other.ends {
            self.end_with(end);
        }
        self.failure = self.failure.take().or(other.failure);
    }

    /// Counts as kept whatever still waits, reported or not; `too_early` means that it has been said
    /// when that is due.
    pub fn waits(&mut self, ready: u64, too_early: bool) {
        self.too_early = too_early;
        let reported = self.totals.kept;
        if ready > 0 && reported == 0 {
            self.end_with(Exit::Undelivered);
        }
        self.totals.kept = ready.max(reported);
        self.totals.records += self.totals.kept - reported;
    }

    /// Reports the totals and what to do next, and says how the run ends; `queue` means that a
    /// record was to be durable only.
    pub fn finish(
        mut self,
        signal: Option<Signal>,
        allow_empty: bool,
        queue: bool,
        started: Instant,
    ) -> Result<Exit, Failure> {
        self.totals.seconds = rounded(started.elapsed());
        let exit = self.exit(signal, allow_empty, queue);
        (self.report)(EmitEvent::Summary(&self.totals));
        for text in self.passed_over.foreign() {
            self.notice(text);
        }
        for check in self.advice.take_checks() {
            (self.report)(EmitEvent::Step(check));
        }
        let they_are = match self.totals.kept {
            0 => return exit,
            // Sending it now would be in vain.
            _ if self.too_early => return exit,
            1 => "it is in the spool; send it",
            _ => "they are in the spool; send them",
        };
        let drain = self.advice.drain();
        (self.report)(EmitEvent::Step(format!("{they_are} with: {drain}")));
        exit
    }

    fn exit(
        &mut self,
        signal: Option<Signal>,
        allow_empty: bool,
        queue: bool,
    ) -> Result<Exit, Failure> {
        if let Some(output) = &mut self.rejected
            && let Err(failure) = output.flush()
        {
            self.fail(failure);
        }
        if self.open > 0 {
            // Only rows that somebody else has removed by other means than ours.
            self.fail(Failure::input(format!(
                "records that are no longer in the spool and were not sent: {}",
                self.open
            )));
        }
        if let Some(mut failure) = self.failure.take() {
            if queue && self.totals.kept > 0 {
                failure.exit = Exit::Mixed;
            }
            return Err(failure);
        }
        if let Some(signal) = signal {
            return Ok(signal.exit());
        }
        let totals = &self.totals;
        if totals.records == 0 {
            return if allow_empty {
                Ok(Exit::Yes)
            } else {
                Err(no_record())
            };
        }
        let done = if queue { totals.kept } else { totals.delivered };
        Ok(match self.ends.as_slice() {
            [] if done == totals.records => Exit::Yes,
            [one] if done == 0 => *one,
            // Left to another process, which has sent none of it so far.
            [] if done == 0 => Exit::Undelivered,
            _ => Exit::Mixed,
        })
    }
}

/// How a record that ended for this reason would end the run on its own.
const fn exit_of(reason: Reason) -> Option<Exit> {
    match reason {
        // What was not sent because the run was stopped has no reason of its own.
        Reason::Delivered | Reason::Stopped => None,
        Reason::Refused => Some(Exit::Refused),
        Reason::Unauthorised => Some(Exit::Unauthorised),
        Reason::Misconfigured => Some(Exit::Usage),
        Reason::Undelivered => Some(Exit::Undelivered),
        Reason::Lost => Some(Exit::Input),
    }
}

/// Seconds with three decimals.
fn rounded(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
