//! One run of sending: what the reading and the dispatcher report becomes results.

mod advice;
mod held;
mod lanes;
mod results;

use crate::commands::emit::gate::{Gate, Strictness};
use crate::commands::emit::intake::{self, EmitInput, News};
use crate::commands::emit::{EmitEvent, Remedies, end_of};
use crate::failure::{Exit, Failure};
use crate::host::{self, GRACE, Host, Interrupt, Output, Signal};
use crate::link::event_log::EventLogs;
use crate::model::text::counted;
use crate::spool::dispatch::{Clock, Dispatcher, Options};
use crate::spool::{self, Spool};
use results::Results;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

pub(in crate::commands) use lanes::{DestinationLane, OpenLane, Reopen, drain};

/// Files that are left for everything but connections: the spool, the input, certificates.
const SPARE_FILES: usize = 16;

/// News of the reading that may wait.
const NEWS: usize = 64;

/// What a run is about.
pub(in crate::commands) struct EmitWork {
    pub spool: Arc<dyn Spool>,
    pub input: EmitInput,
    pub strictness: Strictness,
    pub receipts: bool,
    pub allow_empty: bool,
}

/// A run under way.
pub(in crate::commands) struct EmitSession<'a> {
    results: Results<'a>,
    fail_fast: bool,
    /// A receipt is reported for every record that is safe.
    receipts: bool,
    /// What a record is sent for.
    aim: Aim,
    /// Records that the server rejected, those of earlier runs among them.
    dead: u64,
    /// How often a destination that is held was asked in vain.
    vain: u32,
}

/// When a record has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// When it is delivered, or given up.
    Deliver,
    /// The same; there is no end but the user's.
    Follow,
    /// When it is durable: another process sends it.
    Queue,
}

