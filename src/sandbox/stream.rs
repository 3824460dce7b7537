//! The event stream: one address, several transports, replay by id.

use super::history::Event;
use super::login::{self, Standing};
use super::problem::{Kind, Problem};
use super::server::{self, Shared};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::mpsc;

/// How many listeners there may be.
pub const LISTENERS: usize = 64;
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
    fn wanted(headers: &HeaderMap, query: &Wish) -> Transport {
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
            .filter_map(|part| match part.split(';').next()?.trim() {
                "text/event-stream" | "*/*" => Some(Transport::Sse),
                "application/x-ndjson" | "application/jsonl" => Some(Transport::Lines),
                "application/json" => Some(Transport::Page),
                _ => None,
            })
            .next()
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
pub struct Wish {
    transport: Option<String>,
    /// The last event that was seen, for clients that cannot set `Last-Event-ID`.
    after: Option<String>,
}

/// `GET` the events.
pub async fn events(
    State(state): State<Shared>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let until = match admitted(&state, &headers) {
        Ok(until) => until,
        Err(problem) => return server::refuse(&state, &problem),
    };
    let last_seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .or(wish.after.as_deref())
        .filter(|id| !id.is_empty());
    let transport = Transport::wanted(&headers, &wish);
    if transport == Transport::Page {
        return page(&state, last_seen);
    }
    let place = match last_seen {
        Some(id) => state.history.resume(id),
        None => state.history.present(),
    };
    let Ok(seat) = Arc::clone(&state.seats).try_acquire_owned() else {
        let detail = format!("there are {LISTENERS} listeners already");
        return server::refuse(&state, &Problem::new(Kind::Status(503), detail));
    };
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        send(&state, transport, place, until, &sender).await;
        drop(seat);
    });
    stream_response(
        transport.content_type(),
        Body::from_stream(Pushed(receiver)),
    )
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
    let place = match last_seen {
        Some(id) => state.history.resume(id),
        None => {
            let _ = state.history.present();
            0
        }
    };
    let (events, _) = state.history.after(place, PAGE);
    let texts: Vec<_> = events.iter().map(|event| event.text.as_str()).collect();
    stream_response(
        Transport::Page.content_type(),
        Body::from(format!("[{}]", texts.join(","))),
    )
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
    until: Option<Instant>,
    sender: &mpsc::Sender<Bytes>,
) {
    let mut news = state.history.news();
    let greeting = transport.greeting();
    if !greeting.is_empty()
        && sender
            .send(Bytes::from_static(greeting.as_bytes()))
            .await
            .is_err()
    {
        return;
    }
    let cut = state
        .options
        .faults
        .cut_stream
        .map(|life| Instant::now() + life);
    loop {
        news.mark_unchanged();
        let (events, missed) = state.history.after(place, BATCH);
        let text = if let Some(last) = events.last() {
            place = last.number;
            transport.write(&events, missed)
        } else {
            tokio::select! {
                _ = news.changed() => continue,
                () = tokio::time::sleep(state.options.heartbeat) => {}
                () = expiry(until) => return,
                () = expiry(cut) => {
                    // In the middle of an event, which the listener must not take for a whole one.
                    let half = Bytes::from_static(transport.half().as_bytes());
                    let _ = sender.send(half).await;
                    return;
                }
                () = sender.closed() => return,
            }
            transport.heartbeat().to_owned()
        };
        tokio::select! {
            sent = sender.send(text.into()) => if sent.is_err() { return },
            () = expiry(until) => return,
        }
    }
}

async fn expiry(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

/// A body whose pieces are pushed.
struct Pushed(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Pushed {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|piece| piece.map(Ok))
    }
}
