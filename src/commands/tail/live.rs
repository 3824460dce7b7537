//! Servers that are followed: does what the follow machine says, and reports back to it.

use crate::commands::tail::position::Tracked;
use crate::commands::tail::session::Session;
use crate::commands::tail::{Followed, ReadyFile, failure};
use crate::failure::Failure;
use crate::follow::{Action, Follow, Moment, Refusal, StreamEnd};
use crate::link::login::IssuedToken;
use crate::link::server::StreamFault;
use crate::link::stream::{EventSource, Next, Read, StreamConnection};
use crate::model::duration::plain_duration;
use crate::model::event::Flaw;
use crate::retry::verdict::{Hold, Verdict};
use crate::wire::envelope::Opener;
use crate::wire::feed::{Framing, StreamItem};
use crate::wire::words::shortened;
use std::cell::Cell;
use std::pin::Pin;
use std::task::Poll;
use zeroize::Zeroizing;

/// Follows every server until all have ended or the run is over.
pub async fn follow_all<S: EventSource>(
    servers: Vec<Followed<S>>,
    ready: &ReadyFile,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let several = servers.len() > 1;
    let is_announced = Cell::new(false);
    let drivers: Vec<_> = servers
        .into_iter()
        .map(|followed| {
            let name = several.then(|| followed.name.clone());
            let mut driver = Driver::new(followed, name, session, ready, &is_announced)?;
            Ok(Box::pin(async move { driver.run().await }))
        })
        .collect::<Result<_, Failure>>()?;
    let mut failed = None;
    for end in all(drivers).await {
        failed = failed.or(failure(end?));
    }
    Ok(failed)
}

/// Drives several futures at once, on this task.
async fn all<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(ready) = Pin::new(future).poll(context)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

struct Driver<'d, 'a, S> {
    followed: Followed<S>,
    /// The server's name, when there are several.
    name: Option<String>,
    follow: Tracked<'d, 'a>,
    opener: Opener,
    token: Option<Zeroizing<String>>,
    connection: Option<StreamConnection>,
    session: &'d Session<'a>,
    ready: &'d ReadyFile,
    is_announced: &'d Cell<bool>,
    /// Why the last connection was not made, as long as none is.
    refused: Option<String>,
    /// The position that was asked for last.
    asked: Option<String>,
    /// Whether what comes may still answer what we said first.
    is_greeting: bool,
    /// What was said last about the links between pages.
    link: Option<String>,
}

impl<'d, 'a, S: EventSource> Driver<'d, 'a, S> {
    fn new(
        mut followed: Followed<S>,
        name: Option<String>,
        session: &'d Session<'a>,
        ready: &'d ReadyFile,
        is_announced: &'d Cell<bool>,
    ) -> Result<Driver<'d, 'a, S>, Failure> {
        let mut follow = Follow::new(followed.policy, followed.seed);
        if let (true, Some(login)) = (followed.hide_self, &followed.login) {
            follow.hide_logins_of(&login.username);
        }
        Ok(Driver {
            follow: Tracked::new(follow, followed.position_file.take(), session)?,
            opener: session.opener(std::mem::take(&mut followed.layout)),
            token: followed.token.clone(),
            connection: None,
            followed,
            name,
            session,
            ready,
            is_announced,
            refused: None,
            asked: None,
            is_greeting: false,
            link: None,
        })
    }

    /// Follows until nothing more is to come or the run is over.
    async fn run(&mut self) -> Result<StreamEnd, Failure> {
        loop {
            self.report_notices();
            if self.session.is_over() {
                return Ok(StreamEnd::Finished);
            }
            self.follow.keep();
            match self.follow.next(self.session.now()) {
                Action::Login => self.log_in().await,
                Action::Renew => self.renew().await,
                Action::Connect(position) => self.connect(position.as_deref()).await?,
                Action::Wait(until) => {
                    let until = self.session.instant(until);
                    self.session.waiting(tokio::time::sleep_until(until)).await;
                }
                Action::Read(until) => {
                    let until = until.map(|until| self.session.instant(until));
                    match [until, self.follow.due()].into_iter().flatten().min() {
                        None => self.read().await,
                        Some(until) => {
                            tokio::select! {
                                biased;
                                () = tokio::time::sleep_until(until) => {}
                                () = self.read() => {}
                            }
                        }
                    }
                    self.session.breathe().await;
                }
                Action::Stop(end) => {
                    if end == StreamEnd::CaughtUp {
                        self.session
                            .ends_with("everything available has been shown");
                    }
                    self.follow.report_dropped();
                    self.report_end();
                    return Ok(end);
                }
            }
        }
    }