impl<'a> EmitSession<'a> {
    pub fn new(
        rejected: Option<Output>,
        fail_fast: bool,
        remedies: Remedies,
        report: &'a mut dyn FnMut(EmitEvent<'_>),
    ) -> EmitSession<'a> {
        EmitSession {
            results: Results::new(rejected, remedies, report),
            fail_fast,
            receipts: false,
            aim: Aim::Deliver,
            dead: 0,
            vain: 0,
        }
    }

    /// Reads, sends and reports until everything has its verdict.
    pub fn run(
        mut self,
        work: EmitWork,
        logs: EventLogs,
        options: Options,
        host: &Host,
    ) -> Result<Exit, Failure> {
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let news = self.read(work)?;
        let started = Instant::now();
        self.results.advice.address = logs.shown();
        let interrupt = host.interrupt()?;
        let options = within_reach(options, 1, &mut |text| self.results.notice(text));
        let clock = Clock::starting_at(host.now().millis());
        let dispatcher = Dispatcher::new(Arc::clone(&spool), Arc::new(logs), options, clock);
        let stays = spool.is_durable();
        let stopped = host::block_on(self.work(dispatcher, spool, news, interrupt))?;
        if stays && self.dead > 0 {
            let notice = self.results.advice.about_rejected(self.dead);
            self.results.notice(notice);
        }
        self.results.finish(stopped, allow_empty, false, started)
    }

    /// Reads and reports until every record is durable; sends nothing.
    pub fn queue(mut self, work: EmitWork, host: &Host) -> Result<Exit, Failure> {
        self.aim = Aim::Queue;
        let started = Instant::now();
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let interrupt = host.interrupt()?;
        let news = self.read(work)?;
        let signal = host::block_on(self.accept(spool, news, interrupt))?;
        self.results.finish(signal, allow_empty, true, started)
    }

    /// Starts the reading.
    fn read(&mut self, work: EmitWork) -> Result<Receiver<News>, Failure> {
        self.receipts = work.receipts;
        let (sender, news) = channel(NEWS);
        let limit = work.strictness.policy.max_record;
        let gate = Gate::new(work.strictness);
        intake::start(work.input, gate, limit, work.spool, sender)?;
        Ok(news)
    }

    /// Whether a record has failed that is to be the last.
    fn has_failed_fast(&self) -> bool {
        self.fail_fast && self.results.has_failures()
    }

    async fn accept(
        &mut self,
        spool: Arc<dyn Spool>,
        mut news: Receiver<News>,
        mut interrupt: Interrupt,
    ) -> Option<Signal> {
        let mut signal = None;
        let mut warned = false;
        while signal.is_none() && !self.has_failed_fast() {
            self.results.flush();
            let so_far = self.results.so_far;
            tokio::select! {
                biased;
                caught = interrupt.wait() => signal = Some(caught),
                () = until(so_far) => self.results.show_so_far(),
                heard = news.recv() => {
                    let is_over = heard.is_none();
                    if let Some(heard) = heard {
                        self.hear(heard);
                    }
                    self.warn_of_inbox(spool.as_ref(), &mut warned);
                    if is_over {
                        return None;
                    }
                }
            }
        }
        // Nothing more is accepted; what was accepted by now is reported.
        if let Err(error) = spool.close(&mut |_| {}) {
            self.results.fail(storage(error));
        }
        while let Ok(heard) = news.try_recv() {
            self.hear(heard);
        }
        self.warn_of_inbox(spool.as_ref(), &mut warned);
        signal
    }

    /// Warns, once, that records go where nobody sends them from as they are.
    fn warn_of_inbox(&mut self, spool: &dyn Spool, warned: &mut bool) {
        let strayed = spool.strayed();
        let why = strayed.first().and_then(|entry| entry.problem.as_ref());
        if let Some(why) = why.filter(|_| !std::mem::replace(warned, true)) {
            let drain = self.results.advice.drain();
            let next = if spool.is_shared() {
                "the next hivelog on this machine that reaches it brings them over".to_owned()
            } else {
                format!(
                    "'{drain}' takes them up from there; 'hivelog spool verify' shows whether the \
                     database is intact"
                )
            };
            self.results.notice(format!(
                "warning: {}; the records are durable, and {next}",
                why.title
            ));
        }
    }

    /// Sends and reports until everything has ended, or the run is to end; the signal that did it.
    async fn work(
        &mut self,
        mut dispatcher: Dispatcher,
        spool: Arc<dyn Spool>,
        mut news: Receiver<News>,
        mut interrupt: Interrupt,
    ) -> Option<Signal> {
        let mut signal = None;
        let mut reading = true;
        let mut deadline = None;
        let mut broken = false;
        loop {
            let finished = !reading && self.is_finished(&dispatcher, spool.as_ref());
            if deadline.is_none() && (finished || self.has_failed_fast()) {
                // Records of other runs may be under way: nothing is dropped half done.
                reading = false;
                deadline = Some(stop(&mut dispatcher, GRACE));
            }
            let landed = dispatcher.in_flight() == 0;
            if deadline.is_some() && landed || broken && !reading {
                break;
            }
            for notice in spool.notices() {
                self.results.notice(notice);
            }
            self.results.retrying(dispatcher.trouble());
            self.results.flush();
            // With all input read, the end is in sight.
            let goes_on = reading || self.aim == Aim::Follow;
            let so_far = self.results.so_far.filter(|_| goes_on);
            tokio::select! {
                biased;
                caught = interrupt.wait(), if signal.is_none() => {
                    signal = Some(caught);
                    reading = false;
                    deadline = Some(self.interrupted(&mut dispatcher, interrupt.grace()));
                }
                () = until(deadline), if deadline.is_some() => break,
                () = until(so_far), if so_far.is_some() => self.results.show_so_far(),
                heard = news.recv(), if reading => {
                    reading = heard.is_some();
                    self.read_on(heard, &mut dispatcher);
                },
                outcomes = dispatcher.next(), if !broken => match outcomes {
                    Ok(outcomes) => outcomes.into_iter().for_each(|outcome| self.ended(outcome)),
                    Err(error) => {
                        // A delivery that cannot be noted is the last; accepting goes on.
                        self.results.fail(storage(error));
                        dispatcher.stop();
                        broken = true;
                    }
                },
                () = spool.news().notified(), if broken => {
                    for outcome in dispatcher.strayed() {
                        self.results.ended(outcome);
                    }
                }
            }
        }
        self.abandon(dispatcher, signal.is_some());
        signal
    }

    /// Whether nothing more is to be expected, once everything is read.
    fn is_finished(&self, dispatcher: &Dispatcher, spool: &dyn Spool) -> bool {
        // A forwarder leaves what nothing can reach before a person acts to others.
        let hopeless = if self.aim == Aim::Follow {
            dispatcher.is_held()
        } else {
            dispatcher.is_hopeless()
        };
        spool.is_done() || hopeless
    }

    /// A signal has come: until when what is under way is waited for.
    fn interrupted(
        &mut self,
        dispatcher: &mut Dispatcher,
        grace: Duration,
    ) -> tokio::time::Instant {
        let deadline = stop(dispatcher, grace);
        let under_way = dispatcher.in_flight();
        if under_way > 0 && !grace.is_zero() {
            self.results.notice(format!(
                "stopping: {} in flight may take {} s more; a second signal stops at once",
                counted(under_way as u64, "record"),
                GRACE.as_secs()
            ));
        }
        deadline
    }

    /// Something has been read, or everything.
    fn read_on(&mut self, heard: Option<News>, dispatcher: &mut Dispatcher) {
        let Some(heard) = heard else {
            return self.results.read_to_the_end();
        };
        if matches!(heard, News::Accepted(_)) {
            dispatcher.accepted();
        }
        self.hear(heard);
    }

    /// Reports what has not ended.
    fn abandon(&mut self, mut dispatcher: Dispatcher, interrupted: bool) {
        self.dead = dispatcher.rejected;
        let interrupted = interrupted || self.has_failed_fast();
        let report = &mut |outcome| self.results.ended(outcome);
        if let Err(error) = dispatcher.abandon(interrupted, report) {
            self.results.fail(storage(error));
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Invalid(invalid) => self.results.invalid(&invalid),
            News::Accepted(accepted) => {
                if self.receipts {
                    for receipt in &accepted {
                        self.results.receipt(receipt);
                    }
                }
                if self.aim == Aim::Queue {
                    for receipt in accepted {
                        self.results.queued(receipt);
                    }
                } else {
                    self.results.accepted(accepted.len() as u64);
                }
            }
            News::Failed(failure) => self.results.fail(failure),
        }
    }
}

/// Begins nothing more; what is under way has until then.
fn stop(dispatcher: &mut Dispatcher, grace: Duration) -> tokio::time::Instant {
    dispatcher.stop();
    tokio::time::Instant::now() + grace
}

/// Waits for an instant, or forever.
async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// No more records at once than connections can be open. A spool that cannot open its files could
/// not note what was delivered.
fn within_reach(options: Options, lanes: usize, say: &mut dyn FnMut(String)) -> Options {
    let lanes = lanes.max(1);
    let room = host::room_for(options.jobs * lanes + SPARE_FILES);
    let jobs = (room.saturating_sub(SPARE_FILES) / lanes).clamp(1, options.jobs);
    if jobs < options.jobs {
        say(format!(
            "sending {jobs} records at once instead of {}: this process can open only {room} more \
             files (raise 'ulimit -n')",
            options.jobs
        ));
    }
    Options { jobs, ..options }
}

fn storage(error: spool::Error) -> Failure {
    let exit = end_of(&error);
    Failure {
        exit,
        ..Failure::input(error)
    }
}
