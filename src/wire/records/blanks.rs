//! The blanks around a record.

/// What JSON counts as white space, line breaks included; not a form feed, as others do.
fn is_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\n'
}

pub(super) fn without_blanks_before(bytes: &[u8]) -> &[u8] {
    let from = bytes.iter().position(|byte| !is_space(*byte));
    &bytes[from.unwrap_or(bytes.len())..]
}

pub(super) fn without_blanks_behind(bytes: &[u8]) -> &[u8] {
    let last = bytes.iter().rposition(|byte| !is_space(*byte));
    &bytes[..last.map_or(0, |at| at + 1)]
}

pub(super) fn without_blanks(bytes: &[u8]) -> &[u8] {
    without_blanks_behind(without_blanks_before(bytes))
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
