//! The tokens that the login has issued.

use super::random::Random;
use axum::http::{HeaderMap, header};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many tokens are remembered.
const TOKENS: usize = 1024;

/// The tokens that were issued.
#[derive(Debug)]
pub struct Sessions {
    random: Random,
    issued: VecDeque<IssuedSession>,
}

#[derive(Clone, Debug)]
struct IssuedSession {
    token: String,
    username: String,
    until: Instant,
}

/// What a request's token says about its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No token, or one that was not issued here.
    Unknown,
    /// A token of ours that has expired.
    Expired,
    /// Valid until then.
    Valid(Instant, String),
}

impl Sessions {
    /// No tokens yet.
    pub fn new(seed: u64) -> Sessions {
        Sessions {
            random: Random::new(seed ^ 0x0070_6b31),
            issued: VecDeque::new(),
        }
    }

    /// A new token.
    pub fn issue(&mut self, username: &str, life: Duration) -> String {
        let token = format!("sandbox.{}", self.random.uuid().replace('-', ""));
        self.issued.push_back(IssuedSession {
            token: token.clone(),
            username: username.to_owned(),
            until: Instant::now() + life,
        });
        if self.issued.len() > TOKENS {
            self.issued.pop_front();
        }
        token
    }

    /// Judges the bearer token of a request.
    pub fn standing(&self, headers: &HeaderMap) -> Standing {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let session = self
            .issued
            .iter()
            .find(|session| Some(session.token.as_str()) == token);
        match session {
            None => Standing::Unknown,
            Some(session) if session.until <= Instant::now() => Standing::Expired,
            Some(session) => Standing::Valid(session.until, session.username.clone()),
        }
    }
}
