//! Logging in to follow, and staying logged in: when a token is due, and what a refused one means.

use super::own_logins::OwnLogins;
use super::token::{self, Life};
use super::{Action, Moment};
use crate::model::timestamp::Timestamp;
use std::time::Duration;

/// How many refused logins in a row end the run: each one raises an `auth.error` on the very
/// stream that is followed.
const MOST_REFUSED: u32 = 3;

/// How long a refused password is left alone, so that the account is not locked.
pub(super) const REFUSED_DELAY: Duration = Duration::from_secs(30);

/// The login and the token it gives, if one is needed.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) has_token: bool,
    pub(super) life: Option<Life>,
    /// When the token that is to come was asked for.
    asked: Option<Moment>,
    /// How many were refused in a row.
    refused: u32,
    pub(super) own: OwnLogins,
}

impl Login {
    pub(super) fn new(needed: bool) -> Login {
        Login {
            has_token: !needed,
            life: None,
            asked: None,
            refused: 0,
            own: OwnLogins::default(),
        }
    }

    /// What has to be done about the token before anything else. Its life counts from here.
    pub(super) fn due(&mut self, is_open: bool, now: Moment) -> Option<Action> {
        let action = match self.life {
            // An open stream continues without a token: the next connection logs in.
            _ if !self.has_token => (!is_open).then_some(Action::Login),
            Some(life) if now.run >= life.renew_at => Some(Action::Renew),
            _ => None,
        };
        if action.is_some() {
            self.asked = Some(now);
        }
        action
    }

    /// A token is at hand; `server` is the server's clock.
    pub(super) fn token(
        &mut self,
        token: &str,
        server: Option<Timestamp>,
        jitter: f64,
        now: Moment,
    ) {
        if self.has_token {
            self.own.renewed();
        } else {
            self.own.logged_in();
        }
        self.has_token = true;
        let asked = self.asked.take().unwrap_or(now);
        self.life = token::life(token, server, asked, jitter).map(|life| Life {
            // A server that answers late or issues next to nothing is not asked without end.
            renew_at: life.renew_at.max(now.run + token::LEAST),
            ..life
        });
    }

    /// The token is of no use any more.
    pub(super) fn drop_token(&mut self) {
        self.has_token = false;
        self.life = None;
    }

    /// The token could not be renewed: once it is refused, a login is needed; until it expires,
    /// trying again may help.
    pub(super) fn renewal_failed(&mut self, life: Life, again: bool, next: Duration) {
        if again && next < life.expires_at {
            self.life = Some(Life {
                renew_at: next,
                ..life
            });
        } else {
            self.drop_token();
        }
    }

    /// Counts credentials that were refused; true when trying again must have an end.
    pub(super) fn refused(&mut self) -> bool {
        self.refused += 1;
        self.refused >= MOST_REFUSED
    }

    /// A server that refuses what it issued never gets here, so the count still has an end.
    pub(super) fn accepted(&mut self) {
        self.refused = 0;
    }
}
