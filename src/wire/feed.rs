//! The decoder of a live connection, whichever way it carries events.

use super::envelope::{self, LIMIT, inside};
use super::lines::{Line, Splitter};
use super::records::Framer;
use super::sse::{Decoder, Item};
use crate::model::event::Flaw;
use serde::de::IgnoredAny;
use std::ops::Range;
use std::time::Duration;

/// How a connection carries events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
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

impl Framing {
    /// Whether an end is no break, and the next document is to be asked for after a while.
    pub const fn ends(&self) -> bool {
        matches!(self, Framing::Document | Framing::Page(_))
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
        match (self, Framing::of(content_type)) {
            (Framing::Sse, told) => told == Some(Framing::Sse),
            (_, Some(told)) => told != Framing::Sse,
            (_, None) => essence.ends_with("+json"),
        }
    }

    /// The framing a content type stands for.
    pub fn of(content_type: &str) -> Option<Framing> {
        match essence(content_type).as_str() {
            "text/event-stream" => Some(Framing::Sse),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-seq" => Some(Framing::Lines),
            "application/json" => Some(Framing::Document),
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
pub enum StreamItem<'a> {
    /// One JSON value, most likely an envelope.
    Value(&'a [u8]),
    /// The same, under the name of the SSE event that brought it.
    Named(&'a str, &'a [u8]),
    /// The position after what was sent.
    Position(&'a str),
    /// How long to wait before reconnecting.
    Retry(Duration),
    /// Nothing, but the other side lives.
    Heartbeat,
    /// So many bytes have come of something that has not ended. Said once, before
    /// [`StreamItem::TooLarge`]: the end may never come.
    OverLimit(usize),
    /// Something larger than is taken was passed over.
    TooLarge(u64),
    /// A page without events where they should be.
    Malformed(Flaw),
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
    /// A page.
    Page(Page),
}

/// A page, which is gathered whole: only then is it known where its events are.
#[derive(Debug, Default)]
pub struct Page {
    pointer: String,
    bytes: Vec<u8>,
    /// How many bytes were too many.
    dropped: u64,
    /// Splits the array that its events are in, and what of it has not been split yet.
    items: Option<(Box<Framer>, Range<usize>)>,
}

impl Feed {
    /// A fresh decoder, as each connection needs it.
    pub fn new(framing: &Framing) -> Feed {
        match framing {
            Framing::Sse => Feed::Sse(Decoder::new(LIMIT)),
            Framing::Lines => Feed::Lines(Splitter::new(LIMIT)),
            // Messages are whole already and need no decoder.
            Framing::Document | Framing::Messages => Feed::Document(Box::new(Framer::new(LIMIT))),
            Framing::Page(pointer) => Feed::Page(Page {
                pointer: pointer.clone(),
                ..Page::default()
            }),
        }
    }

    /// Takes the next bytes and hands over what they say.
    pub fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(StreamItem<'_>)) {
        let before = self.passed_limit();
        self.decode(bytes, take);
        if let Some(limit) = self.passed_limit().filter(|_| before.is_none()) {
            take(StreamItem::OverLimit(limit));
        }
    }

    /// The limit, where what is coming is over it already.
    fn passed_limit(&self) -> Option<usize> {
        match self {
            Feed::Sse(decoder) => decoder.is_over_limit().then_some(LIMIT),
            Feed::Lines(splitter) => splitter.is_over_limit().then_some(LIMIT),
            Feed::Document(framer) => framer.is_over_limit().then_some(LIMIT),
            Feed::Page(page) => (page.dropped > 0).then_some(LARGEST_PAGE),
        }
    }

    fn decode(&mut self, bytes: &[u8], take: &mut impl FnMut(StreamItem<'_>)) {
        match self {
            Feed::Sse(decoder) => decoder.push(bytes, &mut |item| {
                take(match item {
                    Item::Event(None, data) => StreamItem::Value(data),
                    Item::Event(Some(name), data) => StreamItem::Named(name, data),
                    Item::Id(id) => StreamItem::Position(id),
                    Item::Retry(time) => StreamItem::Retry(time),
                    Item::TooLarge(size) => StreamItem::TooLarge(size),
                    Item::Comment => StreamItem::Heartbeat,
                });
            }),
            Feed::Lines(splitter) => splitter.push(bytes, &mut |line| {
                take(match line {
                    // RFC 7464 begins each text with a record separator.
                    Line::Whole(line) => {
                        StreamItem::Value(line.strip_prefix(b"\x1e").unwrap_or(line))
                    }
                    Line::TooLarge(size) => StreamItem::TooLarge(size),
                });
            }),
            Feed::Document(framer) => framer.push(bytes, &mut |record| take(item_of(record))),
            Feed::Page(page) => page.push(bytes),
        }
    }

    /// Whether an end at this point cuts a document off, whatever the connection says.
    pub fn is_cut(&self) -> bool {
        matches!(self, Feed::Document(framer) if framer.is_in_array())
    }

    /// Whether [`Feed::finish`] has begun and has more to hand over.
    pub fn is_finishing(&self) -> bool {
        matches!(self, Feed::Page(page) if page.items.is_some())
    }

    /// The connection has ended as it should: a document's last record is complete now. What
    /// was left of a stream in the middle of an event comes again with the next connection.
    /// Says whether there is more to hand over: to be called again then.
    #[must_use = "there may be more to hand over"]
    pub fn finish(&mut self, take: &mut impl FnMut(StreamItem<'_>)) -> bool {
        match self {
            Feed::Document(framer) => framer.finish(&mut |record| take(item_of(record))),
            Feed::Page(page) => return page.finish(take),
            // An event without its blank line is none, says the specification of SSE. A line
            // without its end may have been cut off, unless it is a whole value.
            Feed::Sse(_) => {}
            Feed::Lines(splitter) => splitter.finish(&mut |line| {
                if let Line::Whole(line) = line {
                    let line = line.strip_prefix(b"\x1e").unwrap_or(line);
                    if serde_json::from_slice::<IgnoredAny>(line).is_ok() {
                        take(StreamItem::Value(line));
                    }
                }
            }),
        }
        false
    }
}

/// How much of a page is split at once: others get their turn in between.
const PIECE: usize = 64 << 10;

impl Page {
    fn push(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LARGEST_PAGE - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..kept]);
        self.dropped += (bytes.len() - kept) as u64;
    }

    /// Hands over some of the events; says whether there may be more of them.
    fn finish(&mut self, take: &mut impl FnMut(StreamItem<'_>)) -> bool {
        if let Some((framer, rest)) = &mut self.items {
            let piece = rest.start..rest.end.min(rest.start + PIECE);
            rest.start = piece.end;
            framer.push(&self.bytes[piece], &mut |record| take(item_of(record)));
            let more = rest.start < rest.end;
            if !more {
                framer.finish(&mut |record| take(item_of(record)));
            }
            return more;
        }
        match self.array() {
            Ok(range) => self.items = Some((Box::new(Framer::new(LIMIT)), range)),
            Err(flaw) => take(StreamItem::Malformed(flaw)),
        }
        self.items.is_some()
    }

    /// Where the array of events is. `null` in its place is an array without any.
    fn array(&self) -> Result<Range<usize>, Flaw> {
        if self.dropped > 0 {
            return Err(Flaw::TooLarge(self.bytes.len() as u64 + self.dropped));
        }
        let text = std::str::from_utf8(&self.bytes).map_err(|_| Flaw::NotJson)?;
        let body = text.trim_start_matches('\u{feff}').trim_ascii();
        match inside(body, &self.pointer) {
            Ok("null") => Ok(0..0),
            Ok(found) if found.starts_with('[') => {
                let start = found.as_ptr() as usize - text.as_ptr() as usize;
                Ok(start..start + found.len())
            }
            Ok(_) => Err(no_items(&self.pointer, "what is there is not an array")),
            Err(Flaw::NothingAt(_)) => Err(no_items(&self.pointer, &members(body))),
            Err(flaw) => Err(flaw),
        }
    }
}

fn no_items(pointer: &str, why: &str) -> Flaw {
    Flaw::NoItems(pointer.to_owned(), why.to_owned())
}

/// How many members of a page are named at most.
const NAMED: usize = 8;

/// How much of a name is shown.
const LONGEST_NAME: usize = 64;

/// What a page has instead.
fn members(page: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    let read = envelope::members(page, |name, _| {
        if names.len() < NAMED {
            names.push(name.chars().take(LONGEST_NAME).collect());
        } else if names.len() == NAMED {
            names.push("…".to_owned());
        }
    });
    match names.as_slice() {
        _ if read.is_err() => "the page is not an object".to_owned(),
        [] => "the page is empty".to_owned(),
        names => format!("the page has {}", names.join(", ")),
    }
}

fn item_of(record: super::records::Record<'_>) -> StreamItem<'_> {
    if record.is_oversize() {
        StreamItem::TooLarge(record.length)
    } else {
        StreamItem::Value(record.bytes)
    }
}
