//! How events travel, and in which form.

use crate::sandbox::history::HistoryEvent;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use std::fmt::Write;
use std::sync::Arc;

/// How events travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamTransport {
    Sse,
    Lines,
    Page,
}

impl StreamTransport {
    /// The first of the accepted types that is known; anything else gets server-sent events.
    pub fn wanted(headers: &HeaderMap, query: &StreamQuery) -> StreamTransport {
        match query.transport.as_deref() {
            Some("ndjson" | "lines") => return StreamTransport::Lines,
            Some("poll" | "page") => return StreamTransport::Page,
            Some(_) => return StreamTransport::Sse,
            None => {}
        }
        let accept = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        accept
            .split(',')
            .find_map(|part| match part.split(';').next()?.trim() {
                "text/event-stream" | "*/*" => Some(StreamTransport::Sse),
                "application/x-ndjson" | "application/jsonl" => Some(StreamTransport::Lines),
                "application/json" => Some(StreamTransport::Page),
                _ => None,
            })
            .unwrap_or(StreamTransport::Sse)
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            StreamTransport::Sse => "text/event-stream",
            StreamTransport::Lines => "application/x-ndjson",
            StreamTransport::Page => "application/json",
        }
    }

    pub const fn heartbeat(self) -> &'static str {
        match self {
            StreamTransport::Sse => ": heartbeat\n\n",
            _ => "\n",
        }
    }

    /// The beginning of an event that never ends.
    pub const fn half(self) -> &'static str {
        match self {
            StreamTransport::Sse => "id: cut\ndata: {\"id\":\"cut\",",
            _ => "{\"id\":\"cut\",",
        }
    }

    /// How long to wait before reconnecting, where the transport has a way to say it.
    pub const fn greeting(self) -> &'static str {
        match self {
            StreamTransport::Sse => "retry: 1000\n\n",
            _ => "",
        }
    }

    pub fn write(self, events: &[Arc<HistoryEvent>], missed: u64) -> String {
        let mut text = String::new();
        if missed > 0 && self == StreamTransport::Sse {
            let _ = write!(text, ": {missed} events are no longer in the history\n\n");
        }
        for event in events {
            let _ = match self {
                StreamTransport::Sse => write!(text, "id: {}\ndata: {}\n\n", event.id, event.text),
                _ => writeln!(text, "{}", event.text),
            };
        }
        text
    }
}

/// What a listener may ask for in the query.
#[derive(Debug, Default, Deserialize)]
pub struct StreamQuery {
    pub(super) transport: Option<String>,
    /// The last event that was seen, for clients that cannot set `Last-Event-ID`.
    pub(super) after: Option<String>,
}
