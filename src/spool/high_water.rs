//! The high-water mark: the number of the last record that was accepted, noted beside the database.
//!
//! The engine ends its log at the first place that is damaged, without an error, and what was
//! accepted behind it is gone: the database then ends below its mark. The mark is written after a
//! commit that was flushed, so it is never ahead of a database that is whole.

use super::store::{Folder, sum};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Which database the mark belongs to, and the number.
pub struct HighWater {
    /// Its device and inode.
    pub database: (u64, u64),
    /// The number of the last record that was accepted.
    pub seq: i64,
}

impl HighWater {
    /// Writes the mark. It is not flushed: with an older one less is noticed, and nothing is wrong.
    pub fn write(&self, folder: &Folder) -> io::Result<()> {
        let (device, inode) = self.database;
        let numbers = [device, inode, self.seq.cast_unsigned()].map(u64::to_le_bytes);
        let check = sum(numbers.as_flattened()).to_le_bytes();
        let [device, inode, seq] = numbers;
        let bytes = [device, inode, seq, check];
        folder.file(NAME)?.write_all_at(bytes.as_flattened(), 0)
    }

    /// Reads the mark, if it is there and whole.
    pub fn read(folder: &Folder) -> Option<HighWater> {
        let bytes = std::fs::read(path(folder)).ok()?;
        let &[device, inode, seq, check] = bytes.as_chunks().0 else {
            return None;
        };
        let numbers = [device, inode, seq];
        let [device, inode, seq] = numbers.map(u64::from_le_bytes);
        (sum(numbers.as_flattened()).to_le_bytes() == check).then_some(HighWater {
            database: (device, inode),
            seq: seq.cast_signed(),
        })
    }
}

const NAME: &str = "high-water";

/// Where it stands.
pub fn path(folder: &Folder) -> PathBuf {
    folder.path().join(NAME)
}
