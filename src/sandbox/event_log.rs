//! The event-log endpoint: `PUT /data-service/v1/eventLog`.

use super::entry::{LedgerEntry, finding_json};
use super::faults::{FaultTarget, Strike};
use super::http::{self, Peer};
use super::inject_faults;
use super::judging::{InspectedBody, whole};
use super::problem::{Problem, ProblemKind};
use super::state::SharedState;
use crate::check::identity;
use crate::check::rule::Level;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Takes an event log or says why not; either way the request is in the ledger.
pub async fn receive(
    State(state): State<SharedState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let read = http::read_body(body, state.options.max_body).await;
    let injection = match inject_faults::draw(&state, FaultTarget::EventLog, &headers) {
        Ok((_, injection)) => injection,
        Err(problem) => return http::refuse(&state, &problem),
    };
    if !injection.delay.is_zero() {
        tokio::time::sleep(injection.delay).await;
    }
    // Nothing of a request with a real key is stored, so no fault may come first.
    let real_key = real_key(&state, &headers);
    let strike = injection.strike.filter(|_| real_key.is_ok());
    let mut entry = blank_entry(&state, &method, &uri, &headers);
    entry.fault = strike.as_ref().map(ToString::to_string);
    if let Some(strike) = strike.filter(|strike| *strike != Strike::LoseAnswer) {
        let body = read.unwrap_or_default();
        let identity = identity(&whole(&body));
        entry.set_body(body, identity);
        let (status, response) = inject_faults::answer(&state, &peer, &strike);
        entry.status = status;
        note(&state, entry);
        return response;
    }
    let admitted = real_key
        .and_then(|()| admissible(&state, &method, &headers))
        .and(read);
    let verdict = match admitted {
        Ok(body) => judge(&state, &mut entry, body).await,
        Err(problem) => Err(problem),
    };
    if entry.fault.is_some() {
        peer.breaker.trip();
    }
    answer(&state, entry, verdict)
}

