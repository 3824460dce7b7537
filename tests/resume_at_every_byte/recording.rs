//! Recorded streams: the same events as each transport carries them.

use hivelog::wire::feed::{Framing, PageLayout};

/// How a recording carries its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Server-sent events with these line ends.
    Sse(&'static str),
    /// The same with comments, names of events, reconnection times and data over several lines.
    VerboseSse(&'static str),
    /// Lines with these ends.
    Lines(&'static str),
    /// Texts between a record separator and a line feed (RFC 7464).
    JsonSequence,
    /// WebSocket messages of one frame each.
    Frames,
    /// WebSocket messages in several frames, with pings between them.
    Fragments,
    /// Documents that are arrays.
    Array(Order),
    /// Documents that hold an array where a pointer says.
    Page(Order),
}

/// How the events of a document follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// Every way there is.
pub const ENCODINGS: [Encoding; 14] = [
    Encoding::Sse("\n"),
    Encoding::Sse("\r"),
    Encoding::Sse("\r\n"),
    Encoding::VerboseSse("\n"),
    Encoding::VerboseSse("\r\n"),
    Encoding::Lines("\n"),
    Encoding::Lines("\r\n"),
    Encoding::JsonSequence,
    Encoding::Frames,
    Encoding::Fragments,
    Encoding::Array(Order::OldestFirst),
    Encoding::Array(Order::NewestFirst),
    Encoding::Page(Order::OldestFirst),
    Encoding::Page(Order::NewestFirst),
];

impl Encoding {
    pub fn framing(self) -> Framing {
        match self {
            Encoding::Sse(_) | Encoding::VerboseSse(_) => Framing::Sse,
            Encoding::Lines(_) | Encoding::JsonSequence => Framing::Lines,
            Encoding::Frames | Encoding::Fragments => Framing::Messages,
            Encoding::Array(_) => Framing::Document,
            Encoding::Page(_) => Framing::Page(PageLayout {
                items: "/page/items".to_owned(),
                cursor: None,
            }),
        }
    }

    /// Whether what was shown of a document that broke off comes before what belongs in front.
    pub fn is_newest_first(self) -> bool {
        matches!(
            self,
            Encoding::Array(Order::NewestFirst) | Encoding::Page(Order::NewestFirst)
        )
    }

    /// The bytes of one event in a stream.
    fn frame(self, id: &str, event: &str) -> Vec<u8> {
        match self {
            Encoding::Sse(end) => format!("id: {id}{end}data: {event}{end}{end}").into_bytes(),
            Encoding::VerboseSse(end) => {
                // Between two members, so that the line break is only a blank.
                let middle = event.find(",\"data\"").expect("data") + 1;
                let (one, two) = event.split_at(middle);
                let lines = [
                    ":",
                    "event: sys",
                    &format!("data:{one}"),
                    "retry: 700",
                    &format!("data: {two}"),
                    &format!("id:{id}"),
                    "ignored",
                    "",
                    ": live",
                    "",
                ];
                lines.map(|line| line.to_owned() + end).concat().into()
            }
            Encoding::Lines(end) => format!("{event}{end}{end}").into_bytes(),
            Encoding::JsonSequence => format!("\u{1e}{event}\n").into_bytes(),
            Encoding::Frames => frame(0x81, event.as_bytes()),
            Encoding::Fragments => {
                let (one, rest) = event.as_bytes().split_at(20);
                let (two, three) = rest.split_at(100);
                [
                    frame(0x89, b"live?"),
                    frame(0x01, one),
                    frame(0x8a, b""),
                    frame(0x00, two),
                    frame(0x89, b""),
                    frame(0x80, three),
                ]
                .concat()
            }
            Encoding::Array(_) | Encoding::Page(_) => event.into(),
        }
    }

    /// After how many bytes of its frame in a stream an event is complete.
    fn needed(self, frame: &[u8]) -> usize {
        match self {
            // A carriage return ends a line, whether or not a line feed follows.
            Encoding::Sse(end) => frame.len() - (end.len() - 1),
            Encoding::VerboseSse(end) => {
                let ignored = memchr::memmem::find(frame, b"ignored").expect("a line");
                ignored + "ignored".len() + end.len() + 1
            }
            // What is behind its last brace are blanks.
            Encoding::Lines(end) => frame.len() - 2 * end.len(),
            Encoding::JsonSequence => frame.len() - 1,
            _ => frame.len(),
        }
    }
}

/// A frame as a server sends it.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    if length < 126 {
        [&[opcode, low], payload].concat()
    } else {
        [&[opcode, 126, high, low], payload].concat()
    }
}

