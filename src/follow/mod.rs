//! The brain of `tail`: what to do next about one source, decided without touching it.
//!
//! The driver asks [`Follow::next`] what to do, does it, and reports what came of it. Time is an
//! argument, so every course of events can be tested without waiting for it.

mod arrival;
mod content;
mod login;
pub mod notice;
mod own;
pub mod pause;
mod pulse;
pub mod refusal;
pub mod seen;
pub mod token;
pub mod verdict;

use crate::follow::notice::Notice;
use crate::model::timestamp::Timestamp;
use content::Contents;
use own::Own;
use pause::Pause;
use pulse::Pulse;
pub use refusal::{End, Refusal};
use seen::Seen;
use std::time::Duration;
use token::Life;

/// A point in time, on both clocks: the run's own, which never steps, and the wall's.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Since the run began.
    pub run: Duration,
    /// What the clock on the wall says.
    pub wall: Timestamp,
}

/// How a source is to be followed.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct Policy {
    /// How many failed connections in a row are too many; none for no bound.
    pub reconnects: Option<u32>,
    /// Whether even the first connection may fail and be tried again.
    pub patient: bool,
    /// Whether a stream that ends is opened again.
    pub follow: bool,
    /// Whether requests need a token that a login gives.
    pub login: bool,
    /// Whether the id of the latest event is the position.
    pub by_id: bool,
}

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Log in, then [`Follow::token`] or [`Follow::login_failed`].
    Login,
    /// Renew the token, then [`Follow::token`] or [`Follow::renewal_failed`].
    Renew,
    /// Connect, from this position on, then [`Follow::opened`] or [`Follow::refused`].
    Connect(Option<String>),
    /// Wait until then.
    Wait(Duration),
    /// Read, until then at the longest.
    Read(Option<Duration>),
    /// It is over.
    Stop(End),
}

/// What a later run needs to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The position.
    pub position: Option<String>,
    /// When it was kept.
    pub at: Timestamp,
    /// The latest ids.
    pub ids: Vec<u128>,
}

#[derive(Debug)]
enum State {
    /// To be connected, not before the time given.
    Apart(Duration),
    /// Connected since then.
    Open(Duration),
    Over(End),
}

/// A break that has not been reported, because its end is not known.
#[derive(Debug)]
struct Break {
    from: Timestamp,
    reason: String,
    recoverable: bool,
}

/// One source being followed.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the states they tell apart are independent"
)]
pub struct Follow {
    policy: Policy,
    state: State,
    position: Option<String>,
    seen: Seen,
    contents: Contents,
    pause: Pause,
    failures: u32,
    life: Option<Life>,
    has_token: bool,
    /// When the token that is to come was asked for.
    asked: Option<Moment>,
    refused_logins: u32,
    ever_open: bool,
    shutting_down: bool,
    last_heard: Option<Timestamp>,
    broken: Option<Break>,
    dropped: u64,
    /// How many events came under the id of another one.
    conflicts: u64,
    /// The time of the latest event, when its id is the position.
    latest: Option<Timestamp>,
    /// Position and time before the page that is coming, which counts only once it is whole.
    before_page: Option<(Option<String>, Option<Timestamp>)>,
    /// How many events of the page that is coming have an id.
    page_ids: usize,
    notices: Vec<Notice>,
    own: Own,
    pulse: Pulse,
    heard: Duration,
    moved: bool,
}

impl Follow {
    /// Begins; `seed` makes the jitter.
    pub fn new(policy: Policy, seed: u64) -> Follow {
        Follow {
            policy,
            state: State::Apart(Duration::ZERO),
            position: None,
            seen: Seen::new(Seen::WINDOW),
            contents: Contents::new(),
            pause: Pause::new(seed),
            failures: 0,
            life: None,
            has_token: !policy.login,
            asked: None,
            refused_logins: 0,
            ever_open: false,
            shutting_down: false,
            last_heard: None,
            broken: None,
            dropped: 0,
            conflicts: 0,
            latest: None,
            before_page: None,
            page_ids: 0,
            notices: Vec::new(),
            own: Own::default(),
            pulse: Pulse::default(),
            heard: Duration::ZERO,
            moved: false,
        }
    }

    /// Goes on where an earlier run has ended.
    pub fn resume(&mut self, kept: Kept) {
        self.position = kept
            .position
            .filter(|position| arrival::can_be_sent(position));
        for key in kept.ids {
            self.seen.insert_key(key);
        }
        self.broken = Some(Break {
            from: kept.at,
            reason: "hivelog was not running".to_owned(),
            recoverable: true,
        });
    }

    /// What a later run needs to go on from here.
    pub fn kept(&mut self, now: Moment) -> Kept {
        self.moved = false;
        Kept {
            position: self.position().map(str::to_owned),
            at: now.wall,
            // The usual number at most: a window that a long page has enlarged would make a file of
            // many megabytes, written every second.
            ids: self.seen.latest(Seen::WINDOW).collect(),
        }
    }

    /// Whether there is more to keep than was kept last.
    pub fn has_moved(&self) -> bool {
        self.moved
    }

    /// Leaves out the events that our own logins under this name cause.
    pub fn hide_logins_of(&mut self, username: &str) {
        self.own.username = Some(username.to_owned());
    }

