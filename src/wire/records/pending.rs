//! The record in progress.

use super::ArrayError;
use memchr::{memchr_iter, memrchr};

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// From 1.
    pub(super) line: u64,
    /// From 1, in characters.
    pub(super) column: u64,
    /// In bytes from 0.
    pub(super) offset: u64,
}

impl Spot {
    pub(super) const BEGINNING: Spot = Spot {
        line: 1,
        column: 1,
        offset: 0,
    };

    /// The place behind blanks, or signs of one byte.
    pub(super) fn behind(self, bytes: usize) -> Spot {
        Spot {
            line: self.line,
            column: self.column + bytes as u64,
            offset: self.offset + bytes as u64,
        }
    }

    /// The beginning of the next line, so many bytes further on.
    pub(super) fn next_line(self, bytes: usize) -> Spot {
        Spot {
            line: self.line + 1,
            column: 1,
            offset: self.offset + bytes as u64,
        }
    }
}

/// What is known of a record whose end has not come yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) start: Spot,
    /// What is wrong with the array around it.
    pub(super) flaw: Option<ArrayError>,
    /// Its bytes that came with earlier pushes, or the beginning of them.
    pub(super) held: Vec<u8>,
    pub(super) length: u64,
    /// Its length up to the closing brace.
    pub(super) end: u64,
    /// The line breaks in it, and the characters since the last one.
    pub(super) breaks: u64,
    tail: u64,
}

impl Pending {
    /// No record yet.
    pub(super) fn new() -> Pending {
        Pending {
            start: Spot::BEGINNING,
            flaw: None,
            held: Vec::new(),
            length: 0,
            end: 0,
            breaks: 0,
            tail: 0,
        }
    }

    /// Begins the next one.
    pub(super) fn begin(&mut self, start: Spot, flaw: Option<ArrayError>) {
        let mut held = std::mem::take(&mut self.held);
        held.clear();
        *self = Pending {
            start,
            flaw,
            held,
            ..Pending::new()
        };
    }

    /// Takes its next bytes and keeps them, as far as `limit` allows.
    pub(super) fn hold(&mut self, bytes: &[u8], limit: usize) {
        self.measure(bytes);
        let room = (limit + 1).saturating_sub(self.held.len());
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Takes its next bytes without keeping them.
    pub(super) fn measure(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.breaks += memchr_iter(b'\n', bytes).count() as u64;
        match memrchr(b'\n', bytes) {
            Some(at) => self.tail = count_chars(&bytes[at + 1..]),
            None => self.tail += count_chars(bytes),
        }
    }

    /// The place behind it.
    pub(super) fn behind(&self) -> Spot {
        Spot {
            line: self.start.line + self.breaks,
            column: match self.breaks {
                0 => self.start.column + self.tail,
                _ => self.tail + 1,
            },
            offset: self.start.offset + self.length,
        }
    }
}

fn count_chars(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64
}
