//! Files that grow, are rotated, truncated or replaced.

use super::unpacking::is_packed;
use crate::failure::Failure;
use crate::host::ReadBlock;
use crate::wire::records::{Framer, Record};
use std::fs::{File, Metadata};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How many of its first bytes show whether a file was written again in its place.
const HEAD: usize = 256;

/// Who is handed what a file brings.
pub trait TakeGrowth {
    /// Takes a record of a file.
    fn record(&mut self, file: &str, record: &Record<'_>);

    /// Takes a sentence on what has happened to a file.
    fn change(&mut self, text: String);
}

/// A file under a name, which may be another file later.
pub struct GrowingFile {
    path: PathBuf,
    name: String,
    limit: usize,
    open: Option<OpenFile>,
    /// Why there is nothing to read, as it was reported last.
    error: Option<io::ErrorKind>,
    block: ReadBlock,
}

/// A file that is read.
struct OpenFile {
    file: File,
    identity: (u64, u64),
    position: u64,
    head: Vec<u8>,
    framer: Framer,
    /// Whether its name has been found to belong to another file: its writer may not know yet.
    is_replaced: bool,
}

impl GrowingFile {
    /// A file that need not exist yet, with records of at most `limit` bytes.
    pub fn new(path: PathBuf, limit: usize) -> Result<GrowingFile, Failure> {
        let name = path.display().to_string();
        if path.is_dir() {
            return Err(Failure::input(format!(
                "cannot follow {name}: it is a folder"
            )));
        }
        if begins_packed(&path) {
            return Err(
                Failure::usage(format!("cannot follow {name}: it is compressed"))
                    .hint("without -f it is decompressed and shown"),
            );
        }
        Ok(GrowingFile {
            path,
            name,
            limit,
            open: None,
            error: None,
            block: ReadBlock::default(),
        })
    }

    /// Reads a block of what has been added, and at the present end finds out whether the file is
    /// still the same. False if there is nothing more at the moment.
    pub fn advance(&mut self, take: &mut impl TakeGrowth) -> bool {
        match self.read(take) {
            Ok(true) => return true,
            Ok(false) => {}
            Err(error) => self.report(&error, take),
        }
        let found = std::fs::metadata(&self.path);
        let is_same = |open: &OpenFile, found: &Metadata| open.identity == identity(found);
        match (&mut self.open, found) {
            (Some(open), Ok(found)) if is_same(open, &found) => {
                open.is_replaced = false;
                let is_changed = found.len() < open.position || !open.has_same_head();
                if is_changed {
                    self.begin_anew(take);
                }
                is_changed
            }
            // Its last lines are read once more before the new one begins.
            (Some(open), Ok(_)) if !open.is_replaced => {
                open.is_replaced = true;
                false
            }
            (Some(_), Ok(_)) => {
                self.end(take);
                take.change(format!(
                    "{} is another file now: reading that from its beginning",
                    self.name
                ));
                self.open(take)
            }
            // A file that is rotated has no name for a moment.
            (Some(_), Err(_)) => false,
            (None, Ok(_)) => self.open(take),
            (None, Err(error)) => {
                self.report(&error, take);
                false
            }
        }
    }

    fn open(&mut self, take: &mut impl TakeGrowth) -> bool {
        match OpenFile::open(&self.path, self.limit) {
            Ok(open) => {
                if self.error.take().is_some() {
                    take.change(format!("{} is there", self.name));
                }
                self.open = Some(open);
            }
            Err(error) => self.report(&error, take),
        }
        self.open.is_some()
    }

    /// Reads a block; false at the present end.
    fn read(&mut self, take: &mut impl TakeGrowth) -> io::Result<bool> {
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        self.block.read(&mut open.file)?;
        let bytes = &*self.block;
        open.position += bytes.len() as u64;
        let wanted = HEAD.saturating_sub(open.head.len()).min(bytes.len());
        open.head.extend_from_slice(&bytes[..wanted]);
        let name = &self.name;
        open.framer
            .push(bytes, &mut |record| take.record(name, &record));
        Ok(!bytes.is_empty())
    }

    /// Hands over what is left of a file that has ended.
    fn end(&mut self, take: &mut impl TakeGrowth) {
        if let Some(mut open) = self.open.take() {
            let name = &self.name;
            open.framer.finish(&mut |record| take.record(name, &record));
        }
    }

    fn begin_anew(&mut self, take: &mut impl TakeGrowth) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        take.change(format!(
            "{} was truncated: reading it from its beginning",
            self.name
        ));
        match open.file.seek(SeekFrom::Start(0)) {
            Ok(_) => {
                (open.position, open.framer) = (0, Framer::new(self.limit));
                open.head.clear();
                self.open = Some(open);
            }
            Err(error) => self.report(&error, take),
        }
    }

    /// Reports once why there is nothing to read.
    fn report(&mut self, error: &io::Error, take: &mut impl TakeGrowth) {
        if self.error.replace(error.kind()) == Some(error.kind()) {
            return;
        }
        let name = &self.name;
        take.change(match error.kind() {
            io::ErrorKind::NotFound => format!("waiting for {name}: there is no such file yet"),
            _ => format!("cannot read {name}: {error}; trying again"),
        });
    }
}

impl OpenFile {
    fn open(path: &PathBuf, limit: usize) -> io::Result<OpenFile> {
        let file = File::open(path)?;
        let identity = identity(&file.metadata()?);
        Ok(OpenFile {
            file,
            identity,
            position: 0,
            head: Vec::new(),
            framer: Framer::new(limit),
            is_replaced: false,
        })
    }

    /// Whether it still begins with what was read.
    fn has_same_head(&self) -> bool {
        let mut head = vec![0; self.head.len()];
        self.file.read_exact_at(&mut head, 0).is_ok() && head == self.head
    }
}

/// Whether it is there and begins as compressed data does: what is packed does not grow by lines.
fn begins_packed(path: &Path) -> bool {
    // A pipe has no bytes but those that are to come.
    if !path.is_file() {
        return false;
    }
    let mut head = [0; 4];
    File::open(path).is_ok_and(|file| file.read_exact_at(&mut head, 0).is_ok() && is_packed(&head))
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
