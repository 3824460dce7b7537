//! Server-sent events, as WHATWG's HTML standard defines them: pushed in as bytes come, split
//! anywhere, with a bound on what is held.

use super::json::BOM;
use std::time::Duration;

/// What a stream of bytes holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An event: its name, where it has one, and its data with line breaks between the lines.
    Event(Option<&'a str>, &'a [u8]),
    /// The last event ID has moved; said before the event that moved it.
    Id(&'a str),
    /// The server wants clients to wait so long before they reconnect.
    Retry(Duration),
    /// A comment: nothing is said, but the server lives.
    Comment,
    /// An event larger than the limit was passed over; its size in bytes.
    TooLarge(u64),
}

/// The decoder of one connection.
#[derive(Debug)]
pub struct SseDecoder {
    limit: usize,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// Bytes of that line that were dropped.
    line_dropped: u64,
    /// The name of the event that is coming.
    name: String,
    data: Vec<u8>,
    /// Bytes of the event's data that were dropped.
    data_dropped: u64,
    id: String,
    /// Whether the event that is coming has an id.
    has_id: bool,
    started: bool,
    after_return: bool,
}

impl SseDecoder {
    /// A decoder that holds no line and no event larger than `limit` bytes.
    pub fn new(limit: usize) -> SseDecoder {
        SseDecoder {
            limit,
            line: Vec::new(),
            line_dropped: 0,
            name: String::new(),
            data: Vec::new(),
            data_dropped: 0,
            id: String::new(),
            has_id: false,
            started: false,
            after_return: false,
        }
    }

