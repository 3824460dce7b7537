//! A place in a JSON text, and the document that is built from what was read up to there.

use super::lexical::{BOM, is_whitespace, odd_blank};
use super::{Document, JsonNode, NodeKind, SyntaxErrorKind, offset};

/// The reading stops here; a fault has been noted.
pub struct ReadStopped;

pub type ReadResult = Result<(), ReadStopped>;

pub struct Cursor<'t, 'd> {
    pub text: &'t [u8],
    pub at: usize,
    pub document: &'d mut Document,
}

impl Cursor<'_, '_> {
    #[inline]
    pub fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[cold]
    pub fn stop(&mut self, kind: SyntaxErrorKind) -> ReadResult {
        let end = (self.at + 1).min(self.text.len());
        let start = self.at.min(end);
        self.document.fault(kind, start, end);
        Err(ReadStopped)
    }

    /// The byte that is found where something else should be, or the end.
    pub fn unexpected(&mut self) -> ReadResult {
        match self.peek() {
            Some(byte) => self.stop(SyntaxErrorKind::Unexpected(byte)),
            None => self.stop(SyntaxErrorKind::CutOff),
        }
    }

    /// Skips blanks, comments and byte-order marks, which mostly are not there.
    #[inline]
    pub fn blanks(&mut self) {
        if let Some(b' ' | 9..=13 | b'/' | b'#' | 0xC2 | 0xE1..=0xE3 | 0xEF) = self.peek() {
            self.pass_blanks();
        }
    }

    fn pass_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                _ if is_whitespace(byte) => self.at += 1,
                b'/' if matches!(self.text.get(self.at + 1), Some(b'/' | b'*')) => self.comment(),
                b'#' => self.comment(),
                0xEF if self.rest().starts_with(BOM) => {
                    let end = self.at + BOM.len();
                    self.document
                        .fault(SyntaxErrorKind::InnerMark, self.at, end);
                    self.at = end;
                }
                _ => match odd_blank(self.rest()) {
                    Some(blank) => self.odd_blanks(blank),
                    None => break,
                },
            }
        }
    }

    /// Passes over blanks that JSON does not know, as one fault.
    fn odd_blanks(&mut self, first: char) {
        let start = self.at;
        while let Some(blank) = odd_blank(self.rest()) {
            self.at += blank.len_utf8();
        }
        self.document
            .fault(SyntaxErrorKind::OddBlank(first), start, self.at);
    }

    fn comment(&mut self) {
        let start = self.at;
        let length = if self.rest().starts_with(b"/*") {
            memchr::memmem::find(&self.text[start + 2..], b"*/").map(|at| at + 4)
        } else {
            memchr::memchr(b'\n', self.rest())
        };
        self.at = length.map_or(self.text.len(), |length| start + length);
        self.document
            .fault(SyntaxErrorKind::Comment, start, self.at);
    }

    #[inline]
    pub fn open(&mut self, kind: NodeKind) -> usize {
        let start = self.at;
        self.document.nodes.push(JsonNode {
            kind,
            start: offset(start),
            end: offset(start),
            after: 0,
        });
        self.document.nodes.len() - 1
    }

    #[inline]
    pub fn close(&mut self, node: usize) {
        let after = offset(self.document.nodes.len());
        let node = &mut self.document.nodes[node];
        node.end = offset(self.at);
        node.after = after;
    }
}
