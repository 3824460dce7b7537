//! One run of sending: what the reading and the dispatcher report becomes results.

mod held;
mod results;

use crate::commands::emit::gate::{Gate, Strictness};
use crate::commands::emit::intake::{self, Input, News};
use crate::commands::emit::{Event, Remedies, end_of, keeping};
use crate::failure::{Exit, Failure};
use crate::host::{self, GRACE, Host, Interrupt, Output, Signal};
use crate::link::event_log::EventLogs;
use crate::model::timestamp::Zone;
use crate::spool::dispatch::{Clock, Dispatcher, Options};
use crate::spool::identity::Identity;
use crate::spool::{self, Spool};
use results::Results;
use std::cell::RefCell;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

/// Files that are left for everything but connections: the spool, the input, certificates.
const SPARE_FILES: usize = 16;

/// News of the reading that may wait.
const NEWS: usize = 64;

/// What a run is about.
pub(in crate::commands) struct Work {
    pub spool: Arc<dyn Spool>,
    pub input: Input,
    pub strictness: Strictness,
    pub receipts: bool,
    pub allow_empty: bool,
}

/// A run under way.
pub(in crate::commands) struct Session<'a> {
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

impl<'a> Session<'a> {
    pub fn new(
        rejected: Option<Output>,
        fail_fast: bool,
        remedies: Remedies,
        tell: &'a mut dyn FnMut(Event<'_>),
    ) -> Session<'a> {
        Session {
            results: Results::new(rejected, remedies, tell),
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
        work: Work,
        logs: EventLogs,
        options: Options,
        host: &Host,
    ) -> Result<Exit, Failure> {
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let news = self.read(work)?;
        let started = Instant::now();
        self.results.address = logs.shown();
        let interrupt = host.interrupt()?;
        let options = within_reach(options, 1, &mut |text| self.results.notice(text));
        let clock = Clock::starting_at(host.now().millis());
        let dispatcher = Dispatcher::new(Arc::clone(&spool), Arc::new(logs), options, clock);
        let stays = spool.is_durable();
        let stopped = host::block_on(self.work(dispatcher, spool, news, interrupt))?;
        if stays && self.dead > 0 {
            let notice = keeping::rejected(self.dead, &self.results.address);
            self.results.notice(notice);
        }
        self.results.finish(stopped, allow_empty, false, started)
    }

    /// Reads and reports until every record is durable; sends nothing.
    pub fn queue(mut self, work: Work, host: &Host) -> Result<Exit, Failure> {
        self.aim = Aim::Queue;
        let started = Instant::now();
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let interrupt = host.interrupt()?;
        let news = self.read(work)?;
        let signal = host::block_on(self.accept(spool, news, interrupt))?;
        self.results.finish(signal, allow_empty, true, started)
    }

    /// Starts the reading.
    fn read(&mut self, work: Work) -> Result<Receiver<News>, Failure> {
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
        // Nothing more is taken; what was taken by now is reported.
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
            let drain = self.results.drain_command();
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
            if deadline.is_none() && self.has_failed_fast() {
                reading = false;
                deadline = Some(stop(&mut dispatcher, GRACE));
            }
            // A forwarder leaves what nothing can reach before a person acts to others.
            let hopeless = if self.aim == Aim::Follow {
                dispatcher.is_held() && !spool.outlives_holds()
            } else {
                dispatcher.is_hopeless()
            };
            let finished = !reading && (spool.is_done() || hopeless);
            let landed = dispatcher.in_flight() == 0;
            if (finished || deadline.is_some()) && landed || broken && !reading {
                break;
            }
            if finished && deadline.is_none() {
                // Records of other runs may be under way: nothing is dropped half done.
                deadline = Some(stop(&mut dispatcher, GRACE));
            }
            for notice in spool.notices() {
                self.results.notice(notice);
            }
            self.results.flush();
            // With all input read, the end is in sight.
            let goes_on = reading || self.aim == Aim::Follow;
            let so_far = self.results.so_far.filter(|_| goes_on);
            tokio::select! {
                biased;
                caught = interrupt.wait(), if signal.is_none() => {
                    signal = Some(caught);
                    reading = false;
                    let grace = interrupt.grace();
                    deadline = Some(stop(&mut dispatcher, grace));
                    if !grace.is_zero() {
                        self.say_stopping(dispatcher.in_flight());
                    }
                }
                () = until(deadline), if deadline.is_some() => break,
                () = until(so_far), if so_far.is_some() => self.results.show_so_far(),
                heard = news.recv(), if reading => if let Some(heard) = heard {
                    if matches!(heard, News::Accepted(_)) {
                        dispatcher.accepted();
                    }
                    self.hear(heard);
                } else {
                    reading = false;
                    self.results.read_to_the_end();
                },
                outcomes = dispatcher.next(), if !broken => match outcomes {
                    Ok(outcomes) => {
                        for outcome in outcomes {
                            self.ended(outcome);
                        }
                    }
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
        self.dead = dispatcher.rejected;
        let interrupted = signal.is_some() || self.has_failed_fast();
        let report = &mut |outcome| self.results.ended(outcome);
        if let Err(error) = dispatcher.abandon(interrupted, report) {
            self.results.fail(storage(error));
        }
        signal
    }

    /// Says what the end still waits for.
    fn say_stopping(&mut self, under_way: usize) {
        if under_way > 0 {
            let records = if under_way == 1 { "record" } else { "records" };
            self.results.notice(format!(
                "stopping: {under_way} {records} under way may take {} s more; a second signal \
                 ends at once",
                GRACE.as_secs()
            ));
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Invalid(invalid) => self.results.invalid(&invalid.delivery, &invalid.bytes),
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

/// One destination of a run that sends what waits.
pub(in crate::commands) struct Lane {
    pub open: OpenLane,
    pub identity: Identity,
    pub remedies: Remedies,
    /// Opens it anew, with a key that is read anew.
    pub reopen: Reopen,
}

/// What is sent, and over what.
pub(in crate::commands) struct OpenLane {
    pub spool: Arc<dyn Spool>,
    pub logs: EventLogs,
}

/// Opens a lane; hears what a person should know about it.
pub(in crate::commands) type Reopen =
    Arc<dyn Fn(&mut dyn FnMut(Event<'_>)) -> Result<OpenLane, Failure> + Send + Sync>;

/// Sends what waits for each destination, and with `follow` what comes for it, until told to
/// stop. They go side by side: one that takes nothing holds no other up.
pub(in crate::commands) fn drain(
    lanes: Vec<Lane>,
    options: Options,
    follow: bool,
    remedies: Remedies,
    zone: Zone,
    host: &Host,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let interrupt = host.interrupt()?;
    let options = within_reach(options, lanes.len(), &mut |text| tell(Event::Notice(text)));
    let clock = Clock::starting_at(host.now().millis());
    let identities: Vec<_> = lanes.iter().map(|lane| lane.identity.clone()).collect();
    let tell = RefCell::new(tell);
    let teller = |_: &Lane| |event: Event<'_>| (tell.borrow_mut())(event);
    let mut tellers: Vec<_> = lanes.iter().map(teller).collect();
    let mut sessions: Vec<Session<'_>> = tellers
        .iter_mut()
        .zip(&lanes)
        .map(|(tell, lane)| {
            let mut session = Session::new(None, false, lane.remedies.clone(), tell);
            session.results.address = lane.open.logs.shown();
            if follow {
                session.aim = Aim::Follow;
            }
            session
        })
        .collect();
    let works = sessions
        .iter_mut()
        .zip(lanes)
        .map(|(session, lane)| session.serve(lane, options, clock, interrupt.clone()));
    let (stopped, spools): (Vec<_>, Vec<_>) = host::block_on(together(works))?.into_iter().unzip();
    let mut last_word = |event: Event<'_>| (tell.borrow_mut())(event);
    let mut whole = Results::new(None, remedies, &mut last_word);
    for one in sessions {
        whole.absorb(one.results);
    }
    let mut ready = 0;
    for (spool, identity) in spools.into_iter().zip(identities) {
        let left = spool.leftover();
        ready += left.ready;
        for remark in keeping::remarks(&left, &identity, zone) {
            whole.notice(remark);
        }
    }
    if !follow {
        whole.waits(ready);
    }
    let signal = stopped.into_iter().flatten().next();
    whole.finish(signal, true, false, started)
}

/// Waits for an instant, or for ever.
async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Waits for all of them.
async fn together<T>(works: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut works: Vec<_> = works.map(|work| (Box::pin(work), None)).collect();
    std::future::poll_fn(|context| {
        for (work, ended) in works.iter_mut().filter(|(_, ended)| ended.is_none()) {
            if let Poll::Ready(end) = work.as_mut().poll(context) {
                *ended = Some(end);
            }
        }
        if works.iter().all(|(_, ended)| ended.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    works.into_iter().filter_map(|(_, ended)| ended).collect()
}

/// No more records at once than connections can be open. A spool that cannot open its files could
/// not note what was delivered.
fn within_reach(options: Options, lanes: usize, say: &mut dyn FnMut(String)) -> Options {
    let lanes = lanes.max(1);
    let room = host::room_for(options.jobs * lanes + SPARE_FILES);
    let jobs = (room.saturating_sub(SPARE_FILES) / lanes).clamp(1, options.jobs);
    if jobs < options.jobs {
        say(format!(
            "{jobs} instead of {} records are sent at once: this process may open {room} more \
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
