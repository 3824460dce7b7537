//! The source line around a value, cut to the width of the page.

use crate::check::secrets;
use crate::render::sanitise;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// How many columns a text takes.
fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// A source line cut around a value, with how many columns lie before and under it.
pub struct SourceLine {
    pub shown: String,
    pub before: usize,
    pub under: usize,
}

/// How many bytes before and behind a place are looked at for its line: more than fit on it.
const REACH: usize = 4096;

impl SourceLine {
    /// The line around the `length` bytes of a value, in so many columns, with secrets masked.
    pub fn around(
        record: &[u8],
        start: usize,
        length: usize,
        room: usize,
        secrets: &[Range<usize>],
    ) -> SourceLine {
        let (first, last) = (
            start.saturating_sub(REACH),
            record.len().min(start.saturating_add(REACH)),
        );
        let is_inside = |byte: &u8| byte & 0xC0 == 0x80;
        let cut = record[first..start]
            .iter()
            .take_while(|byte| is_inside(byte));
        let begin = match memchr::memrchr(b'\n', &record[first..start]) {
            Some(at) => first + at + 1,
            None => first + if first > 0 { cut.count() } else { 0 },
        };
        let end = memchr::memchr(b'\n', &record[start..last]).map_or(last, |at| start + at);
        let end = end - usize::from(end > start && record[end - 1] == b'\r');
        let value = start..start.saturating_add(length.max(1)).min(end);
        let text = |part: Range<usize>| {
            let part = secrets::masked(record, part, secrets);
            sanitise::line(&String::from_utf8_lossy(&part)).into_owned()
        };
        let (head, tail) = (text(begin..start), text(value.end..end));
        let value = text(value);
        // The value gets at least half of the room, what stands before it a third or what is left.
        let value = cut_end(&value, room / 2 + room / 6);
        let under = width(&value);
        // A place behind the end is marked by a caret all the same.
        let left = room.saturating_sub(under.max(1));
        let head = cut_start(
            &head,
            left.saturating_sub(width(&tail)).max(left.min(room / 3)),
        );
        let before = width(&head);
        let tail = if value.ends_with('…') {
            String::new()
        } else {
            cut_end(&tail, room.saturating_sub(before + under))
        };
        SourceLine {
            shown: format!("{head}{value}{tail}"),
            before,
            under,
        }
    }
}

/// The end of a text, marked where it was cut.
fn cut_start(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut shown = Vec::new();
    let mut used = 1;
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        shown.push(c);
    }
    std::iter::once('…')
        .chain(shown.into_iter().rev())
        .collect()
}

/// The beginning of a text, marked where it was cut.
fn cut_end(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_value_in_long_and_wide_lines() {
        let line = "{\"a\":\"漢字漢字\",\"b\":\"x\"}".as_bytes();
        let start = line.len() - 4;
        let cut = SourceLine::around(line, start, 3, 60, &[]);
        assert_eq!((cut.before, cut.under), (20, 3));
        let long = format!("{{\"a\":\"{}\",\"b\":1}}", "y".repeat(500));
        let cut = SourceLine::around(long.as_bytes(), long.len() - 2, 1, 60, &[]);
        assert!(width(&cut.shown) <= 60 && cut.shown.starts_with('…'));
        assert_eq!(cut.shown.chars().nth(cut.before), Some('1'));
    }

    #[test]
    fn hostile_text_in_the_line_is_escaped_and_counted_as_shown() {
        let line = b"{\"a\":\"\x1b[2J\",\"b\":1}";
        let cut = SourceLine::around(line, line.len() - 2, 1, 80, &[]);
        assert!(!cut.shown.contains('\u{1b}'));
        assert_eq!(cut.shown.chars().nth(cut.before), Some('1'));
    }
}
