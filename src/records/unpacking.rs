//! Sources that are compressed, which their first bytes show, read as what they hold.

use crate::wire::coding::{Coding, ContentDecoder};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, BufReader, Cursor, Read};

const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// How many bytes show whether a source is compressed.
pub(super) const LONGEST_MAGIC: usize = 4;

/// The largest window of zstd that is supported, which is the most that `zstd` itself accepts by default.
const LARGEST_WINDOW: u64 = 128 << 20;

/// What holds so many times its own size, and more than this many bytes, is not a log but a bomb.
const MOST_TIMES: u64 = 1000;
const HARMLESS: u64 = 64 << 20;

/// Whether bytes begin as something does that is unpacked when it is read.
pub fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(ZSTD)
}

/// A stream that is unpacked where it begins as gzip or zstd does.
pub(super) struct Unpacking(Form);

enum Form {
    /// Not read from yet.
    Unknown(Box<dyn Read + Send>),
    Plain(Box<dyn Read + Send>),
    Packed(Box<dyn Unpack>, UnpackingLimit),
    /// It has failed; what comes after would be something else.
    Damaged,
}

/// Reads what a packed stream holds.
trait Unpack: Send {
    /// Reads some of it; nothing at its end.
    fn unpack(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// How many packed bytes were read.
    fn packed(&self) -> u64;
}

/// How much has come out of a packed stream.
#[derive(Default)]
struct UnpackingLimit {
    unpacked: u64,
}

impl UnpackingLimit {
    fn take(&mut self, length: usize, packed: u64) -> io::Result<()> {
        self.unpacked += length as u64;
        if self.unpacked > HARMLESS && self.unpacked / MOST_TIMES > packed {
            return Err(io::Error::other(format!(
                "it expands to more than {MOST_TIMES} times its size; decompress it first to read it anyway"
            )));
        }
        Ok(())
    }
}

impl Unpacking {
    /// The same stream.
    pub(super) fn of(stream: Box<dyn Read + Send>) -> Unpacking {
        Unpacking(Form::Unknown(stream))
    }

    /// Reads what a stream begins with, which says in which form it is. A plain one has its first
    /// bytes in the buffer already.
    fn begin(&mut self, mut stream: Box<dyn Read + Send>, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        loop {
            let read = match stream.read(&mut buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            length += read;
            let head = &buffer[..length];
            let may_begin = |magic: &[u8]| length < magic.len() && magic.starts_with(head);
            let is_open = read > 0 && length < buffer.len();
            if is_open && (may_begin(GZIP) || may_begin(ZSTD)) {
                continue;
            }
            let unpack: Box<dyn Unpack> = if head.starts_with(GZIP) {
                Box::new(Gzip::new(Packed::new(head, stream)))
            } else if head.starts_with(ZSTD) {
                Box::new(Zstd::new(Packed::new(head, stream)))
            } else {
                self.0 = Form::Plain(stream);
                return Ok(length);
            };
            self.0 = Form::Packed(unpack, UnpackingLimit::default());
            return self.read(buffer);
        }
    }
}

impl Read for Unpacking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Form::Plain(stream) => stream.read(buffer),
            Form::Packed(unpack, limit) => {
                let read = unpack.unpack(buffer);
                let read = read.and_then(|length| {
                    limit.take(length, unpack.packed())?;
                    Ok(length)
                });
                if read.is_err() {
                    self.0 = Form::Damaged;
                }
                read
            }
            Form::Damaged => Ok(0),
            form @ Form::Unknown(_) => match std::mem::replace(form, Form::Damaged) {
                Form::Unknown(stream) => self.begin(stream, buffer),
                _ => Ok(0),
            },
        }
    }
}

/// A stream behind those bytes of it that were read to recognise it.
type Chained = io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// Packed bytes.
struct Packed {
    stream: BufReader<Chained>,
    count: u64,
}

impl Packed {
    fn new(head: &[u8], stream: Box<dyn Read + Send>) -> Packed {
        let stream = Cursor::new(head.to_vec()).chain(stream);
        Packed {
            stream: BufReader::with_capacity(64 * 1024, stream),
            count: 0,
        }
    }

    /// What is there, or comes next; nothing at the end.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.stream.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        Ok(self.stream.buffer())
    }

    fn consume(&mut self, length: usize) {
        self.stream.consume(length);
        self.count += length as u64;
    }
}

impl Read for Packed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.ahead()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

/// Members of gzip, one after the other.
struct Gzip {
    packed: Packed,
    decoder: ContentDecoder,
    /// Whether it holds more without further input.
    has_more: bool,
    /// How much of what was decoded last has been handed out.
    given: usize,
}

impl Gzip {
    fn new(packed: Packed) -> Gzip {
        Gzip {
            packed,
            decoder: ContentDecoder::new(Coding::Gzip),
            has_more: false,
            given: 0,
        }
    }
}

