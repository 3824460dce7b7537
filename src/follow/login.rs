//! Logging in to follow, and staying logged in: when a token is due, and what a refused one means.

use super::refusal::{End, Refusal};
use super::token::{self, Life};
use super::{Do, Follow, Moment, State};
use crate::model::timestamp::Timestamp;
use std::time::Duration;

/// How many refused logins in a row end the run: each one raises an `auth.error` on the very
/// stream that is followed.
const LOGINS: u32 = 3;

/// How long a refused password is left alone, so that the account is not locked.
const PAUSE: Duration = Duration::from_secs(30);

impl Follow {
    /// Asks for a token, whose life counts from here.
    pub(super) fn ask(&mut self, way: Do, now: Moment) -> Do {
        self.asked = Some(now);
        way
    }

    pub(super) fn renewal_is_due(&self, now: Moment) -> bool {
        self.life.is_some_and(|life| now.run >= life.renew_at)
    }

    /// A token is at hand; `server` is the server's clock.
    pub fn token(&mut self, token: &str, server: Option<Timestamp>, now: Moment) {
        if self.own.username.is_some() {
            let due = if self.has_token {
                &mut self.own.renew
            } else {
                &mut self.own.ok
            };
            *due += 1;
        }
        self.has_token = true;
        let asked = self.asked.take().unwrap_or(now);
        self.life = token::life(token, server, asked, self.pause.fraction()).map(|life| Life {
            // A server that answers late or issues next to nothing is not asked without end.
            renew_at: life.renew_at.max(now.run + token::LEAST),
            ..life
        });
    }

    /// The login did not succeed. A password that has never been accepted is most likely wrong.
    pub fn login_failed(&mut self, refusal: Refusal, now: Moment) {
        match refusal {
            Refusal::Unauthorised(reason) => {
                self.own.error += u32::from(self.own.username.is_some());
                if self.ever_open || self.policy.patient {
                    self.refused_credentials(reason, PAUSE, now);
                } else {
                    self.state = State::Over(End::Unauthorised(reason));
                }
            }
            other => self.refused(other, now),
        }
    }

    /// Logs in again after a while, but not without end.
    pub(super) fn refused_credentials(&mut self, reason: String, least: Duration, now: Moment) {
        self.refused_logins += 1;
        self.state = if self.refused_logins >= LOGINS {
            State::Over(End::Unauthorised(reason))
        } else {
            State::Apart(now.run + self.pause.after_failure().max(least))
        };
    }

    /// The token could not be renewed: once it is refused, a login is needed; until it expires,
    /// trying again may help.
    pub fn renewal_failed(&mut self, refusal: &Refusal, now: Moment) {
        let Some(life) = self.life else { return };
        let next = now.run
            + self
                .pause
                .between(Duration::from_secs(1), Duration::from_secs(5));
        if matches!(refusal, Refusal::Again(..)) && next < life.expires_at {
            self.life = Some(Life {
                renew_at: next,
                ..life
            });
        } else {
            // An open stream goes on without: the next connection logs in.
            self.has_token = false;
            self.life = None;
        }
    }
}