    async fn log_in(&mut self) {
        let Some(login) = &self.followed.login else {
            // Without a login the machine never asks for one.
            return self.follow.finish();
        };
        let asked = self.followed.server.log_in(login);
        let answer = self.session.waiting(asked).await;
        let now = self.session.now();
        match answer {
            Ok(token) => self.accept(token, now),
            Err(fault) => {
                let refusal = refusal(fault, false);
                self.follow.login_failed(refusal.clone(), now);
                self.report_refusal(&refusal);
            }
        }
    }

    fn accept(&mut self, token: IssuedToken, now: Moment) {
        self.follow.token(&token.secret, token.issued, now);
        self.token = Some(token.secret);
    }

    async fn renew(&mut self) {
        let (Some(login), Some(token)) = (&self.followed.login, &self.token) else {
            return;
        };
        let asked = self.followed.server.renew(login, token);
        let answer = self.session.waiting(asked).await;
        let now = self.session.now();
        match answer {
            Ok(token) => self.accept(token, now),
            Err(fault) => self.follow.renewal_failed(&refusal(fault, false), now),
        }
    }

    async fn connect(&mut self, position: Option<&str>) -> Result<(), Failure> {
        let token = self.token.as_ref().map(|token| token.as_str());
        self.asked = position.map(str::to_owned);
        let asked = self.followed.server.open(token, position);
        let answer = self.session.waiting(asked).await;
        let now = self.session.now();
        match answer {
            Ok(connection) => {
                let shown = self.followed.server.shown();
                if !connection.framing.ends() {
                    self.session.show_last();
                }
                // Only here does a server go on from a position.
                let resumed = position.is_some()
                    && (connection.framing == Framing::Sse
                        || connection.framing.ends()
                        || self.followed.policy.by_id);
                self.follow.opened(&shown, resumed, now);
                if connection.framing.ends() {
                    self.follow.page_begins();
                }
                if matches!(connection.framing, Framing::Sse | Framing::Messages) {
                    self.follow.stays_open(now);
                }
                self.is_greeting = self.followed.greets;
                self.connection = Some(connection);
                self.refused = None;
                if !self.is_announced.replace(true) {
                    self.ready.announce(&shown).await?;
                }
            }
            Err(fault) => {
                let refusal = refusal(fault, position.is_some());
                self.follow.refused(refusal.clone(), now);
                self.report_refusal(&refusal);
            }
        }
        Ok(())
    }

    /// Says what keeps us from connecting, once as long as it stays the same; what ends the run is
    /// said at its end.
    fn report_refusal(&mut self, refusal: &Refusal) {
        let now = self.session.now();
        match (refusal, self.follow.next(now)) {
            (_, Action::Stop(_)) => {}
            (Refusal::Unauthorised(why), Action::Wait(until)) => {
                let wait = plain_duration(until.saturating_sub(now.run));
                self.session
                    .remark(&format!("{why}; the next login is in {wait}"));
            }
            (Refusal::Again(why, _) | Refusal::Cursor(why) | Refusal::Unauthorised(why), _) => {
                let text = format!("{why}; trying again");
                if self.refused.as_ref() == Some(why) {
                    self.session.detail(&text);
                } else {
                    self.session.remark(&text);
                    self.refused = Some(why.clone());
                }
            }
            _ => {}
        }
    }

