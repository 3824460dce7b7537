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
