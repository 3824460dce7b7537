//! The brain of `tail`: what to do next about one source, decided without touching it.
//!
//! The driver asks [`Follow::next`] what to do, does it, and reports what came of it. Time is an
//! argument, so every course of events can be tested without waiting for it.

mod backlog;
mod continuity;
mod dedup;
mod digest;
mod heartbeat;
mod login;
pub mod notice;
mod own_logins;
mod position;
mod reconnect_delay;
pub mod refusal;
mod seen_ids;
pub mod token;
pub mod verdict;

use crate::follow::notice::Notice;
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use backlog::InitialBacklog;
use continuity::Continuity;
use dedup::Dedup;
pub use dedup::{EventIdentity, Unrecognised};
use heartbeat::Heartbeat;
use login::Login;
use position::Position;
use reconnect_delay::ReconnectDelay;
pub use refusal::{Refusal, StreamEnd};
use seen_ids::SeenIds;
use std::time::Duration;

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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct FollowPolicy {
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
pub enum Action {
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
    Stop(StreamEnd),
}

/// What a later run needs to continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeState {
    /// The position.
    pub position: Option<String>,
    /// When it was saved.
    pub at: Timestamp,
    /// The latest ids.
    pub ids: Vec<u128>,
}

#[derive(Debug)]
enum FollowState {
    /// To be connected, not before the time given.
    Disconnected(Duration),
    /// Connected since then.
    Open(Duration),
    Over(StreamEnd),
}

/// One source being followed.
#[derive(Debug)]
pub struct Follow {
    policy: FollowPolicy,
    state: FollowState,
    /// Whether there has ever been a connection.
    ever_open: bool,
    /// How many connections have failed in a row.
    failures: u32,
    delay: ReconnectDelay,
    login: Login,
    heartbeat: Heartbeat,
    /// What an open stream had to bring, for a run that ends behind it.
    backlog: Option<InitialBacklog>,
    continuity: Continuity,
    position: Position,
    dedup: Dedup,
    /// Whether the page that is coming has brought something new.
    news: bool,
    notices: Vec<Notice>,
}

impl Follow {
    /// How many ids are remembered for the next run at most.
    pub const MOST_IDS: u32 = SeenIds::MOST;

    /// Begins; `seed` makes the jitter.
    pub fn new(policy: FollowPolicy, seed: u64) -> Follow {
        Follow {
            policy,
            state: FollowState::Disconnected(Duration::ZERO),
            ever_open: false,
            failures: 0,
            delay: ReconnectDelay::new(seed),
            login: Login::new(policy.login),
            heartbeat: Heartbeat::new(Duration::ZERO),
            backlog: None,
            continuity: Continuity::default(),
            position: Position::default(),
            dedup: Dedup::new(),
            news: false,
            notices: Vec::new(),
        }
    }

    /// Continues where an earlier run has ended.
    pub fn resume(&mut self, state: ResumeState) {
        self.position.resume(state.position);
        self.dedup.resume(state.ids);
        self.continuity.resume(state.at);
    }

    /// All of the input comes again the next time, as that of a file does.
    pub fn comes_again(&mut self) {
        self.dedup.comes_again();
    }

    /// What a later run needs to continue from here.
    pub fn resume_state(&mut self, now: Moment) -> ResumeState {
        self.position.moved = false;
        ResumeState {
            position: self.position().map(str::to_owned),
            at: now.wall,
            ids: self.dedup.latest_ids(),
        }
    }

    /// Whether there is something to save since the last time.
    pub fn has_moved(&self) -> bool {
        self.position.moved
    }

    /// Leaves out the events that our own logins under this name cause.
    pub fn hide_logins_of(&mut self, username: &str) {
        self.login.own.hide(username);
    }

    /// What to do now.
    pub fn next(&mut self, now: Moment) -> Action {
        match &self.state {
            FollowState::Over(end) => return Action::Stop(end.clone()),
            FollowState::Disconnected(until) if now.run < *until => return Action::Wait(*until),
            FollowState::Disconnected(_) | FollowState::Open(_) => {}
        }
        let is_open = matches!(self.state, FollowState::Open(_));
        if let Some(action) = self.login.due(is_open, now) {
            return action;
        }
        if !is_open {
            return Action::Connect(self.position.requested().cloned());
        }
        let dead_at = self.heartbeat.dead_at();
        if dead_at.is_some_and(|dead_at| now.run >= dead_at) {
            self.closed("the server's heartbeat has stopped", now);
            return self.next(now);
        }
        let ends_at = self.backlog.as_ref().map(InitialBacklog::ends_at);
        if ends_at.is_some_and(|ends_at| now.run >= ends_at) {
            self.state = FollowState::Over(StreamEnd::CaughtUp);
            return self.next(now);
        }
        let renewal = self.login.life.map(|life| life.renew_at);
        Action::Read([dead_at, renewal, ends_at].into_iter().flatten().min())
    }

