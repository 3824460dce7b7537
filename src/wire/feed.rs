//! The decoder of a live connection, whichever way it carries events.

use super::envelope::LIMIT;
use super::pointer::{self, inside};
use super::records::Framer;
use super::sse::{Item, SseDecoder};
use crate::model::event::Flaw;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::ops::Range;
use std::time::Duration;

/// How a connection carries events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// JSON values one behind the other, most often one a line, without an end.
    Lines,
    /// A JSON document that ends: an object or an array of them.
    Document,
    /// A JSON document that ends, with an array of events inside.
    Page(PageLayout),
    /// WebSocket messages, each with JSON values.
    Messages,
}

/// Where things are in a page (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLayout {
    /// The array of events.
    pub items: String,
    /// What to ask for the next page with, if the page says so.
    pub cursor: Option<String>,
}

/// The largest page that is accepted, in bytes.
const LARGEST_PAGE: usize = 16 * LIMIT;

impl Framing {
    /// Whether an end is not a failure, and the next document is to be asked for after a while.
    pub const fn ends(&self) -> bool {
        matches!(self, Framing::Document | Framing::Page(_))
    }

    /// Whether events that are carried like this may come under a content type. One that says
    /// nothing does not contradict it.
    pub fn may_come_as(&self, content_type: &str) -> bool {
        let essence = essence(content_type);
        if matches!(
            essence.as_str(),
            "" | "text/plain" | "application/octet-stream"
        ) {
            return true;
        }
        match (self, Framing::of(content_type)) {
            (Framing::Sse, named) => named == Some(Framing::Sse),
            (_, Some(named)) => named != Framing::Sse,
            (_, None) => essence.ends_with("+json"),
        }
    }

