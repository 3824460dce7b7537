//! The event stream: one address, several transports, replay by id.

mod lifetime;
mod response;
mod transport;
mod websocket;

use super::faults::Faults;
use super::http;
use super::login;
use super::problem::{ProblemKind, SandboxProblem};
use super::sessions::Standing;
use super::state::{LISTENERS, SharedState};
use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use lifetime::{Lifetime, moment};
use response::stream_response;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use transport::{StreamQuery, StreamTransport};

pub use response::pushed;

/// How many events are sent in one go.
const BATCH: usize = 256;
/// How many events are on one page.
const PAGE: usize = 100;

/// `GET` the events.
pub async fn events(
    State(state): State<SharedState>,
    Query(query): Query<StreamQuery>,
    Extension(faults): Extension<Arc<Faults>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let until = match admitted(&state, &headers) {
        Ok(until) => until,
        Err(problem) => return http::refuse(&state, &problem),
    };
    let last_seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .or(query.after.as_deref())
        .filter(|id| !id.is_empty());
    let transport = StreamTransport::wanted(&headers, &query);
    if transport == StreamTransport::Page && upgrade.is_err() {
        return page(&state, last_seen);
    }
    let place = match last_seen {
        Some(id) => state.history.resume(id),
        None => state.history.present(),
    };
    let end = Lifetime {
        expiry: until,
        cut: faults.cut_stream.map(|life| Instant::now() + life),
    };
    let Ok(seat) = Arc::clone(&state.seats).try_acquire_owned() else {
        let detail = format!("there are {LISTENERS} listeners already");
        return http::refuse(
            &state,
            &SandboxProblem::new(ProblemKind::Status(503), detail),
        );
    };
    if let Ok(upgrade) = upgrade {
        // A listener has nothing to say that would need room.
        return upgrade
            .max_message_size(64 * 1024)
            .on_upgrade(move |socket| async move {
                websocket::talk(state, socket, place, end).await;
                drop(seat);
            });
    }
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        send(&state, transport, place, end, &sender).await;
        drop(seat);
    });
    pushed(transport.content_type(), receiver)
}

/// How long the sender's token is good for, if it has one. An expired token of ours is never
/// accepted; any other only where no login is required.
fn admitted(state: &SharedState, headers: &HeaderMap) -> Result<Option<Instant>, SandboxProblem> {
    let standing = state.sessions().standing(headers);
    match standing {
        Standing::Valid(until, _) => Ok(Some(until)),
        Standing::Unknown if !state.options.require_login => Ok(None),
        standing => Err(login::no_token(&standing)),
    }
}

/// Events after the last one seen, as an array; from the beginning of what is left without one.
fn page(state: &SharedState, last_seen: Option<&str>) -> Response {
    let _ = state.history.present();
    let place = last_seen.map_or(0, |id| state.history.resume(id));
    let (events, _) = state.history.after(place, PAGE);
    let texts: Vec<_> = events.iter().map(|event| event.text.as_str()).collect();
    stream_response(
        StreamTransport::Page.content_type(),
        Body::from(format!("[{}]", texts.join(","))),
    )
}

/// Sends until the listener leaves or its token expires.
async fn send(
    state: &SharedState,
    transport: StreamTransport,
    mut place: u64,
    end: Lifetime,
    sender: &mpsc::Sender<io::Result<Bytes>>,
) {
    let mut news = state.history.news();
    let greeting = transport.greeting();
    if !greeting.is_empty()
        && sender
            .send(Ok(Bytes::from_static(greeting.as_bytes())))
            .await
            .is_err()
    {
        return;
    }
    loop {
        if end.cut.is_some_and(|cut| cut <= Instant::now()) {
            // In the middle of an event, which the listener must not take for a whole one.
            let half = Bytes::from_static(transport.half().as_bytes());
            let _ = sender.send(Ok(half)).await;
            // An error overtakes what is not written yet.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = sender
                .send(Err(io::ErrorKind::ConnectionAborted.into()))
                .await;
            return;
        }
        news.mark_unchanged();
        let (events, missed) = state.history.after(place, BATCH);
        let text = if let Some(last) = events.last() {
            place = last.number;
            transport.write(&events, missed)
        } else {
            tokio::select! {
                _ = news.changed() => continue,
                () = tokio::time::sleep(state.options.heartbeat) => {}
                () = moment(end.expiry) => return,
                () = moment(end.cut) => continue,
                () = sender.closed() => return,
            }
            transport.heartbeat().to_owned()
        };
        tokio::select! {
            sent = sender.send(Ok(text.into())) => if sent.is_err() { return },
            () = moment(end.expiry) => return,
        }
    }
}
