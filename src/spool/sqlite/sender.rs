//! The file whose holder sends what waits for a destination. In it stands, for others to see,
//! which records are under way, and for the next holder, which were delivered and are not
//! noted in the database yet: what stands there survives the death of the process, and a write to
//! it costs a fraction of a transaction.

use super::folder::Folder;
use crate::model::fnv::checksum;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use uuid::Uuid;

/// The bytes of a slot. None lies in two sectors of a disk.
const SLOT: usize = 32;

/// What a slot holds: a record's number, what it is doing, and its id. The number comes first
/// for older versions, which have no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    /// 0 in a slot that is free.
    seq: i64,
    delivered: bool,
    /// Known of a record that was delivered.
    id: Uuid,
}

impl Slot {
    const FREE: Slot = Slot {
        seq: 0,
        delivered: false,
        id: Uuid::nil(),
    };

    fn bytes(self) -> [u8; SLOT] {
        let mut bytes = [0; SLOT];
        bytes[..8].copy_from_slice(&self.seq.to_le_bytes());
        bytes[8] = u8::from(self.delivered);
        bytes[16..].copy_from_slice(self.id.as_bytes());
        bytes
    }

    fn read(bytes: &[u8; SLOT]) -> Slot {
        let (number, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        Slot {
            seq: i64::from_le_bytes(*number),
            delivered: rest.first() == Some(&1),
            id: Uuid::from_slice(rest.get(8..).unwrap_or_default()).unwrap_or_default(),
        }
    }
}

/// The right to send to a destination.
pub struct SenderLock {
    file: File,
    slots: Vec<Slot>,
    /// Where the record of a number stands.
    places: HashMap<i64, usize>,
    free: Vec<usize>,
}

impl SenderLock {
    /// The lock for a destination, not held yet.
    pub fn open(folder: &Folder, dest: &str) -> io::Result<SenderLock> {
        Ok(SenderLock {
            file: folder.file(&name(dest))?,
            slots: Vec::new(),
            places: HashMap::new(),
            free: Vec::new(),
        })
    }

    /// Takes it, if it is free.
    pub fn try_hold(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    /// Gives it back.
    pub fn release(&self) {
        let _ = self.file.unlock();
    }

    /// The records that stand in it as delivered.
    pub fn delivered(&self) -> io::Result<Vec<Uuid>> {
        let mut bytes = vec![0; usize::try_from(self.file.metadata()?.len()).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(delivered_in(&bytes).collect())
    }

    /// Empties it: everything that was left behind is noted.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.places.clear();
        self.free.clear();
        // What stays is known to be noted.
        let _ = self.file.set_len(0);
    }

    /// A record is about to be sent. Noted before it is made sure that it is still there.
    pub fn begin(&mut self, seq: i64) {
        let at = self.free.pop().unwrap_or(self.slots.len());
        if at == self.slots.len() {
            self.slots.push(Slot::FREE);
        }
        self.places.insert(seq, at);
        // Where it cannot be noted, the answer decides on a record that is dropped meanwhile.
        let _ = self.write(at, Slot { seq, ..Slot::FREE });
    }

    /// A record was delivered. Fails where that is not known to survive the process.
    pub fn deliver(&mut self, seq: i64, id: Uuid) -> io::Result<()> {
        let at = self.places.get(&seq).copied();
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let delivered = true;
        self.write(at, Slot { seq, delivered, id })
    }

    /// A record is no longer under way.
    pub fn end(&mut self, seq: i64) {
        if let Some(at) = self.places.remove(&seq) {
            self.free.push(at);
            let _ = self.write(at, Slot::FREE);
        }
    }

    /// These records were delivered, and that is noted in the database.
    pub fn free(&mut self, seqs: &[i64]) {
        for at in seqs.iter().filter_map(|seq| self.places.remove(seq)) {
            self.free.push(at);
            self.slots[at] = Slot::FREE;
        }
        let bytes: Vec<u8> = self.slots.iter().flat_map(|slot| slot.bytes()).collect();
        // What stays is noted twice.
        let _ = self.file.write_all_at(&bytes, 0);
    }

    fn write(&mut self, at: usize, slot: Slot) -> io::Result<()> {
        self.slots[at] = slot;
        let offset = (at * SLOT) as u64;
        self.file.write_all_at(&slot.bytes(), offset)
    }
}

/// The records that stand as delivered in the lock of any destination.
pub fn delivered_by_any(folder: &Folder) -> io::Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for path in lock_files(folder)? {
        found.extend(delivered_in(&std::fs::read(path)?));
    }
    Ok(found)
}

/// Whether a process is sending this record now, or has just delivered it.
pub fn is_under_way(folder: &Folder, dest: &str, seq: i64) -> bool {
    let path = folder.path().join(name(dest));
    let noted = std::fs::read(&path).unwrap_or_default();
    // Under a free lock it was left by a process that was killed.
    slots_in(&noted).any(|slot| slot.seq == seq)
        && File::open(path).is_ok_and(|file| file.try_lock_shared().is_err())
}

/// Whether a process holds any of these files.
pub fn is_at_work(folder: &Folder) -> io::Result<bool> {
    for path in lock_files(folder)? {
        if File::open(path)?.try_lock_shared().is_err() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slots_in(bytes: &[u8]) -> impl Iterator<Item = Slot> {
    bytes.as_chunks::<SLOT>().0.iter().map(Slot::read)
}

fn delivered_in(bytes: &[u8]) -> impl Iterator<Item = Uuid> {
    let delivered = slots_in(bytes).filter(|slot| slot.delivered);
    delivered.map(|slot| slot.id)
}

fn lock_files(folder: &Folder) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.path())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with("drain-")) {
            found.push(path);
        }
    }
    Ok(found)
}

fn name(dest: &str) -> String {
    format!("drain-{:016x}.lock", checksum(dest.as_bytes()))
}