    /// The framing of a content type.
    pub fn of(content_type: &str) -> Option<Framing> {
        let essence = essence(content_type);
        match essence.as_str() {
            "text/event-stream" => return Some(Framing::Sse),
            "application/json"
            | "application/cloudevents+json"
            | "application/cloudevents-batch+json" => return Some(Framing::Document),
            _ => {}
        }
        let (kind, name) = essence.split_once('/')?;
        let name = name.strip_prefix("x-").unwrap_or(name);
        let is_lines = matches!(
            name,
            "ndjson" | "jsonl" | "jsonlines" | "json-lines" | "json-seq" | "stream+json"
        );
        (is_lines && matches!(kind, "application" | "text")).then_some(Framing::Lines)
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
    /// How many bytes have come of something that has not ended. Reported once, before
    /// [`StreamItem::TooLarge`]: the end may never come.
    OverLimit(usize),
    /// Something too large was skipped.
    TooLarge(u64),
    /// A page without events where they should be.
    Malformed(Flaw),
}

/// Decodes one connection.
#[derive(Debug)]
pub enum FeedDecoder {
    /// Server-sent events.
    Sse(SseDecoder),
    /// Lines.
    Lines(Box<Framer>),
    /// A document.
    Document(Box<Framer>),
    /// A page.
    Page(PageDecoder),
}

/// A page, which is gathered whole: only then is it known where its events are.
#[derive(Debug, Default)]
pub struct PageDecoder {
    layout: PageLayout,
    bytes: Vec<u8>,
    /// How many bytes were too many.
    dropped: u64,
    /// Splits the array that its events are in, and what of it has not been split yet.
    items: Option<(Box<Framer>, Range<usize>)>,
}

impl FeedDecoder {
    /// A fresh decoder, as each connection needs it.
    pub fn new(framing: &Framing) -> FeedDecoder {
        match framing {
            Framing::Sse => FeedDecoder::Sse(SseDecoder::new(LIMIT)),
            Framing::Lines => FeedDecoder::Lines(Box::new(Framer::new(LIMIT))),
            // Messages are whole already and need no decoder.
            Framing::Document | Framing::Messages => {
                FeedDecoder::Document(Box::new(Framer::new(LIMIT)))
            }
            Framing::Page(layout) => FeedDecoder::Page(PageDecoder {
                layout: layout.clone(),
                ..PageDecoder::default()
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
            FeedDecoder::Sse(decoder) => decoder.is_over_limit().then_some(LIMIT),
            FeedDecoder::Lines(framer) | FeedDecoder::Document(framer) => {
                framer.is_over_limit().then_some(LIMIT)
            }
            FeedDecoder::Page(page) => (page.dropped > 0).then_some(LARGEST_PAGE),
        }
    }

    fn decode(&mut self, bytes: &[u8], take: &mut impl FnMut(StreamItem<'_>)) {
        match self {
            FeedDecoder::Sse(decoder) => decoder.push(bytes, &mut |item| {
                take(match item {
                    Item::Event(None, data) => StreamItem::Value(data),
                    Item::Event(Some(name), data) => StreamItem::Named(name, data),
                    Item::Id(id) => StreamItem::Position(id),
                    Item::Retry(time) => StreamItem::Retry(time),
                    Item::TooLarge(size) => StreamItem::TooLarge(size),
                    Item::Comment => StreamItem::Heartbeat,
                });
            }),
            FeedDecoder::Lines(framer) => {
                framer.push_sequence(bytes, &mut |record| take(item_of(record)));
                framer.flush(&mut |record| take(item_of(record)));
            }
            FeedDecoder::Document(framer) => {
                framer.push(bytes, &mut |record| take(item_of(record)));
                framer.flush(&mut |record| take(item_of(record)));
            }
            FeedDecoder::Page(page) => page.push(bytes),
        }
    }

    /// Whether an end at this point cuts a document off, whatever the connection says.
    pub fn is_cut(&self) -> bool {
        matches!(self, FeedDecoder::Document(framer) if framer.is_in_array())
    }

    /// Whether [`FeedDecoder::finish`] has begun and has more to hand over.
    pub fn is_finishing(&self) -> bool {
        matches!(self, FeedDecoder::Page(page) if page.items.is_some())
    }

    /// The connection has ended as it should: a document's last record is complete now. What
    /// was left of a stream in the middle of an event comes again with the next connection.
    /// Says whether there is more to hand over: to be called again then.
    #[must_use = "there may be more to hand over"]
    pub fn finish(&mut self, take: &mut impl FnMut(StreamItem<'_>)) -> bool {
        match self {
            FeedDecoder::Document(framer) => framer.finish(&mut |record| take(item_of(record))),
            FeedDecoder::Page(page) => return page.finish(take),
            // An event without its blank line is none, says the specification of SSE. A value
            // without the end of its line may have been cut off, unless it is whole.
            FeedDecoder::Sse(_) => {}
            FeedDecoder::Lines(framer) => framer.finish(&mut |record| {
                if serde_json::from_slice::<IgnoredAny>(record.bytes).is_ok() {
                    take(item_of(record));
                }
            }),
        }
        false
    }
}

/// How much of a page is split at once: others get their turn in between.
const PIECE: usize = 64 << 10;

impl PageDecoder {
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
                if let Some(cursor) = self.cursor() {
                    take(StreamItem::Position(&cursor));
                }
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
        let pointer = &self.layout.items;
        match inside(body, pointer) {
            Ok("null") => Ok(0..0),
            Ok(found) if found.starts_with('[') => {
                let start = found.as_ptr() as usize - text.as_ptr() as usize;
                Ok(start..start + found.len())
            }
            Ok(_) => Err(no_items(pointer, "what is there is not an array")),
            Err(Flaw::NothingAt(_)) => Err(no_items(pointer, &members(body))),
            Err(flaw) => Err(flaw),
        }
    }

    /// What the page says the next one is to be asked for with: text or a number. Without it the
    /// last one stays.
    fn cursor(&self) -> Option<String> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let body = text.trim_start_matches('\u{feff}').trim_ascii();
        match serde_json::from_str(inside(body, self.layout.cursor.as_ref()?).ok()?).ok()? {
            Value::String(cursor) => Some(cursor).filter(|cursor| !cursor.is_empty()),
            Value::Number(cursor) => Some(cursor.to_string()),
            _ => None,
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
    let read = pointer::members(page, |name, _| {
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

/// Hands over the values in one message: most often one, but some senders put several lines into
/// it.
pub fn message(bytes: &[u8], take: &mut impl FnMut(StreamItem<'_>)) {
    let mut framer = Framer::new(bytes.len().max(1));
    framer.push_sequence(bytes, &mut |record| take(item_of(record)));
    framer.finish(&mut |record| take(item_of(record)));
}

fn item_of(record: super::records::Record<'_>) -> StreamItem<'_> {
    if record.is_oversize() {
        StreamItem::TooLarge(record.length)
    } else {
        StreamItem::Value(record.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(item: &StreamItem<'_>) -> String {
        match item {
            StreamItem::Value(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_content_type_says_how_events_are_carried() {
        for (content_type, framing) in [
            ("text/event-stream; charset=utf-8", Some(Framing::Sse)),
            ("application/x-ndjson", Some(Framing::Lines)),
            ("Application/NDJSON;charset=UTF-8", Some(Framing::Lines)),
            ("text/x-ndjson", Some(Framing::Lines)),
            ("text/ndjson", Some(Framing::Lines)),
            ("application/jsonl", Some(Framing::Lines)),
            ("application/x-jsonl", Some(Framing::Lines)),
            ("application/jsonlines", Some(Framing::Lines)),
            ("application/x-jsonlines", Some(Framing::Lines)),
            ("application/json-seq", Some(Framing::Lines)),
            ("application/stream+json", Some(Framing::Lines)),
            ("application/json", Some(Framing::Document)),
            ("application/cloudevents+json", Some(Framing::Document)),
            (
                "application/cloudevents-batch+json",
                Some(Framing::Document),
            ),
            ("image/ndjson", None),
            ("text/plain", None),
            ("text/html", None),
            ("", None),
        ] {
            assert_eq!(Framing::of(content_type), framing, "{content_type}");
        }
    }

    #[test]
    fn values_of_a_stream_are_handed_over_as_soon_as_they_are_closed() {
        for stream in [
            &["{\"a\":1}", "{\"a\":", "2}", "\n", "{\"a\":3}\n{\"a\":4}\n"][..],
            &[
                "\u{1e}{\"a\":1}\n",
                "\u{1e}{\"a\":2}\n\u{1e}{\"a\":3}\n\u{1e}{\"a\":4}\n",
            ],
            &["{\n \"a\":1\n}\n", "{\"a\":2}{\"a\":3}", "{\"a\":4}"],
        ] {
            let mut feed = FeedDecoder::new(&Framing::Lines);
            let mut all = Vec::new();
            for part in stream {
                let closed = part.trim_end().ends_with('}');
                let before = all.len();
                feed.push(part.as_bytes(), &mut |item| {
                    all.push(said(&item).replace(['\n', ' '], ""));
                });
                assert_eq!(all.len() > before, closed, "{part:?}");
            }
            let wanted = ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":4}"];
            assert_eq!(all, wanted, "{stream:?}");
        }
    }

    #[test]
    fn a_value_that_is_cut_off_costs_itself_alone() {
        let mut feed = FeedDecoder::new(&Framing::Lines);
        let mut all = Vec::new();
        let stream = "\u{1e}{\"a\":1}\n\u{1e}{\"a\":\u{1e}{\"a\":3}\nnonsense\n{\"a\":4}\n{\"a\"";
        let mut take = |item: StreamItem<'_>| all.push(said(&item));
        feed.push(stream.as_bytes(), &mut take);
        assert!(!feed.finish(&mut take));
        assert_eq!(
            all,
            ["{\"a\":1}", "{\"a\":", "{\"a\":3}", "nonsense", "{\"a\":4}"]
        );
    }

    #[test]
    fn a_page_says_what_to_ask_for_next() {
        for (cursor, wanted) in [
            (r#""c-2""#, Some("Position(\"c-2\")")),
            ("17", Some("Position(\"17\")")),
            ("null", None),
            (r#""""#, None),
            ("{}", None),
        ] {
            let layout = PageLayout {
                items: "/items".to_owned(),
                cursor: Some("/next".to_owned()),
            };
            let mut feed = FeedDecoder::new(&Framing::Page(layout));
            let mut all = Vec::new();
            let mut take = |item: StreamItem<'_>| all.push(said(&item));
            let page = format!(r#"{{"items":[{{"a":1}}],"next":{cursor}}}"#);
            feed.push(page.as_bytes(), &mut take);
            while feed.finish(&mut take) {}
            assert_eq!(all[0], "{\"a\":1}");
            assert_eq!(all.get(1).map(String::as_str), wanted, "{cursor}");
        }
    }

    #[test]
    fn a_message_may_hold_several_values() {
        for message in [
            "{\"a\":1}\n{\"a\":2}\n",
            "{\"a\":1}{\"a\":2}",
            "[{\"a\":1},\n{\"a\":2}]",
        ] {
            let mut all = Vec::new();
            super::message(message.as_bytes(), &mut |item| all.push(said(&item)));
            assert_eq!(all, ["{\"a\":1}", "{\"a\":2}"], "{message}");
        }
    }
}
