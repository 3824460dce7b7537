//! The high-water mark: the number of the last record that was accepted, noted next to the database.
//!
//! The engine ends its log at the first place that is damaged, without an error, and what was
//! accepted behind it is gone: the database then ends below its mark. The mark is written after a
//! commit that was flushed, so it is never ahead of a database that is whole.

use super::folder::Folder;
use crate::model::fnv::checksum;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The file's name in the folder of the spool.
const NAME: &str = "high-water";

/// Which database the mark belongs to, and the number.
pub struct HighWater {
    /// Its device and inode.
    pub database: (u64, u64),
    /// The number of the last record that was accepted.
    pub seq: i64,
}

/// The mark of one database, for moving it.
pub struct MarkFile {
    database: (u64, u64),
    /// Without it, less is noticed.
    file: Option<File>,
}

impl MarkFile {
    /// Opens it for a database of this folder.
    pub fn open(folder: &Folder, database: (u64, u64)) -> MarkFile {
        MarkFile {
            database,
            file: folder.file(NAME).ok(),
        }
    }

    /// Moves it. It is not flushed: with an older one less is noticed, and nothing is wrong.
    pub fn set(&self, seq: i64) {
        let database = self.database;
        let bytes = HighWater { database, seq }.bytes();
        if let Some(file) = &self.file {
            let _ = file.write_all_at(&bytes, 0);
        }
    }
}

impl HighWater {
    fn bytes(&self) -> Vec<u8> {
        let (device, inode) = self.database;
        let numbers = [device, inode, self.seq.cast_unsigned()].map(u64::to_le_bytes);
        let check = checksum(numbers.as_flattened()).to_le_bytes();
        [numbers.as_flattened(), &check].concat()
    }

    /// Reads the mark, if it is there and whole.
    pub fn read(spool: &Path) -> Option<HighWater> {
        let bytes = std::fs::read(path(spool)).ok()?;
        let &[device, inode, seq, check] = bytes.as_chunks().0 else {
            return None;
        };
        let numbers = [device, inode, seq];
        let [device, inode, seq] = numbers.map(u64::from_le_bytes);
        (checksum(numbers.as_flattened()).to_le_bytes() == check).then_some(HighWater {
            database: (device, inode),
            seq: seq.cast_signed(),
        })
    }
}

/// Where it stands.
pub fn path(spool: &Path) -> PathBuf {
    spool.join(NAME)
}
