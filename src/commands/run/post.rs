//! Sending the event logs of a run: each is delivered, or kept for later, or at least reported as
//! lost.

use crate::commands::emit::destination::Destination;
use crate::commands::emit::edit::Edit;
use crate::commands::emit::gate::{Gate, Strictness};
use crate::commands::emit::intake::EmitInput;
use crate::commands::emit::result::Delivery;
use crate::commands::emit::{
    self, EmitEvent, EmitPlan as Sending, Place, Target, Trouble, run_spool,
};
use crate::failure::{Exit, Failure};
use crate::host::{Host, Interrupt};
use crate::model::delivery::DeliveryStatus;
use crate::model::timestamp::Zone;
use crate::spool::dispatch::Options;
use crate::spool::{Purpose, Spool};
use crate::wire::records::Record;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

/// How long the event logs together are waited for after the command has ended, where they are
/// safe in the spool or somebody has asked for the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the event logs of a run are sent.
#[derive(Clone)]
pub struct Post {
    /// Where to.
    pub destination: Destination,
    /// Whether there is a key to send with; without one, event logs are only kept.
    pub has_key: bool,
    /// Where they are kept until then.
    pub spool: Place,
    /// The rules.
    pub strictness: Strictness,
    /// How fast, and how long each is tried.
    pub options: Options,
    /// How long all are tried after the command has ended, where that was said.
    pub retry_for: Option<Duration>,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The zone of times in what is sent.
    pub zone: Zone,
}

impl Post {
    /// How long the event logs together are waited for after the command has ended; `asked`
    /// means that somebody wants the end.
    pub fn patience(&self, asked: bool) -> Duration {
        match self.retry_for {
            _ if asked => PATIENCE,
            Some(wanted) if self.spool.is_durable() => wanted.max(PATIENCE),
            None if self.spool.is_durable() => PATIENCE,
            // What is not delivered now is lost.
            _ => self.options.retry_for.saturating_add(self.timeout),
        }
    }

    /// Sends one event log, or saves it in the spool, and reports if it was not delivered.
    pub fn send(
        &self,
        log: &[u8],
        mut edits: Vec<Edit>,
        host: &Host,
        interrupt: &Interrupt,
        report: &(dyn Fn(&str) + Sync),
    ) {
        let now = host.now().at(self.zone).rfc3339();
        edits.push(Edit::of_field("generatedAt", Value::from(now).to_string()));
        let strictness = Strictness {
            edits,
            ..self.strictness.clone()
        };
        let stopped = || self.spool.is_durable() && interrupt.seen().is_some();
        // An event log that was not even accepted when the end came is not lost either.
        let result = if self.has_key && !stopped() {
            match self.deliver(log, &strictness, host, &stopped, report) {
                Ok(false) if stopped() => self.keep(log, strictness, report),
                result => result.map(drop),
            }
        } else {
            self.keep(log, strictness, report)
        };
        if let Err(failure) = result {
            report(&format!("the event log is lost: {failure}"));
        }
    }

    /// Sends one event log; whether it is known what became of it.
    fn deliver(
        &self,
        log: &[u8],
        strictness: &Strictness,
        host: &Host,
        stopped: &dyn Fn() -> bool,
        report: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, Failure> {
        let settled = Cell::new(false);
        let trouble = RefCell::new(None);
        let attempt = |spool: Place| {
            let input = EmitInput::Composed(log.to_vec());
            let sending = Sending {
                strictness: strictness.clone(),
                target: Target::Server(self.destination.clone()),
                options: self.options,
                timeout: self.timeout,
                spool,
                fail_fast: false,
                receipts: false,
                rejected: None,
                allow_empty: false,
            };
            emit::run(sending, input, host, &mut |event| match event {
                EmitEvent::Trouble(Trouble { end, what, next }) => {
                    trouble.replace(Some(match end {
                        // Whether it is kept is reported in any case.
                        Exit::Undelivered => what.clone(),
                        _ => format!("{what}; {next}"),
                    }));
                }
                EmitEvent::Result(delivery) => {
                    settled.set(true);
                    if delivery.status != DeliveryStatus::Delivered {
                        report(&self.not_delivered(delivery, trouble.take()));
                    }
                }
                EmitEvent::Notice(text) => report(&text),
                _ => {}
            })
        };
        let result = attempt(self.spool.clone());
        let result = match result {
            Err(_) if stopped() && !settled.get() => return Ok(false),
            Err(failure) if self.spool.is_durable() && !settled.get() => {
                report(&format!(
                    "{failure}; the event log is sent without the spool"
                ));
                attempt(Place::Memory)
            }
            result => result,
        };
        if !settled.get() && !stopped() && result.is_ok() {
            report("the event log was not sent: stopped before its turn");
        }
        result.map(|_| settled.get())
    }

    /// Puts one event log into the spool, for a process that has the key.
    fn keep(
        &self,
        log: &[u8],
        strictness: Strictness,
        report: &(dyn Fn(&str) + Sync),
    ) -> Result<(), Failure> {
        let spool = self
            .open_spool(report)?
            .ok_or_else(|| Failure::usage("it can be neither sent nor saved in the spool"))?;
        match Gate::new(strictness).pass(&"flags".into(), &Record::alone(log)) {
            Ok((record, _)) => {
                spool
                    .append(vec![record], &mut |_| {})
                    .and_then(|()| spool.close(&mut |_| {}))
                    .map_err(emit::spool_failure)?;
                let drain = self.destination.remedies().drain();
                report(&format!(
                    "the event log is saved in the spool; send it with: {drain}"
                ));
            }
            Err(invalid) => report(&self.not_delivered(&invalid.delivery, None)),
        }
        Ok(())
    }

    /// Opens the spool, if there is to be one.
    pub fn open_spool(
        &self,
        report: &(dyn Fn(&str) + Sync),
    ) -> Result<Option<Arc<dyn Spool>>, Failure> {
        if !self.spool.is_durable() {
            return Ok(None);
        }
        let mut notice = |event: EmitEvent<'_>| {
            if let EmitEvent::Notice(text) = event {
                report(&text);
            }
        };
        run_spool::open(
            &self.spool,
            &self.destination,
            Purpose::Own,
            self.timeout,
            &mut notice,
        )
        .map(|(spool, _)| Some(spool))
    }

    /// What became of an event log, with what the user can do where sending says so.
    fn not_delivered(&self, delivery: &Delivery, trouble: Option<String>) -> String {
        let code = delivery.event_code.as_deref().unwrap_or("without code");
        let why = trouble.unwrap_or_else(|| match (&delivery.error, delivery.findings.first()) {
            (Some(problem), _) => problem.title.clone(),
            (None, Some(finding)) => finding.message.clone(),
            (None, None) => "unknown reason".to_owned(),
        });
        let kept = if delivery.status == DeliveryStatus::Kept {
            let drain = self.destination.remedies().drain();
            format!("; it is saved in the spool; send it with: {drain}")
        } else {
            String::new()
        };
        format!("the event log {code} was not delivered: {why}{kept}")
    }
}