    /// Whether there is something to report.
    pub fn has_notices(&self) -> bool {
        !self.notices.is_empty()
    }

    /// What there is to report since the last time.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The position to continue from.
    pub fn position(&self) -> Option<&str> {
        self.position.safe()
    }

    /// A connection stands. `resumed` says whether it was asked to go on from the position.
    pub fn opened(&mut self, to: &str, resumed: bool, now: Moment) {
        self.state = FollowState::Open(now.run);
        self.heartbeat = Heartbeat::new(now.run);
        self.ever_open = true;
        self.login.accepted();
        self.delay.shutting_down = false;
        self.continuity.heard(now);
        self.notices.extend(self.continuity.gap(resumed, now));
        self.notices.push(Notice::Connected {
            to: to.to_owned(),
            at: now.wall,
            resumed,
        });
    }

    /// The connection is one that the server keeps open whether or not there is something to say.
    pub fn stays_open(&mut self, now: Moment) {
        if !self.policy.follow {
            self.backlog = Some(InitialBacklog::new(now.run, now.wall));
        }
    }

    /// The server asks for so much time before each connection.
    pub fn request_delay(&mut self, time: Duration) {
        self.delay.request(time);
    }

    /// Something has come over the connection.
    pub fn heard(&mut self, now: Moment) {
        self.failures = 0;
        self.heartbeat.heard(now.run);
        self.continuity.heard(now);
        if let Some(backlog) = &mut self.backlog {
            backlog.heard(now.run);
        }
        self.reset_delay_if_healthy(now);
    }

    fn reset_delay_if_healthy(&mut self, now: Moment) {
        if let FollowState::Open(since) = self.state
            && now.run >= since + reconnect_delay::HEALTHY
        {
            self.delay.reset();
        }
    }

    /// The server shows that it lives, although there is nothing to say.
    pub fn beat(&mut self, now: Moment) {
        self.heartbeat.beat(now.run);
    }

    /// The server names the position after what it has sent; false when it is one that cannot be
    /// sent back, so that none is known.
    pub fn moved(&mut self, position: &str) -> bool {
        if matches!(self.state, FollowState::Over(StreamEnd::CaughtUp)) {
            return true;
        }
        self.position.named(position)
    }

    /// An event has come; false when it is not to be shown: a repeat, or our own doing.
    pub fn event(&mut self, event: &Event<'_>) -> bool {
        self.failures = 0;
        self.login.accepted();
        let backlog = self.backlog.as_mut();
        if backlog.is_some_and(|backlog| backlog.is_behind(event)) {
            self.state = FollowState::Over(StreamEnd::CaughtUp);
        }
        if matches!(self.state, FollowState::Over(StreamEnd::CaughtUp)) {
            return false;
        }
        if self.policy.by_id {
            // A repeat counts too: a page of nothing else would be asked for again without end.
            self.position.follow(event);
        }
        let in_page = self.position.is_in_page();
        if !self.dedup.takes(event, in_page, &mut self.notices) {
            return false;
        }
        self.position.moved = true;
        self.news = true;
        if self.login.own.takes(event) {
            return false;
        }
        self.delay.shutting_down = event.event_type == "server.shutdown";
        self.report_dropped();
        true
    }

    /// Notes an event of a source without connections, as [`Follow::event`] does, unless it has come
    /// before.
    pub fn is_new(&mut self, identity: Option<EventIdentity>) -> bool {
        if !self.dedup.is_new(identity) {
            return false;
        }
        self.position.moved = true;
        self.report_dropped();
        true
    }

    /// Which events the next run takes for new, where all of the input comes again.
    pub fn unrecognised(&self) -> Unrecognised {
        self.dedup.unrecognised()
    }

    /// Prepares for events of which [`Follow::is_new`] will be asked soon, which makes that faster.
    pub fn look_ahead(&self, identities: impl Iterator<Item = EventIdentity>) {
        self.dedup.look_ahead(identities);
    }

    /// How many events were left out because they had come before.
    pub fn repeats(&self) -> u64 {
        self.dedup.repeats()
    }

    /// Reports the repeats that were dropped since the last report.
    pub fn report_dropped(&mut self) {
        self.notices.extend(self.dedup.dropped());
    }

    /// A document begins: it need not be in order, so part of it, or of the pages that it is one
    /// of, is not a position to continue from.
    pub fn page_begins(&mut self) {
        self.news = false;
        if !self.position.is_in_page() {
            self.position.page_begins();
            self.dedup.page_begins();
        }
    }