    /// What to do now.
    pub fn next(&mut self, now: Moment) -> Do {
        match &self.state {
            State::Over(end) => Do::Stop(end.clone()),
            State::Apart(until) if now.run < *until => Do::Wait(*until),
            State::Apart(_) if !self.has_token => self.ask(Do::Login, now),
            State::Apart(_) if self.renewal_is_due(now) => self.ask(Do::Renew, now),
            State::Apart(_) => Do::Connect(self.position.clone()),
            State::Open(_) if self.has_token && self.renewal_is_due(now) => {
                self.ask(Do::Renew, now)
            }
            State::Open(_) => {
                let silent = self.pulse.silence().map(|silence| self.heard + silence);
                if silent.is_some_and(|limit| now.run >= limit) {
                    self.closed("the server's heartbeat has stopped", now);
                    return self.next(now);
                }
                let renewal = self.life.map(|life| life.renew_at);
                Do::Read([silent, renewal].into_iter().flatten().min())
            }
        }
    }

    /// What there is to tell since the last time.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The position to go on from.
    pub fn position(&self) -> Option<&str> {
        let before = self.before_page.as_ref().map(|(position, _)| position);
        before.unwrap_or(&self.position).as_deref()
    }

    /// A connection stands. `resumed` says whether it was asked to go on from the position.
    pub fn opened(&mut self, to: &str, resumed: bool, now: Moment) {
        self.state = State::Open(now.run);
        self.heard = now.run;
        self.pulse = Pulse::default();
        self.ever_open = true;
        // A server that refuses what it issued never gets here, so the count still has an end.
        self.refused_logins = 0;
        self.shutting_down = false;
        self.last_heard = Some(now.wall);
        if let Some(gap) = self.broken.take() {
            self.notices.push(Notice::Gap {
                from: gap.from,
                to: now.wall,
                recovered: resumed && gap.recoverable,
                reason: gap.reason,
            });
        }
        self.notices.push(Notice::Connected {
            to: to.to_owned(),
            at: now.wall,
            resumed,
        });
    }

    /// The server wants to be left alone for a while before each connection.
    pub fn wish(&mut self, time: Duration) {
        self.pause.wish(time);
    }

    /// The connection has ended, and why.
    pub fn closed(&mut self, reason: &str, now: Moment) {
        if let Some((position, latest)) = self.before_page.take() {
            (self.position, self.latest) = (position, latest);
        }
        if !self.policy.follow {
            self.state = State::Over(End::Finished);
            return;
        }
        if let State::Open(since) = self.state
            && now.run >= since + pause::HEALTHY
        {
            self.pause.reset();
        }
        self.fail(reason, None, now);
    }

    /// The run is over: a break that has not ended until now may have cost events.
    pub fn abandon(&mut self, now: Moment) {
        if self.ever_open
            && let Some(gap) = self.broken.take()
        {
            self.notices.push(Notice::Gap {
                from: gap.from,
                to: now.wall,
                recovered: false,
                reason: gap.reason,
            });
        }
    }

    /// Nothing more will come.
    pub fn finish(&mut self) {
        self.state = State::Over(End::Finished);
    }

    /// A connection could not be had.
    pub fn refused(&mut self, refusal: Refusal, now: Moment) {
        let end = match refusal {
            Refusal::NoMore => {
                // The server was heard again, and it has nothing that was missed.
                self.broken = None;
                End::Finished
            }
            Refusal::Misplaced(reason) => End::Misplaced(reason),
            Refusal::ProxyLogin(reason) => End::ProxyLogin(reason),
            Refusal::Refused(reason) => End::Refused(reason),
            Refusal::Unauthorised(reason) if self.policy.login => {
                // A token that was good has expired, or was never good: log in anew, but count
                // it, or a server that refuses what it issued would see no end.
                self.has_token = false;
                self.life = None;
                return self.refused_credentials(reason, Duration::from_secs(1), now);
            }
            Refusal::Unauthorised(reason) => End::Unauthorised(reason),
            Refusal::Cursor(reason) => {
                (self.position, self.latest) = (None, None);
                let from = self.last_heard.unwrap_or(now.wall);
                self.broken = Some(Break {
                    from: self.broken.take().map_or(from, |gap| gap.from),
                    reason,
                    recoverable: false,
                });
                self.state = State::Apart(now.run);
                return;
            }
            Refusal::Again(reason, least) => return self.fail(&reason, least, now),
        };
        self.state = State::Over(end);
    }

    fn fail(&mut self, reason: &str, least: Option<Duration>, now: Moment) {
        if self.ever_open {
            self.broken.get_or_insert_with(|| Break {
                from: self.last_heard.unwrap_or(now.wall),
                reason: reason.to_owned(),
                recoverable: true,
            });
        }
        self.failures += 1;
        let too_many = self
            .policy
            .reconnects
            .is_some_and(|most| self.failures > most);
        if too_many || (!self.ever_open && !self.policy.patient) {
            self.state = State::Over(End::Exhausted(reason.to_owned()));
            return;
        }
        let mut wait = self.pause.after_failure().max(least.unwrap_or_default());
        if self.shutting_down {
            let (least, most) = (Duration::from_secs(1), Duration::from_secs(5));
            wait = wait.max(self.pause.between(least, most));
        }
        self.state = State::Apart(now.run + wait);
    }
}

#[cfg(test)]
mod tests;