    /// Takes the next bytes and hands over what is complete. There is no end to announce: an
    /// event without its final blank line is to be discarded.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Item<'_>)) {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) else {
                self.hold(bytes);
                return;
            };
            let (part, rest) = bytes.split_at(end);
            self.after_return = rest[0] == b'\r';
            bytes = &rest[1..];
            if self.line.is_empty() && self.line_dropped == 0 {
                let kept = part.len().min(self.limit);
                self.whole_line(&part[..kept], (part.len() - kept) as u64, take);
            } else {
                self.hold(part);
                let line = std::mem::take(&mut self.line);
                let dropped = std::mem::take(&mut self.line_dropped);
                self.whole_line(&line, dropped, take);
                self.line = line;
                self.line.clear();
                self.line.shrink_to(4096);
            }
        }
    }

    /// Whether more than the limit has come of an event that has not ended.
    pub const fn is_over_limit(&self) -> bool {
        self.line_dropped > 0 || self.data_dropped > 0
    }

    fn hold(&mut self, part: &[u8]) {
        let room = self.limit.saturating_sub(self.line.len());
        let kept = part.len().min(room);
        self.line.extend_from_slice(&part[..kept]);
        self.line_dropped += (part.len() - kept) as u64;
    }

    fn whole_line(&mut self, mut line: &[u8], dropped: u64, take: &mut impl FnMut(Item<'_>)) {
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(take);
            return;
        }
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"" => take(Item::Comment),
            b"data" => self.data_line(value, dropped),
            b"event" => {
                self.name.clear();
                self.name.push_str(&String::from_utf8_lossy(value));
            }
            // The standard wants an id with NUL ignored. One beyond the limit is cut, and still
            // far longer than any that is sent back.
            b"id" if !value.contains(&0) => {
                self.id.clear();
                self.id.push_str(&String::from_utf8_lossy(value));
                self.has_id = true;
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let text = std::str::from_utf8(value).unwrap_or_default();
                // Digits that overflow are a very long time.
                let millis = text.parse().unwrap_or(u64::MAX);
                take(Item::Retry(Duration::from_millis(millis)));
            }
            _ => {}
        }
    }

    fn data_line(&mut self, value: &[u8], dropped: u64) {
        if self.data_dropped > 0 || dropped > 0 || self.data.len() + value.len() > self.limit {
            self.data_dropped += (self.data.len() + value.len()) as u64 + dropped + 1;
            self.data = Vec::new();
        } else {
            self.data.extend_from_slice(value);
            self.data.push(b'\n');
        }
    }

    fn dispatch(&mut self, take: &mut impl FnMut(Item<'_>)) {
        // Only a complete event moves the resume point, also one without data.
        if std::mem::take(&mut self.has_id) {
            take(Item::Id(&self.id));
        }
        if self.data_dropped > 0 {
            take(Item::TooLarge(self.data_dropped - 1));
        } else if !self.data.is_empty() {
            let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
            take(Item::Event(name, &self.data[..self.data.len() - 1]));
        }
        self.name.clear();
        self.data.clear();
        self.data_dropped = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a stream says, in a form that is easy to compare.
    fn decode(chunks: &[&[u8]], limit: usize) -> Vec<String> {
        let mut decoder = SseDecoder::new(limit);
        let mut said = Vec::new();
        for chunk in chunks {
            decoder.push(chunk, &mut |item| {
                said.push(match item {
                    Item::Comment => return,
                    Item::Event(None, data) => format!("event {}", String::from_utf8_lossy(data)),
                    Item::Event(Some(name), data) => {
                        format!("{name}: {}", String::from_utf8_lossy(data))
                    }
                    Item::Id(id) => format!("id {id}"),
                    Item::Retry(time) => format!("retry {}", time.as_millis()),
                    Item::TooLarge(size) => format!("large {size}"),
                });
            });
        }
        said
    }

    /// The standard's rules, a stream and what it says each.
    const TABLE: &[(&str, &str, &[&str])] = &[
        ("one event", "data: a\n\n", &["event a"]),
        ("lines are joined", "data: a\ndata:b\n\n", &["event a\nb"]),
        ("only one blank is removed", "data:  a\n\n", &["event  a"]),
        ("a field without colon is empty", "data\n\n", &["event "]),
        ("two empty lines", "data\ndata\n\n", &["event \n"]),
        (
            "carriage returns end lines",
            "data: a\r\rdata: b\r\r",
            &["event a", "event b"],
        ),
        (
            "both together end one line",
            "data: a\r\ndata: b\r\n\r\n",
            &["event a\nb"],
        ),
        ("mixed", "data:a\r\n\rdata:b\n\r\n", &["event a", "event b"]),
        (
            "a byte-order mark is skipped",
            "\u{feff}data: a\n\n",
            &["event a"],
        ),
        ("but only the first", "\u{feff}\u{feff}data: a\n\n", &[]),
        (
            "comments are passed over",
            ": hi\n:\ndata: a\n:x\n\n",
            &["event a"],
        ),
        (
            "unknown fields too",
            "date: a\ncomment: b\n data: c\nDATA: d\n\n",
            &[],
        ),
        ("the end is not a blank line", "data: a\n", &[]),
        (
            "an id comes before its event",
            "id: 7\ndata: a\n\n",
            &["id 7", "event a"],
        ),
        ("an id alone moves the position", "id: 7\n\n", &["id 7"]),
        (
            "of two the last counts",
            "id: 7\nid: 8\ndata: a\n\n",
            &["id 8", "event a"],
        ),
        (
            "an empty id clears it",
            "id\ndata: a\n\n",
            &["id ", "event a"],
        ),
        (
            "an id with NUL is ignored",
            "id: 7\0\ndata: a\n\n",
            &["event a"],
        ),
        (
            "an id whose event is cut does not count",
            "id: 7\ndata: a\n",
            &[],
        ),
        ("a time to wait", "retry: 1500\n\n", &["retry 1500"]),
        (
            "bogus times",
            "retry: 1500x\nretry: -1\nretry:\nretry: 1.5\n\n",
            &[],
        ),
        ("NUL in data stays", "data: \0\n\n", &["event \0"]),
        (
            "a name holds for one event, and the last one counts",
            "event: y\nevent: x\ndata: a\n\nevent: z\n\ndata: b\n\nevent\ndata: c\n\n",
            &["x: a", "event b", "event c"],
        ),
        (
            "a name without data is not an event",
            "event: x\n\ndata: a\n\n",
            &["event a"],
        ),
        ("many blank lines", "\n\n\ndata: a\n\n\n\n", &["event a"]),
        ("text of all kinds", "data: ünï ✓\n\n", &["event ünï ✓"]),
    ];

    #[test]
    fn the_rules_of_the_standard_hold_however_the_bytes_are_split() {
        for (what, stream, expected) in TABLE {
            let bytes = stream.as_bytes();
            assert_eq!(decode(&[bytes], 1024), *expected, "{what}");
            for at in 0..=bytes.len() {
                for second in at..=bytes.len() {
                    let parts = [&bytes[..at], &bytes[at..second], &bytes[second..]];
                    assert_eq!(
                        decode(&parts, 1024),
                        *expected,
                        "{what}, split at {at}, {second}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_is_passed_over_and_not_held() {
        let mut decoder = SseDecoder::new(1000);
        let mut said = 0;
        decoder.push(b"data: ", &mut |_| said += 1);
        for _ in 0..10_000 {
            decoder.push(&[b'x'; 1000], &mut |_| said += 1);
            assert!(decoder.line.capacity() <= 2048);
        }
        let mut items = Vec::new();
        decoder.push(b"\ndata: more\n\ndata: next\n\n", &mut |item| {
            items.push(format!("{item:?}"));
        });
        assert_eq!(said, 0);
        assert_eq!(items.len(), 2, "{items:?}");
        assert!(items[0].starts_with("TooLarge(1000"), "{items:?}");
        // Many small lines are bounded like one large one.
        let many = "data: 0123456789\n".repeat(200) + "\ndata: a\n\n";
        assert_eq!(decode(&[many.as_bytes()], 1000)[1], "event a");
    }

    proptest! {
        #[test]
        fn no_splitting_changes_what_is_said(
            text in "(data|id|retry|:|x|[ :0-9]|\r|\n|\r\n|\0){0,60}",
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let bytes = text.as_bytes();
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.push(0);
            at.push(bytes.len());
            at.sort_unstable();
            let parts: Vec<_> = at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(&parts, 16), decode(&[bytes], 16));
        }
    }
}
