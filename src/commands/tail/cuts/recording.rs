//! Recorded streams: the same events as each transport carries them.

use crate::wire::feed::Framing;

/// How a recording carries its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// Server-sent events with these line ends.
    Sse(&'static str),
    /// The same with comments, names of events, wishes and data over several lines.
    Chatty(&'static str),
    /// Lines with these ends.
    Lines(&'static str),
    /// Texts between a record separator and a line feed (RFC 7464).
    Sequence,
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
pub const DRESSES: [Dress; 14] = [
    Dress::Sse("\n"),
    Dress::Sse("\r"),
    Dress::Sse("\r\n"),
    Dress::Chatty("\n"),
    Dress::Chatty("\r\n"),
    Dress::Lines("\n"),
    Dress::Lines("\r\n"),
    Dress::Sequence,
    Dress::Frames,
    Dress::Fragments,
    Dress::Array(Order::OldestFirst),
    Dress::Array(Order::NewestFirst),
    Dress::Page(Order::OldestFirst),
    Dress::Page(Order::NewestFirst),
];

impl Dress {
    pub fn framing(self) -> Framing {
        match self {
            Dress::Sse(_) | Dress::Chatty(_) => Framing::Sse,
            Dress::Lines(_) | Dress::Sequence => Framing::Lines,
            Dress::Frames | Dress::Fragments => Framing::Messages,
            Dress::Array(_) => Framing::Document,
            Dress::Page(_) => Framing::Page("/page/items".to_owned()),
        }
    }

    /// Whether what was shown of a document that broke off comes before what belongs in front.
    pub fn is_backward(self) -> bool {
        matches!(
            self,
            Dress::Array(Order::NewestFirst) | Dress::Page(Order::NewestFirst)
        )
    }

    /// The bytes of one event in a stream.
    fn frame(self, id: &str, event: &str) -> Vec<u8> {
        match self {
            Dress::Sse(end) => format!("id: {id}{end}data: {event}{end}{end}").into_bytes(),
            Dress::Chatty(end) => {
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
                    "odd",
                    "",
                    ": live",
                    "",
                ];
                lines.map(|line| line.to_owned() + end).concat().into()
            }
            Dress::Lines(end) => format!("{event}{end}{end}").into_bytes(),
            Dress::Sequence => format!("\u{1e}{event}\n").into_bytes(),
            Dress::Frames => frame(0x81, event.as_bytes()),
            Dress::Fragments => {
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
            Dress::Array(_) | Dress::Page(_) => event.into(),
        }
    }

    /// After how many bytes of its frame in a stream an event is complete.
    fn needed(self, frame: &[u8]) -> usize {
        match self {
            // A carriage return ends a line, whether or not a line feed follows.
            Dress::Sse(end) => frame.len() - (end.len() - 1),
            Dress::Chatty(end) => {
                let odd = memchr::memmem::find(frame, b"odd").expect("a line");
                odd + "odd".len() + end.len() + 1
            }
            // The blank line behind it is only that.
            Dress::Lines(end) => frame.len() - end.len(),
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
const IN_A_PAGE: usize = 4;

/// Some events, dressed.
pub struct Recording {
    dress: Dress,
    ids: Vec<String>,
    frames: Vec<Vec<u8>>,
}

impl Recording {
    /// `count` events whose ids begin with `prefix`.
    pub fn new(dress: Dress, prefix: &str, count: usize) -> Recording {
        let ids: Vec<String> = (0..count).map(|at| format!("{prefix}{at}")).collect();
        let dressed = |(at, id): (usize, &String)| dress.frame(id, &event(at, id));
        Recording {
            frames: ids.iter().enumerate().map(dressed).collect(),
            dress,
            ids,
        }
    }

    pub fn dress(&self) -> Dress {
        self.dress
    }

    /// The ids in the order of their making.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The place of what comes after a position; unknown ones are those of another recording.
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
            let mut items: Vec<_> = rest.iter().take(IN_A_PAGE).map(Vec::as_slice).collect();
            if order == Order::NewestFirst {
                items.reverse();
            }
            [b"[", items.join(&b",\n"[..]).as_slice(), b"]"].concat()
        };
        match self.dress {
            Dress::Array(order) => document(order),
            Dress::Page(order) => {
                let items = document(order);
                let (head, tail) = (&b"{\"page\":{\"more\":true,\"items\":"[..], b"},\"n\":1}\n");
                [head, &items, tail].concat()
            }
            Dress::Frames | Dress::Fragments => [rest.concat(), frame(0x88, b"")].concat(),
            _ => rest.concat(),
        }
    }

    /// The ids in the order in which an undisturbed session shows them, each with the number of
    /// bytes of the session after which it is complete.
    pub fn shown(&self) -> Vec<(&str, usize)> {
        let mut sent = 0;
        let mut shown = Vec::new();
        let chunk = if self.dress.framing().ends() {
            IN_A_PAGE
        } else {
            self.frames.len()
        };
        for first in (0..self.frames.len()).step_by(chunk) {
            let body = self.body(first).len();
            let mut places: Vec<usize> = (first..self.frames.len()).take(chunk).collect();
            if self.dress.is_backward() {
                places.reverse();
            }
            let mut end = sent;
            for place in places {
                let frame = &self.frames[place];
                let complete = match self.dress {
                    // Nothing of a page counts before its end.
                    Dress::Page(_) => sent + body,
                    // Its comma or the closing bracket says that it is whole.
                    Dress::Array(_) => {
                        end += if end == sent { 1 } else { 2 };
                        end + frame.len() + 1
                    }
                    dress => end + dress.needed(frame),
                };
                end += frame.len();
                shown.push((self.ids[place].as_str(), complete));
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
