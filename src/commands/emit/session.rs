//! One run of sending: what the reading tells and what the dispatcher tells become results,
//! totals and an exit code.

use crate::commands::emit::gate::{Gate, Strictness};
use crate::commands::emit::intake::{self, Input, News};
use crate::commands::emit::{Event, Receipt, Remedies, Trouble, keeping, no_record};
use crate::failure::{Exit, Failure};
use crate::host::{self, Host, Interrupt, Output, Signal};
use crate::link::event_log::EventLogs;
use crate::link::variables::PROXY_LOGIN;
use crate::model::delivery::{Delivery, Problem, Status, Totals, in_words};
use crate::model::timestamp::Zone;
use crate::spool::dispatch::{Clock, Dispatcher, Options, Outcome, Reason};
use crate::spool::identity::Identity;
use crate::spool::{self, Spool};
use std::cell::RefCell;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

/// How long records that are under way may take after the user asked to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Files that are left for everything but connections: the spool, the input, certificates.
const SPARE_FILES: usize = 16;

/// How long after a result those that ended alike are shown together for the first time, and at
/// the most seldom.
const SO_FAR: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(300);

/// News that may wait to be told.
const UNTOLD: usize = 64;

/// What a run is about.
pub(in crate::commands) struct Work {
    pub spool: Arc<dyn Spool>,
    pub input: Input,
    pub strictness: Strictness,
    pub receipts: bool,
    pub allow_empty: bool,
}

/// A run under way.
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub(in crate::commands) struct Session<'a> {
    tell: &'a mut dyn FnMut(Event<'_>),
    rejected: Option<Output>,
    fail_fast: bool,
    totals: Totals,
    /// How each record that was not delivered would end the run on its own.
    ends: Vec<Exit>,
    /// Records that were accepted and are still to be reported.
    open: u64,
    failure: Option<Failure>,
    /// Where records go, as it may be shown.
    address: String,
    remedies: Remedies,
    /// What the user has to check before anything gets through.
    checks: Vec<String>,
    /// When results that are alike are shown together next, and how long after the last time.
    so_far: Option<tokio::time::Instant>,
    period: Duration,
    /// Something was told and may still stand in a buffer.
    untold: bool,
    /// A receipt is told for every record that is safe.
    receipts: bool,
    /// There is no end but the user's.
    follow: bool,
    /// A record that is durable has ended: another process sends it.
    queue: bool,
    /// It was reported that records are kept beside the spool's database.
    strayed: bool,
    /// Records that the server rejected, those of earlier runs among them.
    dead: u64,
}

