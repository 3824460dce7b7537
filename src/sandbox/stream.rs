//! The event stream: one address, several transports, replay by id.

use super::faults::Faults;
use super::history::Event;
use super::http;
use super::login;
use super::problem::{Kind, Problem};
use super::sessions::Standing;
use super::state::{LISTENERS, Shared};
use axum::body::{Body, Bytes};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use std::fmt::Write;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How many events are sent in one go.
const BATCH: usize = 256;
/// How many events are on one page.
const PAGE: usize = 100;

/// How events travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Sse,
    Lines,
    Page,
}

impl Transport {
    /// The first of the accepted types that is known; anything else gets server-sent events.
    fn wanted(headers: &HeaderMap, query: &StreamQuery) -> Transport {
        match query.transport.as_deref() {
            Some("ndjson" | "lines") => return Transport::Lines,
            Some("poll" | "page") => return Transport::Page,
            Some(_) => return Transport::Sse,
            None => {}
        }
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        accept
            .split(',')
            .find_map(|part| match part.split(';').next()?.trim() {
                "text/event-stream" | "*/*" => Some(Transport::Sse),
                "application/x-ndjson" | "application/jsonl" => Some(Transport::Lines),
                "application/json" => Some(Transport::Page),
                _ => None,
            })
            .unwrap_or(Transport::Sse)
    }

    const fn content_type(self) -> &'static str {
        match self {
            Transport::Sse => "text/event-stream",
            Transport::Lines => "application/x-ndjson",
            Transport::Page => "application/json",
        }
    }

    const fn heartbeat(self) -> &'static str {
        match self {
            Transport::Sse => ": heartbeat\n\n",
            _ => "\n",
        }
    }

    /// The beginning of an event that never ends.
    const fn half(self) -> &'static str {
        match self {
            Transport::Sse => "id: cut\ndata: {\"id\":\"cut\",",
            _ => "{\"id\":\"cut\",",
        }
    }

    /// How long to wait before reconnecting, where the transport has a way to say it.
    const fn greeting(self) -> &'static str {
        match self {
            Transport::Sse => "retry: 1000\n\n",
            _ => "",
        }
    }

    fn write(self, events: &[Arc<Event>], missed: u64) -> String {
        let mut text = String::new();
        if missed > 0 && self == Transport::Sse {
            let _ = write!(text, ": {missed} events are no longer in the history\n\n");
        }
        for event in events {
            let _ = match self {
                Transport::Sse => write!(text, "id: {}\ndata: {}\n\n", event.id, event.text),
                _ => writeln!(text, "{}", event.text),
            };
        }
        text
    }
}

/// What a listener may ask for in the query.
#[derive(Debug, Default, Deserialize)]
pub struct StreamQuery {
    transport: Option<String>,
    /// The last event that was seen, for clients that cannot set `Last-Event-ID`.
    after: Option<String>,
}

/// `GET` the events.
pub async fn events(
    State(state): State<Shared>,
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
    let transport = Transport::wanted(&headers, &query);
    if transport == Transport::Page && upgrade.is_err() {
        return page(&state, last_seen);
    }
    let place = match last_seen {
        Some(id) => state.history.resume(id),
        None => state.history.present(),
    };
    let end = End {
        expiry: until,
        cut: faults.cut_stream.map(|life| Instant::now() + life),
    };
    let Ok(seat) = Arc::clone(&state.seats).try_acquire_owned() else {
        let detail = format!("there are {LISTENERS} listeners already");
        return http::refuse(&state, &Problem::new(Kind::Status(503), detail));
    };
    if let Ok(upgrade) = upgrade {
        // A listener has nothing to say that would need room.
        return upgrade
            .max_message_size(64 * 1024)
            .on_upgrade(move |socket| async move {
                talk(state, socket, place, end).await;
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

/// When a stream ends by itself.
#[derive(Clone, Copy)]
struct End {
    /// The token is over.
    expiry: Option<Instant>,
    /// A fault cuts it.
    cut: Option<Instant>,
}

impl End {
    fn is_reached(self) -> bool {
        let now = Instant::now();
        let mut moments = self.expiry.into_iter().chain(self.cut);
        moments.any(|moment| moment <= now)
    }
}

/// One JSON value a message, until the listener leaves or its token expires.
async fn talk(state: Shared, mut socket: WebSocket, mut place: u64, end: End) {
    let mut news = state.history.news();
    loop {
        news.mark_unchanged();
        let (events, _) = state.history.after(place, BATCH);
        for event in &events {
            place = event.number;
            let message = Message::Text(event.text.as_str().into());
            if socket.send(message).await.is_err() {
                return;
            }
        }
        // There may be more already, of which no news will come.
        if events.len() == BATCH && !end.is_reached() {
            continue;
        }
        let beat = tokio::select! {
            _ = news.changed() => None,
            () = tokio::time::sleep(state.options.heartbeat) => Some(Message::Ping(Bytes::new())),
            () = moment(end.expiry) => Some(closing(4401, "the token has expired")),
            // Dropped without a word, as when a network goes away.
            () = moment(end.cut) => return,
            message = socket.recv() => match message {
                Some(Ok(_)) => None,
                _ => return,
            },
        };
        let last = matches!(beat, Some(Message::Close(_)));
        if let Some(beat) = beat
            && (socket.send(beat).await.is_err() || last)
        {
            return;
        }
    }
}

fn closing(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: reason.into(),
    }))
}

/// Until when the sender's token is good, if it has one; a token of ours that is over is never
/// taken, any other only where no login is required.
fn admitted(state: &Shared, headers: &HeaderMap) -> Result<Option<Instant>, Problem> {
    let standing = state.sessions().standing(headers);
    match standing {
        Standing::Valid(until, _) => Ok(Some(until)),
        Standing::Unknown if !state.options.require_login => Ok(None),
        standing => Err(login::no_token(&standing)),
    }
}

/// Events after the last one seen, as an array; from the beginning of what is left without one.
fn page(state: &Shared, last_seen: Option<&str>) -> Response {
    let _ = state.history.present();
    let place = last_seen.map_or(0, |id| state.history.resume(id));
    let (events, _) = state.history.after(place, PAGE);
    let texts: Vec<_> = events.iter().map(|event| event.text.as_str()).collect();
    stream_response(
        Transport::Page.content_type(),
        Body::from(format!("[{}]", texts.join(","))),
    )
}

/// An answer whose pieces are pushed.
pub fn pushed(content_type: &'static str, pieces: mpsc::Receiver<io::Result<Bytes>>) -> Response {
    stream_response(content_type, Body::from_stream(Pushed(pieces)))
}

fn stream_response(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(content_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    response
}

/// Sends until the listener leaves or its token expires.
async fn send(
    state: &Shared,
    transport: Transport,
    mut place: u64,
    end: End,
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

/// Waits for a moment, if there is to be one.
async fn moment(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A body whose pieces are pushed.
struct Pushed(mpsc::Receiver<io::Result<Bytes>>);

impl futures_core::Stream for Pushed {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
