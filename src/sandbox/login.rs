//! Login and renewal with tokens that expire.

use super::faults::Faults;
use super::problem::{Kind, Problem};
use super::random::Random;
use super::server::{self, Shared};
use crate::model::timestamp::Timestamp;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many tokens are remembered.
const TOKENS: usize = 1024;

/// The tokens that were issued.
#[derive(Debug)]
pub struct Sessions {
    random: Random,
    issued: VecDeque<Session>,
}

#[derive(Clone, Debug)]
struct Session {
    token: String,
    username: String,
    until: Instant,
}

/// What a request's token says about its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No token, or one that was not issued here.
    Unknown,
    /// A token of ours whose time is over.
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

    fn issue(&mut self, username: &str, life: Duration) -> String {
        let token = format!("sandbox.{}", self.random.uuid().replace('-', ""));
        self.issued.push_back(Session {
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

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

/// `POST` with user name and password: a token, and `auth.ok` or `auth.error` among the events.
pub async fn login(
    State(state): State<Shared>,
    ConnectInfo(peer): ConnectInfo<server::Peer>,
    Extension(faults): Extension<Arc<Faults>>,
    body: Bytes,
) -> Response {
    let credentials = match serde_json::from_slice::<Credentials>(&body) {
        Ok(credentials) => credentials,
        Err(error) => {
            let detail = format!("a login is {{\"username\":…,\"password\":…}}: {error}");
            return server::refuse(&state, &Problem::new(Kind::Status(400), detail));
        }
    };
    let right = match &state.options.login {
        Some((username, password)) => {
            (username, password) == (&credentials.username, &credentials.password)
        }
        None => !credentials.username.is_empty() && !credentials.password.is_empty(),
    };
    let ip = peer.ip();
    if !right {
        let data = json!({
            "username": credentials.username, "ip": ip, "reason": "invalid credentials",
        });
        state.history.raise("auth.error", &data, state.now());
        let detail = "user name or password is not right";
        return server::refuse(&state, &Problem::new(Kind::Unauthorised, detail));
    }
    grant(&state, &faults, &credentials.username, &ip, "auth.ok")
}

/// `POST` with a bearer token that is still valid: another token, and `auth.renew`.
pub async fn renew(
    State(state): State<Shared>,
    ConnectInfo(peer): ConnectInfo<server::Peer>,
    Extension(faults): Extension<Arc<Faults>>,
    headers: HeaderMap,
) -> Response {
    let standing = state.sessions().standing(&headers);
    match standing {
        Standing::Valid(_, username) => grant(&state, &faults, &username, &peer.ip(), "auth.renew"),
        standing => server::refuse(&state, &no_token(&standing)),
    }
}

/// The refusal of a request without a valid token.
pub fn no_token(standing: &Standing) -> Problem {
    let detail = match standing {
        Standing::Expired => "the token has expired: log in again",
        _ => "this needs a token from the login: Authorization: Bearer …",
    };
    Problem::new(Kind::Unauthorised, detail)
}

fn grant(state: &Shared, faults: &Faults, username: &str, ip: &str, event_type: &str) -> Response {
    let life = faults.token_life.unwrap_or(state.options.token_life);
    let token = state.sessions().issue(username, life);
    let expiry: Timestamp = state.now().plus(life);
    let data = json!({ "username": username, "ip": ip, "exp": expiry.rfc3339() });
    state.history.raise(event_type, &data, state.now());
    axum::Json(json!({
        "token": token,
        "exp": expiry.rfc3339(),
        "expires_in": life.as_secs_f64(),
    }))
    .into_response()
}
