//! `emit --dry-run`: the request of every record that would be sent. Opens no socket.

use super::destination::Request;
use super::gate::Gate;
use super::{EmitEvent, no_record};
use crate::commands::record_kind::RecordCounts;
use crate::failure::{Exit, Failure};
use crate::host::Interrupt;
use crate::records::{Batch, FrameOnly, Progress, Sources, Take, read_all};
use std::sync::Arc;

/// Shows requests.
pub(super) struct Preview<'a> {
    gate: Gate,
    request: &'a Request,
    report: &'a mut dyn FnMut(EmitEvent<'_>),
    shown: u64,
    invalid: u64,
    passed_over: RecordCounts,
    failure: Option<Failure>,
}

impl<'a> Preview<'a> {
    pub(super) fn new(
        gate: Gate,
        request: &'a Request,
        report: &'a mut dyn FnMut(EmitEvent<'_>),
    ) -> Preview<'a> {
        Preview {
            gate,
            request,
            report,
            shown: 0,
            invalid: 0,
            passed_over: RecordCounts::default(),
            failure: None,
        }
    }

    pub(super) fn run(
        mut self,
        sources: Sources,
        limit: usize,
        allow_empty: bool,
    ) -> Result<Exit, Failure> {
        // A signal ends the process: nothing is under way.
        read_all(sources, limit, FrameOnly, &Interrupt::never(), &mut self);
        for text in self.passed_over.foreign() {
            (self.report)(EmitEvent::Notice(text));
        }
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        match (self.shown, self.invalid) {
            (0, 0) if allow_empty => Ok(Exit::Yes),
            (0, 0) => Err(no_record()),
            (_, 0) => Ok(Exit::Yes),
            (0, _) => Ok(Exit::Refused),
            _ => Ok(Exit::Mixed),
        }
    }
}

impl Take<()> for Preview<'_> {
    fn block(&mut self, source: &str, batch: &Batch, (): ()) -> Progress {
        let source: Arc<str> = source.into();
        for record in batch.records() {
            match self.gate.pass(&source, &record) {
                Ok((record, remarks)) => {
                    self.shown += 1;
                    for remark in &remarks {
                        (self.report)(EmitEvent::Remark(remark));
                    }
                    (self.report)(EmitEvent::Request(self.request, &record.body));
                }
                Err(rejected) => {
                    self.invalid += 1;
                    self.passed_over.add(rejected.counts);
                    (self.report)(EmitEvent::Result(&rejected.delivery));
                }
            }
        }
        // Nobody waits for what would be sent.
        let mut has_left = false;
        (self.report)(EmitEvent::HasReaderLeft(&mut has_left));
        if has_left {
            Progress::Stop
        } else {
            Progress::GoOn
        }
    }

    fn before_waiting(&mut self) -> Progress {
        (self.report)(EmitEvent::Waiting);
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.failure = Some(failure);
        Progress::Stop
    }
}
