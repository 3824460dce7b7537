//! Reading streams whose reads cannot be cancelled.

use super::Output;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::os::unix::fs::FileExt;

/// How much is asked for at a time.
const LENGTH: usize = 2 * Output::BLOCK;

/// Bytes that were read. The memory behind them stays as it is, so that a block that serves again
/// need not be cleared for every read of a few bytes.
#[derive(Debug)]
pub struct ReadBlock {
    memory: Vec<u8>,
    length: usize,
    room: usize,
}

impl Default for ReadBlock {
    fn default() -> Self {
        ReadBlock::with_room(LENGTH)
    }
}

impl ReadBlock {
    /// An empty one that takes so many bytes; it has no memory yet.
    pub fn with_room(room: usize) -> ReadBlock {
        ReadBlock {
            memory: Vec::new(),
            length: 0,
            room,
        }
    }

    /// Reads what is there, or waits for something; empty at the end.
    pub fn read(&mut self, stream: &mut impl Read) -> io::Result<()> {
        self.length = 0;
        self.read_on(stream).map(drop)
    }

    /// Reads until it is full, or to the end; true once the end is reached.
    pub fn fill(&mut self, stream: &mut impl Read) -> io::Result<bool> {
        self.length = 0;
        while self.length < self.room {
            if self.read_on(stream)? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads what stands in a file from a place on, until it is full or to the end; true once the
    /// end is reached.
    pub fn fill_at(&mut self, file: &File, place: u64) -> io::Result<bool> {
        self.length = 0;
        while self.length < self.room {
            let here = place + self.length as u64;
            if self.read_by(|memory| file.read_at(memory, here))? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How much it takes.
    pub const fn room(&self) -> usize {
        self.room
    }

    /// Reads behind what is there; gives how much.
    fn read_on(&mut self, stream: &mut impl Read) -> io::Result<usize> {
        self.read_by(|memory| stream.read(memory))
    }

    fn read_by(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if self.memory.is_empty() {
            // Asked for as zeros, memory is touched only as far as it is read into.
            self.memory = vec![0; self.room];
        }
        loop {
            match read(&mut self.memory[self.length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    let read = read?;
                    self.length += read;
                    return Ok(read);
                }
            }
        }
    }
}

impl Deref for ReadBlock {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

/// The most that is read of a file that is held whole.
const LARGEST: u64 = 64 << 20;

/// All of a file that is held whole. One without an end, such as a device, is not read forever.
pub fn read_whole(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        let why = format!("it is larger than {} MiB", LARGEST >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

/// All of a text file that is held whole.
pub fn read_whole_text(file: impl Read) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text");
    String::from_utf8(read_whole(file)?).map_err(not_text)
}

/// Reads a stream on a thread of its own: `spare` lends the memory for a block, or says that no
/// more is wanted; `push` accepts the block, or says that it does not.
///
/// The runtime's own standard input cannot be cancelled and would hold up the exit.
pub fn read_on_thread(
    mut stream: impl Read + Send + 'static,
    mut spare: impl FnMut() -> Option<ReadBlock> + Send + 'static,
    mut push: impl FnMut(io::Result<ReadBlock>) -> bool + Send + 'static,
) -> io::Result<()> {
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || {
            while let Some(mut block) = spare() {
                let read = block.read(&mut stream);
                let failed = read.is_err();
                let ended = !failed && block.is_empty();
                if ended || !push(read.map(|()| block)) || failed {
                    break;
                }
            }
        })
        .map(drop)
}
