//! Lines of a stream that does not end: pushed in as bytes come, with a bound on what is held.

use super::json::BOM;

/// A line, or what is known of one that was too long.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line without its end; blank lines are passed over.
    Whole(&'a [u8]),
    /// A line longer than the limit was passed over; its length in bytes.
    TooLarge(u64),
}

/// Splits one connection's bytes at line feeds.
#[derive(Debug)]
pub struct Splitter {
    limit: usize,
    held: Vec<u8>,
    dropped: u64,
    started: bool,
}

impl Splitter {
    /// A splitter that holds no line longer than `limit` bytes.
    pub fn new(limit: usize) -> Splitter {
        Splitter {
            limit,
            held: Vec::new(),
            dropped: 0,
            started: false,
        }
    }

    /// Takes the next bytes and hands over the lines that are complete.
    pub fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let part = &bytes[..end];
            bytes = &bytes[end + 1..];
            if self.held.is_empty() && self.dropped == 0 && part.len() <= self.limit {
                let first = !std::mem::replace(&mut self.started, true);
                give(part, first, take);
            } else {
                self.hold(part);
                self.finish(take);
            }
        }
        self.hold(bytes);
    }

    /// The stream has ended for good: hands over what is left.
    pub fn finish(&mut self, take: &mut impl FnMut(Line<'_>)) {
        let first = !std::mem::replace(&mut self.started, true);
        if self.dropped > 0 {
            take(Line::TooLarge(self.dropped + self.held.len() as u64));
        } else {
            give(&self.held, first, take);
        }
        self.held.clear();
        self.held.shrink_to(4096);
        self.dropped = 0;
    }

    /// Whether more than the limit has come of a line that has not ended.
    pub const fn is_over_limit(&self) -> bool {
        self.dropped > 0
    }

    fn hold(&mut self, part: &[u8]) {
        let room = self.limit.saturating_sub(self.held.len());
        let kept = part.len().min(room);
        self.held.extend_from_slice(&part[..kept]);
        self.dropped += (part.len() - kept) as u64;
    }
}

fn give(line: &[u8], first: bool, take: &mut impl FnMut(Line<'_>)) {
    let line = if first {
        line.strip_prefix(BOM).unwrap_or(line)
    } else {
        line
    };
    let line = line.trim_ascii();
    if !line.is_empty() {
        take(Line::Whole(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = Splitter::new(8);
        let mut said = Vec::new();
        let mut take = |line: Line<'_>| {
            said.push(match line {
                Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                Line::TooLarge(length) => format!("<{length}>"),
            });
        };
        for chunk in chunks {
            splitter.push(chunk, &mut take);
        }
        splitter.finish(&mut take);
        said
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_are_split() {
        let text = "\u{feff}one\r\n\r\n  \n12345678\n123456789\n12345678901\nlast".as_bytes();
        let expected = ["one", "12345678", "<9>", "<11>", "last"];
        for at in 0..=text.len() {
            for second in at..=text.len() {
                let parts = [&text[..at], &text[at..second], &text[second..]];
                assert_eq!(split(&parts), expected, "split at {at}, {second}");
            }
        }
    }
}