/// How many events a document holds at most.
const PAGE_SIZE: usize = 4;

/// Some events, and how they are carried.
pub struct Recording {
    encoding: Encoding,
    ids: Vec<String>,
    frames: Vec<Vec<u8>>,
}

impl Recording {
    /// `count` events whose ids begin with `prefix`.
    pub fn new(encoding: Encoding, prefix: &str, count: usize) -> Recording {
        let ids: Vec<String> = (0..count).map(|at| format!("{prefix}{at}")).collect();
        let encoded = |(at, id): (usize, &String)| encoding.frame(id, &event(at, id));
        Recording {
            frames: ids.iter().enumerate().map(encoded).collect(),
            encoding,
            ids,
        }
    }

    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The ids in the order in which the events were created.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The index of what comes after a position; none when the position is unknown.
    pub fn after(&self, position: Option<&str>) -> Option<usize> {
        match position {
            None => Some(0),
            Some(id) => Some(self.ids.iter().position(|known| known == id)? + 1),
        }
    }

    /// What is sent from there on.
    pub fn body(&self, first: usize) -> Vec<u8> {
        let rest = &self.frames[first..];
        let document = |order: Order| {
            let mut items: Vec<_> = rest.iter().take(PAGE_SIZE).map(Vec::as_slice).collect();
            if order == Order::NewestFirst {
                items.reverse();
            }
            [b"[", items.join(&b",\n"[..]).as_slice(), b"]"].concat()
        };
        match self.encoding {
            Encoding::Array(order) => document(order),
            Encoding::Page(order) => {
                let items = document(order);
                let (head, tail) = (&b"{\"page\":{\"more\":true,\"items\":"[..], b"},\"n\":1}\n");
                [head, &items, tail].concat()
            }
            Encoding::Frames | Encoding::Fragments => [rest.concat(), frame(0x88, b"")].concat(),
            _ => rest.concat(),
        }
    }

    /// The ids in the order in which an undisturbed session shows them, each with the number of
    /// bytes of the session after which it is complete.
    pub fn shown(&self) -> Vec<(&str, usize)> {
        let mut sent = 0;
        let mut shown = Vec::new();
        let chunk = if self.encoding.framing().ends() {
            PAGE_SIZE
        } else {
            self.frames.len()
        };
        for first in (0..self.frames.len()).step_by(chunk) {
            let body = self.body(first).len();
            let mut indices: Vec<usize> = (first..self.frames.len()).take(chunk).collect();
            if self.encoding.is_newest_first() {
                indices.reverse();
            }
            let mut end = sent;
            for index in indices {
                let frame = &self.frames[index];
                let complete = match self.encoding {
                    // Nothing of a page counts before its end.
                    Encoding::Page(_) => sent + body,
                    Encoding::Array(_) => {
                        end += if end == sent { 1 } else { 2 };
                        end + frame.len()
                    }
                    encoding => end + encoding.needed(frame),
                };
                end += frame.len();
                shown.push((self.ids[index].as_str(), complete));
            }
            sent += body;
        }
        shown
    }
}

/// An event as servers send it.
fn event(at: usize, id: &str) -> String {
    let data = [
        r#"{"trigger_id":"8fadc1a6-06cb-4fb3-aa1d-e644815ef6d1","trigger_name":"Order sync 17","flow_name":"Salesforce import","inputs":3,"outputs":7,"duration_ms":2414,"ok":true,"error":"","status":"unknown"}"#,
        r#"{"trigger_id":"1a3d1fa7-bc89-40a9-a3b8-c1e9392456de","error":"failed to prepare input data: ungültiges Zeichen '}' \"\u007b\"\r\n → ✓ 🐝 data: id: 7"}"#,
        r#"{"username":"admin","ip":"::1","exp":1.7e9,"nested":[[{"a":[]},{}],"]}",null]}"#,
        "{}",
    ][at % 4];
    let ts = format!("2024-02-25T11:58:{at:02}.336598Z");
    format!(
        r#"{{"id":"{id}","ts":"{ts}","kind":"sys","type":"trigger.event.ok","persistent":true,"src":"","handled":false,"data":{data},"source_flow_id":"","updated_at":"{ts}"}}"#
    )
}
