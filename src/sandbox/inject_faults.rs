//! Faults at work: what every request to the emulated servers has to go through first.

use super::faults::{FaultTarget, Faults, HEADER, Injection, Strike};
use super::http::{self, Peer};
use super::options::{EVENTS_PATH, LOGIN_PATH, RENEW_PATH};
use super::problem::{ProblemKind, SandboxProblem};
use super::state::SharedState;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The largest body of a login or a renewal.
const MAX_BODY: usize = 16 * 1024;

/// Which of them a path leads to.
fn target(path: &str) -> FaultTarget {
    match path {
        LOGIN_PATH => FaultTarget::Login,
        RENEW_PATH => FaultTarget::Renew,
        EVENTS_PATH => FaultTarget::Events,
        _ => FaultTarget::EventLog,
    }
}

/// The faults of a request, what its own header asks for or else what the run does, and what
/// they add up to this time.
pub fn draw(
    state: &SharedState,
    target: FaultTarget,
    headers: &HeaderMap,
) -> Result<(Arc<Faults>, Injection), SandboxProblem> {
    let faults = match headers.get(HEADER) {
        Some(own) => Arc::new(own_faults(own.as_bytes())?),
        None => Arc::clone(&state.faults),
    };
    let injection = state.fault_state().draw(target, &faults);
    Ok((faults, injection))
}

fn own_faults(header: &[u8]) -> Result<Faults, SandboxProblem> {
    Faults::parse(&String::from_utf8_lossy(header)).map_err(|mistake| {
        let detail = format!(
            "the header {HEADER}, character {}: {}",
            mistake.at + 1,
            mistake.message
        );
        SandboxProblem::new(ProblemKind::Status(400), detail)
    })
}

/// Lets a request to the automation server go through the injected faults; its handler finds the faults
/// in the request.
pub async fn inject_faults(
    State(state): State<SharedState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    // To its end, because closing on unread bytes would break the connection.
    let body = match http::read_body(body, MAX_BODY).await {
        Ok(body) => body,
        Err(problem) => return http::refuse(&state, &problem),
    };
    let (faults, injection) = match draw(&state, target(parts.uri.path()), &parts.headers) {
        Ok(drawn) => drawn,
        Err(problem) => return http::refuse(&state, &problem),
    };
    if !injection.delay.is_zero() {
        tokio::time::sleep(injection.delay).await;
    }
    match injection.strike {
        None => {}
        Some(Strike::LoseAnswer) => peer.breaker.trip(),
        Some(strike) => return answer(&state, &peer, &strike).1,
    }
    parts.extensions.insert(faults);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The answer that a fault puts in the place of the real one, and its status: 0 where the
/// connection is broken instead.
pub fn answer(state: &SharedState, peer: &Peer, strike: &Strike) -> (u16, Response) {
    let (kind, wait) = match strike {
        Strike::Status(429, wait) => (ProblemKind::TooMany, *wait),
        Strike::Status(status, wait) => (ProblemKind::Status(*status), *wait),
        Strike::RetryLater => (ProblemKind::RetryLater, None),
        Strike::Reset | Strike::LoseAnswer => {
            peer.breaker.trip();
            (ProblemKind::Status(503), None)
        }
    };
    let status = match strike {
        Strike::Reset => 0,
        _ => kind.status(),
    };
    let mut response = http::refuse(
        state,
        &SandboxProblem::new(kind, "this fault was asked for"),
    );
    if let Some(seconds) = wait {
        let seconds = header::HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    (status, response)
}
