//! The decoder of a live connection, whichever way it carries events.

use super::envelope::{LIMIT, inside};
use super::lines::{Line, Splitter};
use super::records::Framer;
use super::sse::{Decoder, Item};
use crate::model::event::Flaw;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a connection carries events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// Server-sent events.
    Sse,
    /// One JSON value a line, without an end.
    Lines,
    /// A JSON document that ends: an object or an array of them.
    Document,
    /// A JSON document that ends, with an array of events inside, where the pointer says.
    Page(String),
    /// WebSocket messages, one JSON value each.
    Messages,
}

/// The largest page that is taken, in bytes.
const LARGEST_PAGE: usize = 16 * LIMIT;

impl Carrier {
    /// Whether an end is no break, and the next document is to be asked for after a while.
    pub const fn ends(&self) -> bool {
        matches!(self, Carrier::Document | Carrier::Page(_))
    }

    /// Whether events that are carried like this may come under a content type. One that says
    /// nothing is no contradiction.
    pub fn may_come_as(&self, content_type: &str) -> bool {
        let essence = essence(content_type);
        if matches!(
            essence.as_str(),
            "" | "text/plain" | "application/octet-stream"
        ) {
            return true;
        }
        match (self, Carrier::of(content_type)) {
            (Carrier::Sse, told) => told == Some(Carrier::Sse),
            (_, Some(told)) => told != Carrier::Sse,
            (_, None) => essence.ends_with("+json"),
        }
    }

    /// The carrier a content type stands for.
    pub fn of(content_type: &str) -> Option<Carrier> {
        match essence(content_type).as_str() {
            "text/event-stream" => Some(Carrier::Sse),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-seq" => Some(Carrier::Lines),
            "application/json" => Some(Carrier::Document),
            _ => None,
        }
    }
}

/// A content type without its parameters.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What a connection says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// One JSON value, most likely an envelope.
    Value(&'a [u8]),
    /// The position after what was sent.
    Position(&'a str),
    /// How long to wait before reconnecting.
    Retry(Duration),
    /// Nothing, but the other side lives.
    Heartbeat,
    /// Something larger than is taken was passed over.
    TooLarge(u64),
    /// A page without events where they should be.
    Odd(Flaw),
}

/// Decodes one connection.
#[derive(Debug)]
pub enum Feed {
    /// Server-sent events.
    Sse(Decoder),
    /// Lines.
    Lines(Splitter),
    /// A document.
    Document(Box<Framer>),
    /// A page: its bytes so far, how many were too many, and where its events are.
    Page(Vec<u8>, u64, String),
}

impl Feed {
    /// A fresh decoder, as each connection needs it.
    pub fn new(carrier: &Carrier) -> Feed {
        match carrier {
            Carrier::Sse => Feed::Sse(Decoder::new(LIMIT)),
            Carrier::Lines => Feed::Lines(Splitter::new(LIMIT)),
            // Messages are whole already and need no decoder.
            Carrier::Document | Carrier::Messages => Feed::Document(Box::new(Framer::new(LIMIT))),
            Carrier::Page(pointer) => Feed::Page(Vec::new(), 0, pointer.clone()),
        }
    }

    /// Takes the next bytes and hands over what they say.
    pub fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(Said<'_>)) {
        match self {
            Feed::Sse(decoder) => decoder.push(bytes, &mut |item| {
                take(match item {
                    Item::Event(data) => Said::Value(data),
                    Item::Id(id) => Said::Position(id),
                    Item::Retry(time) => Said::Retry(time),
                    Item::TooLarge(size) => Said::TooLarge(size),
                    Item::Comment => Said::Heartbeat,
                });
            }),
            Feed::Lines(splitter) => splitter.push(bytes, &mut |line| {
                take(match line {
                    // RFC 7464 begins each text with a record separator.
                    Line::Whole(line) => Said::Value(line.strip_prefix(b"\x1e").unwrap_or(line)),
                    Line::TooLarge(size) => Said::TooLarge(size),
                });
            }),
            Feed::Document(framer) => framer.push(bytes, &mut |record| take(said(record))),
            Feed::Page(page, dropped, _) => {
                let kept = bytes.len().min(LARGEST_PAGE - page.len());
                page.extend_from_slice(&bytes[..kept]);
                *dropped += (bytes.len() - kept) as u64;
            }
        }
    }

    /// Whether an end at this point cuts a document off, whatever the connection says.
    pub fn is_cut(&self) -> bool {
        matches!(self, Feed::Document(framer) if framer.is_in_array())
    }

    /// The connection has ended as it should: a document's last record is complete now. What
    /// was left of a stream in the middle of an event comes again with the next connection.
    pub fn finish(&mut self, take: &mut impl FnMut(Said<'_>)) {
        match self {
            Feed::Document(framer) => framer.finish(&mut |record| take(said(record))),
            Feed::Page(page, 0, pointer) => items(page, pointer, take),
            Feed::Page(page, dropped, _) => take(Said::TooLarge(page.len() as u64 + *dropped)),
            // An event without its blank line is none, says the specification of SSE. A line
            // without its end may have been cut off, unless it is a whole value.
            Feed::Sse(_) => {}
            Feed::Lines(splitter) => splitter.finish(&mut |line| {
                if let Line::Whole(line) = line {
                    let line = line.strip_prefix(b"\x1e").unwrap_or(line);
                    if serde_json::from_slice::<IgnoredAny>(line).is_ok() {
                        take(Said::Value(line));
                    }
                }
            }),
        }
    }
}

/// The events of a page. `null` where they should be is an array without any.
fn items(page: &[u8], pointer: &str, take: &mut impl FnMut(Said<'_>)) {
    let text = match std::str::from_utf8(page) {
        Ok(text) => text.trim_start_matches('\u{feff}').trim_ascii(),
        Err(_) => return take(Said::Value(page)),
    };
    match inside(text, pointer) {
        Ok("null") => {}
        Ok(found) => match serde_json::from_str::<Vec<&RawValue>>(found) {
            Ok(items) => items
                .iter()
                .for_each(|item| take(Said::Value(item.get().as_bytes()))),
            Err(_) => take(Said::Odd(no_items(
                pointer,
                "what is there is not an array",
            ))),
        },
        Err(Flaw::NothingAt(_)) => take(Said::Odd(no_items(pointer, &members(text)))),
        Err(flaw) => take(Said::Odd(flaw)),
    }
}

fn no_items(pointer: &str, why: &str) -> Flaw {
    Flaw::NoItems(pointer.to_owned(), why.to_owned())
}

/// How many members of a page are named at most.
const NAMED: usize = 8;

/// What a page has instead.
fn members(page: &str) -> String {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(page) else {
        return "the page is not an object".to_owned();
    };
    let mut names: Vec<_> = members.keys().take(NAMED).map(String::as_str).collect();
    if members.len() > NAMED {
        names.push("…");
    }
    match names.as_slice() {
        [] => "the page is empty".to_owned(),
        names => format!("the page has {}", names.join(", ")),
    }
}

fn said(record: super::records::Record<'_>) -> Said<'_> {
    if record.is_oversize() {
        Said::TooLarge(record.length)
    } else {
        Said::Value(record.bytes)
    }
}