impl Unpack for Gzip {
    fn unpack(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut ready = &self.decoder.decoded()[self.given..];
            if !ready.is_empty() {
                let length = ready.read(buffer)?;
                self.given += length;
                return Ok(length);
            }
            let ahead = if self.has_more {
                self.packed.stream.buffer()
            } else {
                self.packed.ahead()?
            };
            if ahead.is_empty() && !self.has_more {
                return self.decoder.finish().map(|()| 0).map_err(io::Error::other);
            }
            let mut rest = ahead;
            let (_, has_more) = self.decoder.step(&mut rest).map_err(io::Error::other)?;
            let consumed = ahead.len() - rest.len();
            self.packed.consume(consumed);
            self.has_more = has_more;
            self.given = 0;
        }
    }

    fn packed(&self) -> u64 {
        self.packed.count
    }
}

/// Frames of zstd, one after the other.
struct Zstd {
    packed: Packed,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl Zstd {
    fn new(packed: Packed) -> Zstd {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(LARGEST_WINDOW);
        Zstd {
            packed,
            decoder,
            is_in_frame: false,
        }
    }

    /// Begins the next frame; false when there is none.
    fn begin_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.packed.ahead()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.init(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = (&mut self.packed).take(u64::from(length));
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::Error::other(format!(
                        "it was compressed with a window of more than {} MiB",
                        LARGEST_WINDOW >> 20
                    )));
                }
                Err(_) => return Err(damaged()),
            }
        }
    }
}

impl Unpack for Zstd {
    fn unpack(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_in_frame {
                if !self.begin_frame()? {
                    return Ok(0);
                }
                self.is_in_frame = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.packed, one);
                decoded.map_err(|_| damaged())?;
            }
            let length = self.decoder.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            let sum = self.decoder.get_checksum_from_data();
            if sum.is_some() && sum != self.decoder.get_calculated_checksum() {
                return Err(damaged());
            }
            self.is_in_frame = false;
        }
    }

    fn packed(&self) -> u64 {
        self.packed.count
    }
}

fn damaged() -> io::Error {
    io::Error::other("the compressed data is damaged or cut off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    /// Gives a few bytes at a time.
    struct Few(Cursor<Vec<u8>>, usize);

    impl Read for Few {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    fn unpacked(bytes: &[u8], size: usize) -> (Vec<u8>, Option<String>) {
        let stream = Few(Cursor::new(bytes.to_vec()), size);
        let mut unpacking = Unpacking::of(Box::new(stream));
        let mut all = Vec::new();
        let mut buffer = vec![0; size.max(5)];
        loop {
            match unpacking.read(&mut buffer) {
                Ok(0) => return (all, None),
                Ok(length) => all.extend_from_slice(&buffer[..length]),
                Err(error) => return (all, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn what_is_packed_is_read_as_what_it_holds_and_all_else_as_it_is() {
        let text: Vec<u8> = (0..40_000_u32).flat_map(u32::to_le_bytes).collect();
        let skipped = [&b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"[..], &zstd(&text)].concat();
        for (packed, whole) in [
            (gzip(&text), text.clone()),
            (
                [gzip(b"one"), gzip(b""), gzip(b"two")].concat(),
                b"onetwo".to_vec(),
            ),
            (zstd(&text), text.clone()),
            ([zstd(b"one"), zstd(b"two")].concat(), b"onetwo".to_vec()),
            (
                [zstd(b"one"), skipped].concat(),
                [b"one", &text[..]].concat(),
            ),
            (text.clone(), text.clone()),
            (GZIP[..2].to_vec(), GZIP[..2].to_vec()),
            (ZSTD[..3].to_vec(), ZSTD[..3].to_vec()),
            (b"\x1f".to_vec(), b"\x1f".to_vec()),
            (Vec::new(), Vec::new()),
        ] {
            for size in [1, 2, 3, 7, 1000, 1 << 20] {
                let (read, error) = unpacked(&packed, size);
                assert_eq!(error, None);
                assert!(read == whole, "{} bytes in steps of {size}", packed.len());
            }
        }
    }

    #[test]
    fn what_is_damaged_says_so() {
        let text: Vec<u8> = (0..40_000_u32).flat_map(u32::to_le_bytes).collect();
        for packed in [gzip(&text), zstd(&text)] {
            let (read, error) = unpacked(&packed[..packed.len() - 9], 1000);
            assert!(text.starts_with(&read));
            assert!(error.unwrap().contains("cut off"));
            let mut spoilt = packed.clone();
            let last = spoilt.len() - 2;
            spoilt[last] ^= 1;
            let (_, error) = unpacked(&spoilt, 1000);
            assert!(error.unwrap().contains("damaged"));
        }
    }

    #[test]
    fn a_bomb_is_not_read_to_its_end() {
        let mut limit = UnpackingLimit::default();
        assert!(limit.take(64 << 20, 1).is_ok());
        assert!(limit.take(1, 1 << 20).is_ok());
        let error = limit.take(1, 1000).unwrap_err();
        assert!(error.to_string().contains("1000 times"));
    }
}
