//! Finds member names that occur twice in one object.

use super::{Document, NodeKind, SyntaxErrorKind, offset};
use std::collections::HashSet;

/// A number that few names of one object share: length, first, middle and last byte, mixed.
fn fingerprint(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).copied().map_or(0, u32::from);
    let last = byte(name.len().wrapping_sub(1));
    let length = u32::try_from(name.len()).unwrap_or(0);
    let mixed = byte(0) | last << 8 | byte(name.len() / 2) << 16 | length << 24;
    (mixed.wrapping_mul(0x9E37_79B1) >> 24) as usize
}

/// Finds names that occur twice, by a small filter. Objects with many names, or with escaped ones,
/// are compared by a set at their end.
pub struct DuplicateNames {
    /// How many faults the text had before this object.
    faults: usize,
    filter: [u64; 4],
    count: usize,
    deferred: bool,
}

impl DuplicateNames {
    const MANY: usize = 48;

    /// For an object that has just been opened.
    pub fn of(document: &Document) -> DuplicateNames {
        DuplicateNames {
            faults: document.faults.len(),
            filter: [0; 4],
            count: 0,
            deferred: false,
        }
    }

    /// Takes the name that was read last.
    #[inline]
    pub fn note(&mut self, document: &mut Document, text: &[u8], object: usize, name: usize) {
        self.count += 1;
        self.deferred |= self.count > Self::MANY || document.nodes[name].kind == NodeKind::Escaped;
        if self.deferred {
            return;
        }
        let inner = document.inner(text, name);
        let print = fingerprint(inner);
        let (word, mask) = (&mut self.filter[print / 64], 1_u64 << (print % 64));
        if *word & mask == 0 {
            *word |= mask;
            return;
        }
        compare(document, text, object, name);
    }

    /// Compares all names at once, where that was put off. What the filter found before is found
    /// again, so its faults are dropped first.
    pub fn finish(&self, document: &mut Document, text: &[u8], object: usize) {
        if !self.deferred {
            return;
        }
        document.nodes[object].after = offset(document.nodes.len());
        let mut seen = HashSet::new();
        let mut twice = Vec::new();
        let mut names = Vec::new();
        for (name, _) in document.members(object) {
            let node = document.nodes[name];
            names.push(node.start as usize);
            if !seen.insert(document.text(text, name).unwrap_or_default()) {
                twice.push((node.start as usize, node.end as usize));
            }
        }
        let inside = document.faults.split_off(self.faults);
        document.faults.extend(inside.into_iter().filter(|fault| {
            fault.kind != SyntaxErrorKind::Duplicate || names.binary_search(&fault.start).is_err()
        }));
        for (start, end) in twice {
            document.fault(SyntaxErrorKind::Duplicate, start, end);
        }
    }
}

/// Compares a name with all before it. The object is still open, so its members are walked by
/// their own ends.
fn compare(document: &mut Document, text: &[u8], object: usize, name: usize) {
    let inner = document.inner(text, name);
    let mut at = object + 1;
    while at < name {
        if document.inner(text, at) == inner {
            let node = document.nodes[name];
            document.fault(
                SyntaxErrorKind::Duplicate,
                node.start as usize,
                node.end as usize,
            );
            return;
        }
        at = document.nodes[at + 1].after as usize;
    }
}
