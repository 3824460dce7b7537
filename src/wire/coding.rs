//! Content codings (RFC 9110, 8.4.1): what came compressed is decoded in steps of bounded size.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// What one step decodes at the most, however well it was compressed.
const STEP: usize = 64 * 1024;

/// The longest header of a gzip member; it may carry a file name and a comment.
const LONGEST_HEADER: usize = 64 * 1024;

/// A coding that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, and the bare RFC 1951 that some servers send under the same name.
    Deflate,
}

/// Why a body cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// Another coding than gzip or deflate, or more than one.
    #[error("the content coding '{0}' is not supported, only gzip and deflate")]
    Unsupported(String),
    /// The bytes are not what the coding says.
    #[error("the compressed data is damaged")]
    Damaged,
    /// It ended too early.
    #[error("the compressed data is cut off")]
    Cut,
    /// It is larger than the limit when decoded.
    #[error("the data is larger than {0} bytes when decompressed")]
    TooLarge(usize),
}

impl Coding {
    /// Reads a `Content-Encoding` header; nothing where the content came as it is.
    pub fn of(header: &str) -> Result<Option<Coding>, CodingError> {
        let names = header.split(',').map(str::trim);
        let mut names = names.filter(|name| {
            let plain = name.is_empty() || name.eq_ignore_ascii_case("identity");
            !plain
        });
        let coding = match names.next().map(str::to_ascii_lowercase).as_deref() {
            None => return Ok(None),
            Some("gzip" | "x-gzip") => Coding::Gzip,
            Some("deflate") => Coding::Deflate,
            Some(_) => return Err(CodingError::Unsupported(header.to_owned())),
        };
        match names.next() {
            None => Ok(Some(coding)),
            Some(_) => Err(CodingError::Unsupported(header.to_owned())),
        }
    }

    /// A whole body, if it is no longer than `limit` when decoded.
    pub fn decode(self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, CodingError> {
        let (decoded, ended) = self.beginning(bytes, limit);
        match ended {
            Ok(()) if decoded.len() > limit => Err(CodingError::TooLarge(limit)),
            Ok(()) => Ok(decoded),
            Err(error) => Err(error),
        }
    }

    /// The beginning of a body, up to a little more than `limit`, and why there is no more of it.
    pub fn beginning(self, mut bytes: &[u8], limit: usize) -> (Vec<u8>, Result<(), CodingError>) {
        let mut decoder = ContentDecoder::new(self);
        let mut all = Vec::new();
        while all.len() <= limit {
            match decoder.step(&mut bytes) {
                Ok((part, true)) => all.extend_from_slice(part),
                Ok((part, false)) => {
                    all.extend_from_slice(part);
                    return (all, decoder.finish());
                }
                Err(error) => return (all, Err(error)),
            }
        }
        (all, Ok(()))
    }
}

/// Where in the data a decoder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StreamPart {
    /// Before a gzip member, or before the first byte of a deflate stream.
    Header,
    Content,
    /// Checksum and length behind a gzip member.
    Trailer,
    End,
}

/// Decodes what comes piece by piece.
#[derive(Debug)]
pub struct ContentDecoder {
    coding: Coding,
    part: StreamPart,
    inflate: Decompress,
    sum: Crc,
    /// A header or trailer that has not come whole.
    held: Vec<u8>,
    decoded: Vec<u8>,
}

impl ContentDecoder {
    /// A decoder before the first byte.
    pub fn new(coding: Coding) -> ContentDecoder {
        ContentDecoder {
            coding,
            part: StreamPart::Header,
            inflate: Decompress::new(false),
            sum: Crc::new(),
            held: Vec::new(),
            decoded: Vec::with_capacity(STEP),
        }
    }

    /// Takes from `input` and hands over what that gives, a bounded amount at once; true when
    /// there may be more without further input.
    pub fn step(&mut self, input: &mut &[u8]) -> Result<(&[u8], bool), CodingError> {
        self.decoded.clear();
        loop {
            let whole = match (self.part, self.coding) {
                (StreamPart::Header, Coding::Gzip) => self.gzip_header(input)?,
                (StreamPart::Header, Coding::Deflate) => self.deflate_header(input),
                (StreamPart::Content, _) => self.content(input)?,
                (StreamPart::Trailer, _) => self.trailer(input)?,
                (StreamPart::End, _) if input.is_empty() => false,
                (StreamPart::End, _) => return Err(CodingError::Damaged),
            };
            if !whole {
                let full = self.decoded.len() == self.decoded.capacity();
                return Ok((&self.decoded, full));
            }
        }
    }