    /// Reads once. May be dropped while it waits without losing anything.
    async fn read(&mut self) {
        let Some(connection) = &mut self.connection else {
            return self.follow.closed("not connected", self.session.now());
        };
        let (session, follow, opener) = (self.session, &mut self.follow, &mut self.opener);
        let is_greeting = &mut self.is_greeting;
        let shown = || self.followed.server.shown();
        let name = self.name.as_deref();
        let mut take = |said: StreamItem<'_>| match said {
            StreamItem::Value(bytes) if *is_greeting && !opener.finds(bytes) => {
                let answer = shortened(String::from_utf8_lossy(bytes).into_owned());
                session.detail(&format!("{} answers: {answer}", shown()));
            }
            StreamItem::Value(bytes) => {
                *is_greeting = false;
                session.value(opener, (None, bytes), follow, name, &shown);
            }
            StreamItem::Named(event, bytes) => {
                session.value(opener, (Some(event), bytes), follow, name, &shown);
            }
            // A position beyond what is shown would skip the rest in the next run.
            StreamItem::Position(id) if !session.is_over() => {
                if !follow.moved(id) {
                    session.flaw(&Flaw::UnusableId, &[], &shown);
                }
            }
            StreamItem::Position(_) => {}
            StreamItem::Heartbeat => follow.beat(session.now()),
            StreamItem::Retry(time) => follow.request_delay(time),
            StreamItem::OverLimit(limit) => session.remark(&format!(
                "{}: an item of more than {} MiB is skipped",
                shown(),
                limit >> 20
            )),
            StreamItem::TooLarge(size) => session.flaw(&Flaw::TooLarge(size), &[], &shown),
            StreamItem::Malformed(flaw) => session.flaw(&flaw, &[], &shown),
        };
        let read = session.waiting(connection.read(&mut take)).await;
        let now = session.now();
        match read {
            Read::More => return self.follow.heard(now),
            Read::End if connection.framing.ends() => self.page_ended(now),
            Read::End => self.follow.closed("the server closed the stream", now),
            Read::Broken(why) => {
                self.follow.closed(&why, now);
                self.session.ends_with(&why);
            }
            Read::NotEvents(why) => {
                let refusal = Refusal::WrongEndpoint(format!("{}: {why}", shown()));
                self.follow.refused(refusal, now);
            }
        }
        self.connection = None;
    }

    /// A page has come whole: asks for the next one, or waits.
    fn page_ended(&mut self, now: Moment) {
        match self.followed.server.page_ended() {
            Next::AtOnce => return self.follow.page_continues(now),
            Next::Unusable(why) if self.link.as_ref() != Some(&why) => {
                self.session
                    .remark(&format!("{}: {why}", self.followed.server.shown()));
                self.link = Some(why);
            }
            Next::Unusable(_) | Next::Later => {}
        }
        if self.followed.pages_lead_on && self.follow.page_leads_on(self.asked.as_deref()) {
            return self.follow.page_continues(now);
        }
        self.session.show_last();
        self.follow.page_ended(self.followed.poll_interval, now);
    }
}

impl<S> Driver<'_, '_, S> {
    fn report_notices(&mut self) {
        let name = self.name.as_deref();
        self.session.notices(&mut self.follow, name);
    }

    /// Says what is known only now that nothing more is to come.
    fn report_end(&mut self) {
        self.follow.abandon(self.session.now());
        self.report_notices();
    }
}

/// However the run ends, what is known at its end is said.
impl<S> Drop for Driver<'_, '_, S> {
    fn drop(&mut self) {
        self.report_end();
    }
}

fn refusal(fault: StreamFault, resumed: bool) -> Refusal {
    match fault {
        StreamFault::Status {
            code,
            said,
            retry_after,
        } => Refusal::of_status(code, said, retry_after, resumed),
        StreamFault::NotEvents(said) => Refusal::WrongEndpoint(said),
        StreamFault::NoAnswer(none) => match none.fault.verdict() {
            Verdict::Hold(Hold::Misconfigured) => Refusal::WrongEndpoint(none.to_string()),
            // No server has answered: it is the proxy that wants a password.
            Verdict::Hold(Hold::Unauthorised) => Refusal::ProxyLogin(none.to_string()),
            _ => Refusal::Again(none.to_string(), None),
        },
        StreamFault::Unusable(unusable) => Refusal::WrongEndpoint(unusable.message),
        StreamFault::Broken(said) => Refusal::Again(said, None),
    }
}