/// The entry of a request before its body is looked at.
fn blank_entry(
    state: &SharedState,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> LedgerEntry {
    LedgerEntry {
        number: 0,
        at: state.now(),
        method: method.to_string(),
        path: uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        headers: masked(state, headers),
        body: Vec::new(),
        journey: None,
        event_code: None,
        integration_key: None,
        status: StatusCode::OK.as_u16(),
        refusal: None,
        fault: None,
        findings: Vec::new(),
    }
}

/// Notes the request and answers it.
fn answer(state: &SharedState, mut entry: LedgerEntry, verdict: Result<(), Problem>) -> Response {
    let Err(problem) = verdict else {
        let remarks: Vec<_> = entry.findings.iter().map(finding_json).collect();
        let number = note(state, entry);
        let body = json!({ "accepted": true, "number": number, "findings": remarks });
        return axum::Json(body).into_response();
    };
    entry.status = problem.kind.status();
    entry.refusal = Some(problem.detail.clone());
    note(state, entry);
    let mut response = http::refuse(state, &problem);
    if problem.kind == ProblemKind::MethodNotAllowed {
        let allow = HeaderValue::from_static("PUT");
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// Lets the rules judge a body. However long that takes, the other connections are served.
async fn judge(state: &SharedState, entry: &mut LedgerEntry, body: Vec<u8>) -> Result<(), Problem> {
    let (now, policy) = (entry.at, state.ledger().policy().clone());
    let inspected = tokio::task::spawn_blocking(move || InspectedBody::at(now, policy, body)).await;
    let inspected = inspected.map_err(|_| {
        Problem::new(
            ProblemKind::Status(500),
            "the event log could not be inspected",
        )
    })?;
    if state.ledger().judge(inspected, entry) {
        Ok(())
    } else {
        Err(invalid(entry.findings.clone()))
    }
}

fn note(state: &SharedState, entry: LedgerEntry) -> u64 {
    let number = state.ledger().note(entry);
    state.received.send_modify(|count| *count += 1);
    number
}

fn invalid(findings: Vec<crate::check::finding::Finding>) -> Problem {
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| format!("{} ({})", finding.message, finding.rule))
        .collect();
    Problem {
        kind: ProblemKind::InvalidEventLog,
        detail: errors.join("; "),
        findings,
    }
}

/// What the platform wants to see before it looks at the body.
fn admissible(state: &SharedState, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method != Method::PUT {
        let detail = format!("an event log is sent with PUT, not {method}");
        return Err(Problem::new(ProblemKind::MethodNotAllowed, detail));
    }
    if state.options.require_key {
        key(state, headers)?;
    }
    let connector = headers
        .get("limber-connector")
        .is_some_and(|value| !value.as_bytes().trim_ascii().is_empty());
    if !connector {
        let detail =
            "the header limber-connector, which carries the connector's key name, is missing";
        return Err(Problem::new(ProblemKind::MissingHeader, detail));
    }
    let media_type = text(headers, header::CONTENT_TYPE);
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = match essence {
            "" => "the header Content-Type: application/json is missing".to_owned(),
            other => format!("Content-Type is {other}, and an event log is application/json"),
        };
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
    }
    let encoding = text(headers, header::CONTENT_ENCODING);
    if !matches!(encoding.trim(), "" | "identity") {
        let detail = format!("Content-Encoding {encoding} is not documented for event logs");
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
    }
    Ok(())
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn key(state: &SharedState, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(right) = &state.options.key
        && headers.values().any(|value| value == right.as_str())
    {
        return Ok(());
    }
    let given = headers
        .iter()
        .any(|(name, value)| carries_key(state, name) && !value.is_empty());
    match (given, &state.options.key) {
        (true, None) => Ok(()),
        (true, Some(_)) => Err(Problem::new(
            ProblemKind::Unauthorised,
            "the connector key is not the one this sandbox was started with",
        )),
        (false, _) => Err(Problem::new(
            ProblemKind::Unauthorised,
            "no connector key: send it in a header such as X-Shopify-Connector-Key",
        )),
    }
}

/// A key of a real server has no business here: its sender most likely uses the wrong profile, and
/// should know before anything is stored.
fn real_key(state: &SharedState, headers: &HeaderMap) -> Result<(), Problem> {
    let real = &state.options.real_keys;
    let sent = headers
        .values()
        .any(|value| real.iter().any(|key| contains(value, key)));
    if !sent {
        return Ok(());
    }
    let detail = "this key belongs to a profile of a real server; the sandbox takes any other one";
    Err(Problem::new(ProblemKind::Forbidden, detail))
}

/// Whether the key is all of a header's value or a word of it, as behind `Bearer`.
fn contains(value: &HeaderValue, key: &str) -> bool {
    let mut words = value.as_bytes().split(u8::is_ascii_whitespace);
    value == key || words.any(|word| word == key.as_bytes())
}

/// The name of the header is a free setting of a connector; the documents show one pattern.
fn carries_key(state: &SharedState, name: &HeaderName) -> bool {
    let name = name.as_str();
    let configured = state.options.key_header.as_deref();
    name.starts_with("x-") && name.ends_with("connector-key")
        || configured.is_some_and(|configured| configured.eq_ignore_ascii_case(name))
}

/// The headers as they are stored: nothing that could be a secret.
fn masked(state: &SharedState, headers: &HeaderMap) -> Vec<(String, String)> {
    let real = &state.options.real_keys;
    headers
        .iter()
        .map(|(name, value)| {
            let own = state.options.key.as_deref();
            let secret = carries_key(state, name)
                || own.is_some_and(|own| value == own)
                || real.iter().any(|key| contains(value, key))
                || ["key", "token", "secret", "auth", "cookie", "password"]
                    .iter()
                    .any(|word| name.as_str().contains(word));
            let shown = if secret {
                "***".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.to_string(), shown)
        })
        .collect()
}