    /// What the last step handed over.
    pub fn decoded(&self) -> &[u8] {
        &self.decoded
    }

    /// Nothing more will come.
    pub fn finish(&self) -> Result<(), CodingError> {
        let between = self.part == StreamPart::Header && self.held.is_empty();
        if between || self.part == StreamPart::End {
            Ok(())
        } else {
            Err(CodingError::Cut)
        }
    }

    /// Reads a gzip member's header; false when it has not come whole.
    fn gzip_header(&mut self, input: &mut &[u8]) -> Result<bool, CodingError> {
        let had = self.held.len();
        let taken = input.len().min(LONGEST_HEADER - had);
        self.held.extend_from_slice(&input[..taken]);
        let Some(length) = gzip_header(&self.held)? else {
            *input = &input[taken..];
            return if self.held.len() == LONGEST_HEADER {
                Err(CodingError::Damaged)
            } else {
                Ok(false)
            };
        };
        *input = &input[length - had..];
        self.held.clear();
        self.inflate.reset(false);
        self.sum.reset();
        self.part = StreamPart::Content;
        Ok(true)
    }

    /// Looks whether the data is wrapped as RFC 1950 says; a bare stream never begins so.
    fn deflate_header(&mut self, input: &mut &[u8]) -> bool {
        let Some(first) = input.first() else {
            return false;
        };
        self.inflate.reset(first & 0x0f == 8);
        self.part = StreamPart::Content;
        true
    }

    /// Decodes; false when more input is needed or enough was decoded for one step.
    fn content(&mut self, input: &mut &[u8]) -> Result<bool, CodingError> {
        loop {
            let (read, had) = (self.inflate.total_in(), self.decoded.len());
            let status = self
                .inflate
                .decompress_vec(input, &mut self.decoded, FlushDecompress::None)
                .map_err(|_| CodingError::Damaged)?;
            let consumed = usize::try_from(self.inflate.total_in() - read).unwrap_or(input.len());
            *input = &input[consumed..];
            self.sum.update(&self.decoded[had..]);
            if status == Status::StreamEnd {
                self.part = match self.coding {
                    Coding::Gzip => StreamPart::Trailer,
                    Coding::Deflate => StreamPart::End,
                };
                return Ok(true);
            }
            let full = self.decoded.len() == self.decoded.capacity();
            if full || input.is_empty() {
                return Ok(false);
            }
            if consumed == 0 && self.decoded.len() == had {
                return Err(CodingError::Damaged);
            }
        }
    }

    /// Compares checksum and length; false when they have not come whole.
    fn trailer(&mut self, input: &mut &[u8]) -> Result<bool, CodingError> {
        let taken = input.len().min(8 - self.held.len());
        self.held.extend_from_slice(&input[..taken]);
        *input = &input[taken..];
        if self.held.len() < 8 {
            return Ok(false);
        }
        let expected = [self.sum.sum(), self.sum.amount()].map(u32::to_le_bytes);
        if self.held != expected.concat() {
            return Err(CodingError::Damaged);
        }
        self.held.clear();
        self.part = StreamPart::Header;
        Ok(true)
    }
}