    /// Whether the page has brought something new, and a position to ask for more from.
    pub fn page_leads_on(&self, asked: Option<&str>) -> bool {
        self.news && self.position.requested().map(String::as_str) != asked
    }

    /// A document has ended as it should, and the next page of it is asked for at once.
    pub fn page_continues(&mut self, now: Moment) {
        self.failures = 0;
        self.state = FollowState::Disconnected(now.run);
    }

    /// A document that holds what there is at the moment has ended as it should: the next one is
    /// asked for after a while. That is not a break.
    pub fn page_ended(&mut self, interval: Duration, now: Moment) {
        self.position.page_ended();
        if self.policy.follow {
            self.failures = 0;
            self.delay.reset();
            self.state = FollowState::Disconnected(now.run + interval);
        } else {
            self.finish();
        }
    }

    /// The connection has ended, and why.
    pub fn closed(&mut self, reason: &str, now: Moment) {
        self.position.page_broke_off();
        if !self.policy.follow {
            return self.finish();
        }
        self.reset_delay_if_healthy(now);
        self.fail(reason, None, now);
    }

    /// The run is over: a break that has not ended until now may have cost events.
    pub fn abandon(&mut self, now: Moment) {
        if self.ever_open {
            self.notices.extend(self.continuity.gap(false, now));
        }
    }

    /// Nothing more will come.
    pub fn finish(&mut self) {
        self.state = FollowState::Over(StreamEnd::Finished);
    }

    /// A connection could not be had.
    pub fn refused(&mut self, refusal: Refusal, now: Moment) {
        let end = match refusal {
            Refusal::NoMore => {
                // The server was heard again, and it has nothing that was missed.
                self.continuity.restored();
                StreamEnd::Finished
            }
            Refusal::WrongEndpoint(reason) => StreamEnd::WrongEndpoint(reason),
            Refusal::ProxyLogin(reason) => StreamEnd::ProxyLogin(reason),
            Refusal::Refused(reason) => StreamEnd::Refused(reason),
            Refusal::Unauthorised(reason) if self.policy.login => {
                // A token that was good has expired, or was never good: log in again, but count
                // it, or a server that refuses what it issued would see no end.
                self.login.drop_token();
                return self.refused_credentials(reason, Duration::from_secs(1), now);
            }
            Refusal::Unauthorised(reason) => StreamEnd::Unauthorised(reason),
            Refusal::Cursor(reason) => {
                self.position.forget();
                self.continuity.lost(reason, now);
                self.state = FollowState::Disconnected(now.run);
                return;
            }
            Refusal::Again(reason, least) => return self.fail(&reason, least, now),
        };
        self.state = FollowState::Over(end);
    }

    fn fail(&mut self, reason: &str, least: Option<Duration>, now: Moment) {
        if self.ever_open {
            self.continuity.broke(reason, now);
        }
        self.failures += 1;
        let too_many = self
            .policy
            .reconnects
            .is_some_and(|most| self.failures > most);
        self.state = if too_many || (!self.ever_open && !self.policy.patient) {
            FollowState::Over(StreamEnd::Exhausted(reason.to_owned()))
        } else {
            FollowState::Disconnected(now.run + self.delay.before_reconnecting(least))
        };
    }

    /// A token is at hand; `server` is the server's clock.
    pub fn token(&mut self, token: &str, server: Option<Timestamp>, now: Moment) {
        let jitter = self.delay.fraction();
        self.login.token(token, server, jitter, now);
    }

    /// The login did not succeed. A password that has never been accepted is most likely wrong.
    pub fn login_failed(&mut self, refusal: Refusal, now: Moment) {
        match refusal {
            Refusal::Unauthorised(reason) => {
                self.login.own.refused();
                if self.ever_open || self.policy.patient {
                    self.refused_credentials(reason, login::REFUSED_DELAY, now);
                } else {
                    self.state = FollowState::Over(StreamEnd::Unauthorised(reason));
                }
            }
            other => self.refused(other, now),
        }
    }

    /// Logs in again after a while, but not without end.
    fn refused_credentials(&mut self, reason: String, least: Duration, now: Moment) {
        self.state = if self.login.refused() {
            FollowState::Over(StreamEnd::Unauthorised(reason))
        } else {
            FollowState::Disconnected(now.run + self.delay.after_failure().max(least))
        };
    }

    /// The token could not be renewed.
    pub fn renewal_failed(&mut self, refusal: &Refusal, now: Moment) {
        let Some(life) = self.login.life else { return };
        let wait = self
            .delay
            .between(Duration::from_secs(1), Duration::from_secs(5));
        let again = matches!(refusal, Refusal::Again(..));
        self.login.renewal_failed(life, again, now.run + wait);
    }
}

#[cfg(test)]
mod tests;
