//! The file whose holder sends what is kept for a destination. In it stands which records are under
//! way, for others to see.

use super::store::Folder;
use crate::spool::checksum::sum;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The bytes of a record's number.
const SLOT: usize = size_of::<i64>();

/// The right to send to a destination.
pub struct SenderLock {
    file: File,
    /// Numbers of records under way; 0 in a slot that is free.
    slots: Vec<i64>,
}

impl SenderLock {
    /// The lock for a destination, not held yet.
    pub fn open(folder: &Folder, dest: &str) -> io::Result<SenderLock> {
        Ok(SenderLock {
            file: folder.file(&name(dest))?,
            slots: Vec::new(),
        })
    }

    /// Takes it, if it is free.
    pub fn try_hold(&self) -> bool {
        let holds = self.file.try_lock().is_ok();
        if holds {
            // What a process has left that was killed; where it stays, a record may not be dropped.
            let _ = self.file.set_len(0);
        }
        holds
    }

    /// A record is about to be sent. Noted before its row is read for that.
    pub fn begin(&mut self, seq: i64) {
        let free = self.slots.iter().position(|slot| *slot == 0);
        let at = free.unwrap_or(self.slots.len());
        if free.is_none() {
            self.slots.push(0);
        }
        self.note(at, seq);
    }

    /// A record is no longer under way.
    pub fn end(&mut self, seq: i64) {
        if let Some(at) = self.slots.iter().position(|slot| *slot == seq) {
            self.note(at, 0);
        }
    }

    fn note(&mut self, at: usize, seq: i64) {
        self.slots[at] = seq;
        // Where it cannot be noted, the answer decides on a record that is dropped meanwhile.
        let _ = self
            .file
            .write_all_at(&seq.to_le_bytes(), (at * SLOT) as u64);
    }
}

/// Whether a process is sending this record now.
pub fn is_under_way(folder: &Folder, dest: &str, seq: i64) -> bool {
    let path = folder.path().join(name(dest));
    let noted = std::fs::read(&path).unwrap_or_default();
    let mut slots = noted.chunks_exact(SLOT);
    // Under a free lock it was left by a process that was killed.
    slots.any(|slot| slot == seq.to_le_bytes())
        && File::open(path).is_ok_and(|file| file.try_lock_shared().is_err())
}

fn name(dest: &str) -> String {
    format!("drain-{:016x}.lock", sum(dest.as_bytes()))
}