/// The length of the header that these bytes begin with; nothing when it is not whole.
fn gzip_header(bytes: &[u8]) -> Result<Option<usize>, CodingError> {
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const UNKNOWN: u8 = 0xe0;
    if !b"\x1f\x8b\x08".starts_with(&bytes[..bytes.len().min(3)]) {
        return Err(CodingError::Damaged);
    }
    let Some(flags) = bytes.get(3).copied().filter(|_| bytes.len() >= 10) else {
        return Ok(None);
    };
    if flags & UNKNOWN != 0 {
        return Err(CodingError::Damaged);
    }
    let mut length = 10;
    if flags & EXTRA != 0 {
        let Some(&[low, high]) = bytes.get(length..length + 2) else {
            return Ok(None);
        };
        length += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let text = bytes.get(length..).unwrap_or_default();
            let Some(end) = memchr::memchr(0, text) else {
                return Ok(None);
            };
            length += end + 1;
        }
    }
    if flags & CHECKSUM != 0 {
        length += 2;
    }
    Ok((bytes.len() >= length).then_some(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let header = flate2::GzBuilder::new()
            .filename("a.json")
            .comment("b")
            .extra(vec![1; 5]);
        let mut encoder = header.write(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn bare(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes out when the bytes arrive in pieces of this size.
    fn decoded(coding: Coding, bytes: &[u8], size: usize) -> Result<Vec<u8>, CodingError> {
        let mut decoder = ContentDecoder::new(coding);
        let mut all = Vec::new();
        for mut piece in bytes.chunks(size) {
            loop {
                let (part, more) = decoder.step(&mut piece)?;
                assert!(part.len() <= 2 * STEP);
                all.extend_from_slice(part);
                if !more {
                    break;
                }
            }
        }
        decoder.finish().map(|()| all)
    }

    #[test]
    fn the_header_names_what_is_decoded_and_what_is_not() {
        for (header, coding) in [
            ("", Ok(None)),
            ("identity", Ok(None)),
            ("gzip", Ok(Some(Coding::Gzip))),
            ("X-GZIP", Ok(Some(Coding::Gzip))),
            ("identity, deflate", Ok(Some(Coding::Deflate))),
            ("br", Err(CodingError::Unsupported("br".into()))),
            (
                "gzip, gzip",
                Err(CodingError::Unsupported("gzip, gzip".into())),
            ),
        ] {
            assert_eq!(Coding::of(header), coding, "{header}");
        }
    }

    #[test]
    fn what_is_damaged_or_cut_off_is_an_error() {
        let whole = gzip(b"some text that is long enough to be compressed");
        for length in 1..whole.len() {
            assert_eq!(
                Coding::Gzip.decode(&whole[..length], 100),
                Err(CodingError::Cut),
                "{length}"
            );
        }
        assert_eq!(Coding::Gzip.decode(b"", 100), Ok(Vec::new()));
        assert_eq!(
            Coding::Gzip.decode(b"{\"a\":1}", 100),
            Err(CodingError::Damaged)
        );
        assert_eq!(
            Coding::Deflate.decode(&[0xff; 40], 100),
            Err(CodingError::Damaged)
        );
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(
            Coding::Gzip.decode(&changed, 100),
            Err(CodingError::Damaged)
        );
    }

    #[test]
    fn what_expands_a_thousandfold_is_held_in_small_parts() {
        let content = vec![b' '; 20 << 20];
        for (coding, bytes) in [
            (Coding::Gzip, gzip(&content)),
            (Coding::Deflate, zlib(&content)),
        ] {
            assert!(bytes.len() < 64 * 1024);
            assert_eq!(decoded(coding, &bytes, bytes.len()).unwrap(), content);
            assert_eq!(
                coding.decode(&bytes, 1000),
                Err(CodingError::TooLarge(1000))
            );
            assert!(coding.beginning(&bytes, 1000).0.len() <= 1000 + 2 * STEP);
        }
    }

    #[test]
    fn what_was_flushed_comes_out_at_once() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let mut decoder = ContentDecoder::new(Coding::Gzip);
        let mut read = 0;
        for event in ["data: one\n\n", "data: two\n\n"] {
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let mut piece = &encoder.get_ref()[read..];
            read += piece.len();
            assert_eq!(decoder.step(&mut piece).unwrap().0, event.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn it_is_the_same_however_it_was_packed_and_cut(
            one in prop::collection::vec(any::<u8>(), 0..3000),
            two in prop::collection::vec(0_u8..3, 0..3000),
            size in 1_usize..500,
        ) {
            let both = [one.as_slice(), two.as_slice()].concat();
            let members = [gzip(&one), gzip(&two)].concat();
            prop_assert_eq!(decoded(Coding::Gzip, &members, size).unwrap(), both.as_slice());
            prop_assert_eq!(decoded(Coding::Deflate, &zlib(&both), size).unwrap(), both.as_slice());
            prop_assert_eq!(decoded(Coding::Deflate, &bare(&both), size).unwrap(), both.as_slice());
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
            let _ = decoded(Coding::Deflate, &bytes, size);
            let bytes = [&b"\x1f\x8b\x08"[..], &bytes].concat();
            let _ = decoded(Coding::Gzip, &bytes, size);
        }
    }
}
