//! Whole lines: whether one is a single object, and the blanks around it.

use crate::wire::json::is_whitespace;
use crate::wire::json::nesting::{Nesting, NestingEnd};
use crate::wire::json::structural::BytePositions;

/// Whether a line is one object, as far as counting braces can show: it begins and ends with one,
/// they balance, and nowhere does a closing one meet an opening one.
pub(super) fn is_plainly_one_object(line: &[u8]) -> bool {
    let line = trim(line);
    if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
        return false;
    }
    let mut open = 0_usize;
    for at in BytePositions::of(b'{', b'}', line) {
        if line[at] == b'{' {
            open += 1;
            continue;
        }
        let Some(outer) = open.checked_sub(1) else {
            return false;
        };
        open = outer;
        if matches!(trim_start(&line[at + 1..]).first(), Some(b'{' | 0xEF)) {
            return false;
        }
    }
    open == 0
}

/// Whether bytes are one object from the first brace to the last, however they go on.
pub(super) fn is_exactly_one_object(bytes: &[u8]) -> bool {
    let object = trim_start(bytes);
    let end = Nesting::default().follow(object, true, 0);
    object.starts_with(b"{") && end == Some(NestingEnd::Closed(object.len()))
}

pub(super) fn trim_start(bytes: &[u8]) -> &[u8] {
    let from = bytes.iter().position(|byte| !is_whitespace(*byte));
    &bytes[from.unwrap_or(bytes.len())..]
}

pub(super) fn trim_end(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|byte| !is_whitespace(*byte));
    &bytes[..last.map_or(0, |at| at + 1)]
}

pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}
