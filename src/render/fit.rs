//! Texts fitted into columns: how many one takes, cut to them, filled up to them.

use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// As many as mostly stand between two columns.
const BLANKS: &str = "                              ";

/// Writes blanks up to a column and two more; returns the columns used, the text's included.
pub fn pad(out: &mut String, used: usize, width: usize) -> usize {
    let blanks = width.saturating_sub(used) + 2;
    match BLANKS.get(..blanks) {
        Some(usual) => out.push_str(usual),
        None => out.extend(std::iter::repeat_n(' ', blanks)),
    }
    used + blanks
}

/// The columns a text takes.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// The text as far as the line has room, with an ellipsis where it was cut.
pub fn cut(text: &str, width: Option<usize>, used: usize) -> Cow<'_, str> {
    let Some(width) = width else {
        return text.into();
    };
    cut_to(text, width.saturating_sub(used).max(10))
}

/// The same, cut behind a word where that leaves most of it: part of a number is another number.
pub fn cut_words(text: &str, width: Option<usize>, used: usize) -> Cow<'_, str> {
    let shown = match cut(text, width, used) {
        Cow::Owned(shown) => shown,
        whole @ Cow::Borrowed(_) => return whole,
    };
    let (left, rest) = text.split_at(shown.len() - '…'.len_utf8());
    let left = match left.rfind(' ') {
        Some(at) if !rest.starts_with(' ') && 2 * at >= left.len() => &left[..at],
        _ => left,
    };
    format!("{}…", left.trim_end()).into()
}

/// The text as far as there is room, with an ellipsis where it was cut.
pub fn cut_to(text: &str, room: usize) -> Cow<'_, str> {
    if columns(text) <= room {
        return text.into();
    }
    let mut shown = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > room - 1 {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_whole_or_not_at_all() {
        for (text, width, expected) in [
            ("656 ms, in 23 out 21", 20, "656 ms, in 23 out 21"),
            ("656 ms, in 23 out 21", 19, "656 ms, in 23 out…"),
            ("656 ms, in 23 out 21", 18, "656 ms, in 23 out…"),
            ("656 ms, in 23 out 21", 14, "656 ms, in 23…"),
            ("one-long-word-of-many", 12, "one-long-wo…"),
            ("a one-long-word-of-many", 12, "a one-long-…"),
            ("übermäßig ärgerlich", 14, "übermäßig…"),
        ] {
            assert_eq!(cut_words(text, Some(width), 0), expected);
        }
        assert_eq!(cut_words("as it is", None, 70), "as it is");
    }
}
