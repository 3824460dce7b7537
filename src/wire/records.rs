//! Record framing.

/// One record as it was framed, with where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its bytes, without the blanks around it.
    pub bytes: &'a [u8],
    /// Its number in the source, from 1.
    pub number: u64,
    /// The line it begins on, from 1.
    pub line: u64,
    /// The column it begins in, from 1, in characters.
    pub column: u64,
    /// Its true length; more than `bytes` holds when it was larger than the limit.
    pub length: u64,
}

/// Splits a stream of bytes into records, told by content.
#[derive(Debug)]
pub struct Framer {}

impl Framer {
    /// A framer for one source; no record larger than `limit` bytes is held.
    pub fn new(_limit: usize) -> Framer {
        Framer {}
    }

    /// Takes the next bytes and hands over the records that are complete.
    pub fn push(&mut self, _chunk: &[u8], _take: &mut impl FnMut(Record<'_>)) {}

    /// The source has ended: hands over what is left.
    pub fn finish(&mut self, _take: &mut impl FnMut(Record<'_>)) {}
}
