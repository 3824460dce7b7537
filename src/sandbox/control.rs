//! The emulator's own addresses, under `/_sandbox`: what was received, and events to order.

use super::entry::LedgerEntry;
use super::faults::FaultState;
use super::fire;
use super::http;
use super::journey::journeys;
use super::problem::{ProblemKind, SandboxProblem};
use super::state::SharedState;
use crate::serve::page;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What of the ledger is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct LogQuery {
    journey: Option<String>,
    format: Option<String>,
}

impl LogQuery {
    /// Whether an entry is asked for.
    pub fn takes(&self, entry: &LedgerEntry) -> bool {
        let wanted = self.journey.as_deref();
        wanted.is_none_or(|wanted| entry.journey.as_deref() == Some(wanted))
    }
}

/// `GET` the ledger: an array, or a line each with `?format=ndjson` or the matching `Accept`.
pub async fn logs(
    State(state): State<SharedState>,
    Query(query): Query<LogQuery>,
    headers: HeaderMap,
) -> Response {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let lines = match query.format.as_deref() {
        Some(format) => format == "ndjson",
        None => accept.is_some_and(|accept| accept.contains("ndjson")),
    };
    let ledger = state.ledger();
    let entries = ledger.entries().filter(|entry| query.takes(entry));
    let entries: Vec<_> = entries.map(|entry| entry.json()).collect();
    drop(ledger);
    if !lines {
        return axum::Json(entries).into_response();
    }
    let text: String = entries.iter().fold(String::new(), |text, entry| {
        text + &entry.to_string() + "\n"
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], text).into_response()
}

/// `DELETE` the ledger and every journey; faults begin to count again.
pub async fn reset(State(state): State<SharedState>) -> StatusCode {
    state.ledger().reset();
    *state.fault_state() = FaultState::new(state.options.seed);
    state.received.send_modify(|count| *count += 1);
    StatusCode::NO_CONTENT
}

/// `GET` the journeys, the youngest first, at most so many.
pub async fn show_journeys(
    State(state): State<SharedState>,
    Query(query): Query<LogQuery>,
) -> Response {
    axum::Json(overview(&state, &query)).into_response()
}

/// Tally and journeys in one value, from one look at the ledger.
pub fn overview(state: &SharedState, query: &LogQuery) -> Value {
    const MOST: usize = 500;
    let ledger = state.ledger();
    let tally = ledger.tally();
    let mut all = journeys(ledger.entries().filter(|entry| query.takes(entry)));
    drop(ledger);
    let count = all.len();
    let shown = all.split_off(count.saturating_sub(MOST));
    json!({
        "requests": tally.requests,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "errors": tally.errors,
        "warnings": tally.warnings,
        "hints": tally.hints,
        "journeyCount": count,
        "journeys": shown.iter().rev().map(super::journey::LedgerJourney::json).collect::<Vec<_>>(),
    })
}

/// `POST` an array of events that happen one after the other, each the cause of the next.
pub async fn events(State(state): State<SharedState>, body: Body) -> Response {
    let read = http::read_body(body, state.options.max_body).await;
    let orders = read.and_then(|bytes| {
        serde_json::from_slice::<Vec<fire::EventOrder>>(&bytes).map_err(|error| {
            let detail = format!("events are [{{\"type\":…,\"data\":{{…}}}}]: {error}");
            SandboxProblem::new(ProblemKind::Status(400), detail)
        })
    });
    let raised = match orders {
        Ok(orders) => {
            // Of many, while the other connections are served.
            let state = Arc::clone(&state);
            let raising = tokio::task::spawn_blocking(move || fire::carry_out(&state, orders));
            let failed =
                |_| SandboxProblem::new(ProblemKind::Status(500), "the events could not be made");
            raising.await.map_err(failed)
        }
        Err(problem) => Err(problem),
    };
    match raised {
        Ok(ids) => axum::Json(json!({ "ids": ids })).into_response(),
        Err(problem) => http::refuse(&state, &problem),
    }
}

/// Keeps other web pages away: a page elsewhere could otherwise read what was received, by
/// pointing a name of its own at this machine, or order events.
pub async fn guard(State(state): State<SharedState>, request: Request, next: Next) -> Response {
    let local = state.options.host.is_loopback();
    if !page::is_foreign(request.method(), request.headers(), local) {
        return next.run(request).await;
    }
    let detail = "the sandbox answers only to this machine and its own page";
    http::refuse(&state, &SandboxProblem::new(ProblemKind::Forbidden, detail))
}
