//! Fixes a source while it is read: what stands between the records passes as it is.

use super::Fixer;
use crate::wire::json::BOM;
use crate::wire::records::{Framer, Record};

/// A piece of a fixed source, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Bytes that stay.
    Same(&'a [u8]),
    /// Bytes that are exchanged.
    Changed {
        /// What stood there.
        old: &'a [u8],
        /// What stands there now.
        new: &'a [u8],
    },
}

impl<'a> Part<'a> {
    /// The bytes of the fixed source.
    pub fn fixed(self) -> &'a [u8] {
        match self {
            Part::Same(bytes) | Part::Changed { new: bytes, .. } => bytes,
        }
    }
}

/// The fixing of one source. Holds at most the record in progress; one that is larger than the
/// limit passes as it is.
#[derive(Debug)]
pub struct StreamFixer {
    framer: Framer,
    copier: Copier,
}

#[derive(Debug)]
struct Copier {
    fixer: Fixer,
    limit: usize,
    /// The bytes that came in; the first of them may have gone out again.
    held: Vec<u8>,
    /// How many of them have gone out.
    gone: usize,
    /// How many went out in all.
    passed: u64,
    /// Whether a record has been seen, so that what stands before it is known.
    begun: bool,
    /// Whether a mark at the very beginning stays: without it a second one would take its place.
    keeps_mark: bool,
}

impl StreamFixer {
    /// The fixing of one source whose records are no larger than `limit`.
    pub fn new(fixer: Fixer, limit: usize) -> StreamFixer {
        StreamFixer {
            framer: Framer::new(limit),
            copier: Copier {
                fixer,
                limit,
                held: Vec::new(),
                gone: 0,
                passed: 0,
                begun: false,
                keeps_mark: false,
            },
        }
    }

    /// Takes the next bytes and hands on what is settled.
    pub fn push(&mut self, chunk: &[u8], hand: &mut impl FnMut(Part<'_>)) {
        let StreamFixer { framer, copier } = self;
        copier.held.extend_from_slice(chunk);
        framer.push(chunk, &mut |record| copier.record(&record, hand));
        if copier.begun {
            copier.pass_to(framer.settled(), hand);
        }
        if copier.pending().len() > copier.limit {
            copier.pass(copier.pending().len(), hand);
        }
        copier.held.drain(..copier.gone);
        copier.gone = 0;
    }

    /// The source has ended: hands on the rest.
    pub fn finish(&mut self, hand: &mut impl FnMut(Part<'_>)) {
        let StreamFixer { framer, copier } = self;
        framer.finish(&mut |record| copier.record(&record, hand));
        copier.pass(copier.pending().len(), hand);
    }
}

impl Copier {
    fn pending(&self) -> &[u8] {
        &self.held[self.gone..]
    }

    fn record(&mut self, record: &Record<'_>, hand: &mut impl FnMut(Part<'_>)) {
        if record.offset < self.passed {
            return;
        }
        if !self.begun {
            self.begun = true;
            self.keeps_mark = record.offset == BOM.len() as u64
                && record.bytes.starts_with(BOM)
                && record.bytes.get(BOM.len()) != Some(&b'{');
        }
        let edits = self.fixer.fix(record);
        for edit in &edits {
            self.pass_to(record.offset + edit.start as u64, hand);
            let length = edit.end - edit.start;
            hand(Part::Changed {
                old: &self.pending()[..length],
                new: edit.with.as_bytes(),
            });
            self.forget(length);
        }
    }

    /// Hands on everything before a place in the source.
    fn pass_to(&mut self, place: u64, hand: &mut impl FnMut(Part<'_>)) {
        let length = usize::try_from(place.saturating_sub(self.passed)).unwrap_or(0);
        self.pass(length.min(self.pending().len()), hand);
    }

    fn pass(&mut self, length: usize, hand: &mut impl FnMut(Part<'_>)) {
        if length == 0 {
            return;
        }
        let mut bytes = &self.pending()[..length];
        if self.passed == 0
            && !self.keeps_mark
            && let Some(rest) = bytes.strip_prefix(BOM)
        {
            hand(Part::Changed { old: BOM, new: b"" });
            bytes = rest;
        }
        if !bytes.is_empty() {
            hand(Part::Same(bytes));
        }
        self.forget(length);
    }

    fn forget(&mut self, length: usize) {
        self.gone += length;
        self.passed += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Policy;
    use crate::model::timestamp::Timestamp;

    #[test]
    fn a_record_beyond_the_limit_passes_and_is_not_held() {
        let source = format!("{{\"a\":\"{}\",}}\n{{\"b\":1,}}\n", "x".repeat(100_000));
        let mut repair = StreamFixer::new(
            Fixer::new(Policy::at(Timestamp::from_millis(0)), false),
            4096,
        );
        let mut made = Vec::new();
        for chunk in source.as_bytes().chunks(1000) {
            repair.push(chunk, &mut |part| made.extend_from_slice(part.fixed()));
            assert!(repair.copier.held.capacity() < 20_000);
        }
        repair.finish(&mut |part| made.extend_from_slice(part.fixed()));
        let right = source.replace("{\"b\":1,}", "{\"b\":1}");
        assert_eq!(String::from_utf8(made).unwrap(), right);
    }
}