impl<'a> Session<'a> {
    pub fn new(
        rejected: Option<Output>,
        fail_fast: bool,
        remedies: Remedies,
        tell: &'a mut dyn FnMut(Event<'_>),
    ) -> Session<'a> {
        Session {
            tell,
            rejected,
            fail_fast,
            totals: Totals {
                summary: true,
                ..Totals::default()
            },
            ends: Vec::new(),
            open: 0,
            failure: None,
            address: String::new(),
            remedies,
            checks: Vec::new(),
            so_far: None,
            period: SO_FAR,
            untold: false,
            receipts: false,
            follow: false,
            queue: false,
            strayed: false,
            dead: 0,
        }
    }

    /// Reads, sends and tells until everything has its verdict.
    pub fn run(
        mut self,
        work: Work,
        logs: EventLogs,
        options: Options,
        host: &Host,
    ) -> Result<Exit, Failure> {
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let news = self.read(work)?;
        self.send(spool, logs, options, news, allow_empty, host)
    }

    /// Reads and tells until every record is durable; sends nothing.
    pub fn queue(mut self, work: Work, host: &Host) -> Result<Exit, Failure> {
        self.queue = true;
        let started = Instant::now();
        let (spool, allow_empty) = (Arc::clone(&work.spool), work.allow_empty);
        let interrupt = host.interrupt()?;
        let news = self.read(work)?;
        let signal = host::block_on(self.accept(spool, news, interrupt))?;
        self.finish(signal, allow_empty, started)
    }

    /// Starts the reading.
    fn read(&mut self, work: Work) -> Result<Receiver<News>, Failure> {
        self.receipts = work.receipts;
        let (sender, news) = channel(UNTOLD);
        let limit = work.strictness.policy.max_record;
        let gate = Gate::new(work.strictness);
        intake::start(work.input, gate, limit, work.spool, sender)?;
        Ok(news)
    }

    async fn accept(
        &mut self,
        spool: Arc<dyn Spool>,
        mut news: Receiver<News>,
        mut interrupt: Interrupt,
    ) -> Option<Signal> {
        let mut signal = None;
        while signal.is_none() && (!self.fail_fast || self.ends.is_empty()) {
            if std::mem::take(&mut self.untold) {
                (self.tell)(Event::Waiting);
            }
            let so_far = self.so_far;
            tokio::select! {
                biased;
                caught = interrupt.wait() => signal = Some(caught),
                () = until(so_far) => self.show_so_far(),
                heard = news.recv() => match heard {
                    Some(heard) => {
                        self.hear(heard);
                        self.tell_strayed(spool.as_ref());
                    }
                    None => return None,
                },
            }
        }
        // Nothing more is taken; what was taken by now is told.
        if let Err(error) = spool.close(&mut |_| {}) {
            self.failure.get_or_insert(storage(error));
        }
        while let Ok(heard) = news.try_recv() {
            self.hear(heard);
        }
        self.tell_strayed(spool.as_ref());
        signal
    }

    /// Warns, once, that records go where nobody sends them from as they are.
    fn tell_strayed(&mut self, spool: &dyn Spool) {
        let strayed = spool.strayed();
        let why = strayed.first().and_then(|entry| entry.problem.as_ref());
        if let Some(why) = why.filter(|_| !std::mem::replace(&mut self.strayed, true)) {
            let drain = self.remedies.drain();
            (self.tell)(Event::Notice(format!(
                "warning: {}; the records are durable, and '{drain}' takes them up from there; \
                 'hivelog spool verify' shows whether the database is intact",
                why.title
            )));
        }
    }

    fn send(
        mut self,
        spool: Arc<dyn Spool>,
        logs: EventLogs,
        options: Options,
        news: Receiver<News>,
        allow_empty: bool,
        host: &Host,
    ) -> Result<Exit, Failure> {
        let started = Instant::now();
        self.address = logs.shown();
        let interrupt = host.interrupt()?;
        let options = within_reach(options, 1, self.tell);
        let clock = Clock::starting_at(host.now().millis());
        let dispatcher = Dispatcher::new(Arc::clone(&spool), Arc::new(logs), options, clock);
        let stays = spool.is_durable();
        let stopped = host::block_on(self.work(dispatcher, spool, news, interrupt))?;
        if stays && self.dead > 0 {
            let notice = keeping::rejected(self.dead, &self.address);
            (self.tell)(Event::Notice(notice));
        }
        self.finish(stopped?, allow_empty, started)
    }

    /// Tells the last word and how the run ends.
    fn finish(
        mut self,
        signal: Option<Signal>,
        allow_empty: bool,
        started: Instant,
    ) -> Result<Exit, Failure> {
        self.totals.seconds = rounded(started.elapsed());
        let exit = self.end(signal, allow_empty);
        (self.tell)(Event::Summary(&self.totals));
        for check in std::mem::take(&mut self.checks) {
            (self.tell)(Event::Step(check));
        }
        let they_are = match self.totals.kept {
            0 => return exit,
            1 => "it is in the spool; send it",
            _ => "they are in the spool; send them",
        };
        let drain = self.remedies.drain();
        (self.tell)(Event::Step(format!("{they_are} with: {drain}")));
        exit
    }

    /// Takes over what another session of the same run has come to.
    fn absorb(&mut self, other: Session<'_>) {
        self.totals.absorb(&other.totals);
        for check in other.checks {
            self.check(check);
        }
        self.open += other.open;
        for end in other.ends {
            self.end_with(end);
        }
        self.failure = self.failure.take().or(other.failure);
    }

    /// Counts as kept whatever still waits, reported or not.
    fn waits(&mut self, ready: u64) {
        let reported = self.totals.kept;
        if ready > 0 && reported == 0 {
            self.end_with(Exit::Undelivered);
        }
        self.totals.kept = ready.max(reported);
        self.totals.records += self.totals.kept - reported;
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

    /// Remembers what the user has to check.
    fn check(&mut self, check: String) {
        if !self.checks.contains(&check) {
            self.checks.push(check);
        }
    }

    /// Shows what has become of records that ended alike.
    fn show_so_far(&mut self) {
        self.so_far = None;
        self.period = (self.period * 2).min(SELDOM);
        self.untold = true;
        (self.tell)(Event::SoFar);
    }

    async fn work(
        &mut self,
        mut dispatcher: Dispatcher,
        spool: Arc<dyn Spool>,
        mut news: Receiver<News>,
        mut interrupt: Interrupt,
    ) -> Result<Option<Signal>, Failure> {
        let mut signal = None;
        let mut reading = true;
        let mut deadline = None;
        let mut broken = false;
        loop {
            if deadline.is_none() && self.fail_fast && !self.ends.is_empty() {
                dispatcher.stop();
                reading = false;
                deadline = Some(tokio::time::Instant::now() + GRACE);
            }
            // A forwarder ends only where nothing can get through before a person acts.
            let hopeless = if self.follow {
                dispatcher.is_held()
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
                dispatcher.stop();
                deadline = Some(tokio::time::Instant::now() + GRACE);
            }
            if std::mem::take(&mut self.untold) {
                (self.tell)(Event::Waiting);
            }
            // With all input read, the end is in sight.
            let so_far = self.so_far.filter(|_| reading || self.follow);
            tokio::select! {
                biased;
                caught = interrupt.wait(), if signal.is_none() => {
                    signal = Some(caught);
                    dispatcher.stop();
                    reading = false;
                    deadline = Some(tokio::time::Instant::now() + GRACE);
                    self.stopping(dispatcher.in_flight());
                }
                () = until(deadline), if deadline.is_some() => break,
                () = until(so_far), if so_far.is_some() => self.show_so_far(),
                heard = news.recv(), if reading => if let Some(heard) = heard {
                    if matches!(heard, News::Accepted(_)) {
                        dispatcher.accepted();
                    }
                    self.hear(heard);
                } else {
                    reading = false;
                    self.read_to_the_end();
                },
                outcomes = dispatcher.next(), if !broken => match outcomes {
                    Ok(outcomes) => outcomes.into_iter().for_each(|outcome| self.ended(outcome)),
                    Err(error) => {
                        // A delivery that cannot be noted is the last; accepting goes on.
                        self.failure.get_or_insert(storage(error));
                        dispatcher.stop();
                        broken = true;
                    }
                },
                () = spool.news().notified(), if broken => {
                    dispatcher.strayed().into_iter().for_each(|outcome| self.ended(outcome));
                }
            }
        }
        self.dead = dispatcher.rejected;
        let interrupted = signal.is_some() || self.fail_fast && !self.ends.is_empty();
        if let Err(error) = dispatcher.abandon(interrupted, &mut |outcome| self.ended(outcome)) {
            self.failure.get_or_insert(storage(error));
        }
        Ok(signal)
    }

    /// Says what the end still waits for.
    fn stopping(&mut self, under_way: usize) {
        if under_way > 0 {
            let records = if under_way == 1 { "record" } else { "records" };
            (self.tell)(Event::Notice(format!(
                "stopping: {under_way} {records} under way may take {} s more; a second signal \
                 ends at once",
                GRACE.as_secs()
            )));
        }
    }

    /// Nothing more is read, so it is known how many results there will be.
    fn read_to_the_end(&mut self) {
        let total = self.totals.records + self.open;
        if total > 0 {
            (self.tell)(Event::Total(total));
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Turned(turned) => {
                if turned.bytes.is_empty() && self.rejected.is_some() {
                    let Delivery { source, line, .. } = &turned.delivery;
                    let text =
                        format!("{source}:{line}: not copied to --rejected: too large to be held");
                    (self.tell)(Event::Notice(text));
                } else {
                    self.reject(&turned.bytes);
                }
                self.result(&turned.delivery, Some(Exit::Refused), false);
            }
            News::Accepted(accepted) => {
                if self.receipts {
                    self.untold = true;
                    for receipt in &accepted {
                        self.receipt(receipt);
                    }
                }
                if self.queue {
                    for receipt in accepted {
                        self.queued(receipt);
                    }
                } else {
                    self.open += accepted.len() as u64;
                }
            }
            News::Failed(failure) => self.failure = Some(failure),
        }
    }

    fn receipt(&mut self, receipt: &spool::Receipt) {
        (self.tell)(Event::Accepted(&Receipt {
            status: "accepted",
            record: receipt.number,
            line: receipt.line,
            id: receipt.id.to_string(),
            source: receipt.source.to_string(),
        }));
    }

    /// A record is durable, and that is all that is wanted.
    fn queued(&mut self, receipt: spool::Receipt) {
        let delivery = Delivery {
            source: receipt.source.to_string(),
            record: receipt.number,
            line: receipt.line,
            status: Status::Kept,
            http: None,
            attempts: 0,
            ms: None,
            id: Some(receipt.id.to_string()),
            event_code: receipt.event_code,
            correlation_id: receipt.correlation_id,
            error: None,
            findings: Vec::new(),
        };
        self.result(&delivery, None, false);
    }

    fn ended(&mut self, outcome: Outcome) {
        let Outcome {
            entry,
            status,
            reason,
            answered,
            ms,
        } = outcome;
        self.open = self.open.saturating_sub(1);
        if status == Status::Refused {
            self.reject(&entry.record.body);
        }
        self.totals.maybe_duplicate += u64::from(entry.maybe_duplicate);
        let error = match (entry.problem, status) {
            (_, Status::Delivered) => None,
            (None, _) if reason == Reason::Stopped => Some(Problem {
                title: "not sent: the run was stopped before its turn".to_owned(),
                ..Problem::default()
            }),
            (problem, _) => problem,
        };
        let delivery = Delivery {
            source: entry.record.source.to_string(),
            record: entry.record.number,
            line: entry.record.line,
            status,
            http: entry.http,
            attempts: entry.attempts,
            ms,
            id: Some(entry.id.to_string()),
            event_code: entry.record.event_code,
            correlation_id: entry.record.correlation_id,
            error,
            findings: Vec::new(),
        };
        self.result(&delivery, exit_of(reason), answered);
    }

    fn result(&mut self, delivery: &Delivery, end: Option<Exit>, answered: bool) {
        self.totals.count(delivery.status);
        if let Some(end) = end
            && self.end_with(end)
        {
            self.trouble(delivery, end, answered);
        }
        self.untold = true;
        let soon = tokio::time::Instant::now() + self.period;
        self.so_far.get_or_insert(soon);
        (self.tell)(Event::Result(delivery));
    }

    /// Tells what keeps a record from getting through, in one line: status, address, what to check.
    fn trouble(&mut self, delivery: &Delivery, end: Exit, answered: bool) {
        let Some(problem) = &delivery.error else {
            return;
        };
        let check = match end {
            Exit::Unauthorised if answered && delivery.http != Some(407) => {
                Some(self.remedies.check_key())
            }
            Exit::Unauthorised => Some(PROXY_LOGIN.to_owned()),
            Exit::Usage if answered => Some(self.remedies.check_address()),
            Exit::Usage => Some(
                "check the address (--url), SSL_CERT_FILE and the variables of the proxy"
                    .to_owned(),
            ),
            _ => None,
        };
        let next = match (&check, end) {
            (Some(check), _) => check.clone(),
            (None, Exit::Undelivered) if delivery.status == Status::Kept => {
                format!("it is kept: '{}' tries again", self.remedies.drain())
            }
            (None, Exit::Undelivered) => "trying again later may help".to_owned(),
            (None, _) => return,
        };
        let mut what = in_words(delivery.http, problem);
        if !what.contains(&self.address) {
            what = format!("{}: {what}", self.address);
        }
        (self.tell)(Event::Trouble(&Trouble { end, what, next }));
        if let Some(check) = check {
            self.check(check);
        }
    }

    /// Copies a refused record; a copy that fails is told at the end and does not end the work.
    fn reject(&mut self, bytes: &[u8]) {
        if let Some(output) = &mut self.rejected {
            let written = output.write(bytes).and_then(|()| output.write(b"\n"));
            if let Err(failure) = written {
                self.failure.get_or_insert(failure);
            }
        }
    }

    fn end(&mut self, signal: Option<Signal>, allow_empty: bool) -> Result<Exit, Failure> {
        if let Some(output) = &mut self.rejected
            && let Err(failure) = output.flush()
        {
            self.failure.get_or_insert(failure);
        }
        if self.open > 0 && self.failure.is_none() {
            // Only rows that somebody else has removed by other means than ours.
            self.failure = Some(Failure::input(format!(
                "{} accepted records are no longer in the spool and were not sent",
                self.open
            )));
        }
        if let Some(mut failure) = self.failure.take() {
            if self.queue && self.totals.kept > 0 {
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
        let done = if self.queue {
            totals.kept
        } else {
            totals.delivered
        };
        Ok(match self.ends.as_slice() {
            [] if done == totals.records => Exit::Yes,
            [one] if done == 0 => *one,
            // Left to another process, which has sent none of it so far.
            [] if done == 0 => Exit::Undelivered,
            _ => Exit::Mixed,
        })
    }
}

/// One destination of a run that sends what is kept.
pub(in crate::commands) struct Lane {
    pub spool: Arc<dyn Spool>,
    pub identity: Identity,
    pub remedies: Remedies,
    pub logs: EventLogs,
}

/// Sends what is kept for each destination, and with `follow` what comes for it, until told to
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
    let options = within_reach(options, lanes.len(), tell);
    let clock = Clock::starting_at(host.now().millis());
    let spools: Vec<_> = lanes
        .iter()
        .map(|lane| (Arc::clone(&lane.spool), lane.identity.clone()))
        .collect();
    let tell = RefCell::new(tell);
    let teller = |_: &Lane| |event: Event<'_>| (tell.borrow_mut())(event);
    let mut tellers: Vec<_> = lanes.iter().map(teller).collect();
    let mut sessions: Vec<Session<'_>> = tellers
        .iter_mut()
        .zip(&lanes)
        .map(|(tell, lane)| Session {
            follow,
            address: lane.logs.shown(),
            ..Session::new(None, false, lane.remedies.clone(), tell)
        })
        .collect();
    let works = sessions.iter_mut().zip(lanes).map(|(session, lane)| {
        let logs = Arc::new(lane.logs);
        let dispatcher = Dispatcher::new(Arc::clone(&lane.spool), logs, options, clock);
        // Nothing is read: the channel is closed from the start.
        let (_, news) = channel(1);
        session.work(dispatcher, lane.spool, news, interrupt.clone())
    });
    let stopped = host::block_on(together(works))?;
    let mut last_word = |event: Event<'_>| (tell.borrow_mut())(event);
    let mut whole = Session::new(None, false, remedies, &mut last_word);
    for one in sessions {
        whole.absorb(one);
    }
    let mut ready = 0;
    for (spool, identity) in spools {
        let left = spool.leftover();
        ready += left.ready;
        for remark in keeping::remarks(&left, &identity, zone) {
            (whole.tell)(Event::Notice(remark));
        }
    }
    if !follow {
        whole.waits(ready);
    }
    let mut signal = None;
    for stopped in stopped {
        signal = signal.or(stopped?);
    }
    whole.finish(signal, true, started)
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

/// No more records at once than connections can be open. A spool that cannot open its files could
/// not note what was delivered.
fn within_reach(options: Options, lanes: usize, tell: &mut dyn FnMut(Event<'_>)) -> Options {
    let lanes = lanes.max(1);
    let room = host::room_for(options.jobs * lanes + SPARE_FILES);
    let jobs = (room.saturating_sub(SPARE_FILES) / lanes).clamp(1, options.jobs);
    if jobs < options.jobs {
        tell(Event::Notice(format!(
            "{jobs} instead of {} records are sent at once: this process may open {room} more \
             files (raise 'ulimit -n')",
            options.jobs
        )));
    }
    Options { jobs, ..options }
}

fn storage(error: spool::Error) -> Failure {
    Failure::input(error)
}

/// Seconds with three decimals.
fn rounded(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
