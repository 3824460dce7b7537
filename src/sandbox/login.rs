//! Login and renewal with tokens that expire.

use super::faults::Faults;
use super::http::{self, Peer};
use super::problem::{ProblemKind, SandboxProblem};
use super::sessions::Standing;
use super::state::SharedState;
use crate::model::timestamp::Timestamp;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

/// `POST` with user name and password: a token, and `auth.ok` or `auth.error` among the events.
pub async fn login(
    State(state): State<SharedState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Extension(faults): Extension<Arc<Faults>>,
    body: Bytes,
) -> Response {
    let credentials = match serde_json::from_slice::<Credentials>(&body) {
        Ok(credentials) => credentials,
        Err(error) => {
            let detail = format!("a login is {{\"username\":…,\"password\":…}}: {error}");
            return http::refuse(
                &state,
                &SandboxProblem::new(ProblemKind::Status(400), detail),
            );
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
        let detail = "wrong user name or password";
        return http::refuse(
            &state,
            &SandboxProblem::new(ProblemKind::Unauthorised, detail),
        );
    }
    grant(&state, &faults, &credentials.username, &ip, "auth.ok")
}

/// `POST` with a bearer token that is still valid: another token, and `auth.renew`.
pub async fn renew(
    State(state): State<SharedState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Extension(faults): Extension<Arc<Faults>>,
    headers: HeaderMap,
) -> Response {
    let standing = state.sessions().standing(&headers);
    match standing {
        Standing::Valid(_, username) => grant(&state, &faults, &username, &peer.ip(), "auth.renew"),
        standing => http::refuse(&state, &no_token(&standing)),
    }
}

/// The refusal of a request without a valid token.
pub fn no_token(standing: &Standing) -> SandboxProblem {
    let detail = match standing {
        Standing::Expired => "the token has expired: log in again",
        _ => "this needs a token from the login: Authorization: Bearer …",
    };
    SandboxProblem::new(ProblemKind::Unauthorised, detail)
}

fn grant(
    state: &SharedState,
    faults: &Faults,
    username: &str,
    ip: &str,
    event_type: &str,
) -> Response {
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
