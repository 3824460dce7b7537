//! Space that is given up when the disk is full, so that deliveries can still be noted.

use super::engine::{checkpoint, is_full};
use super::folder::Folder;
use crate::spool::Error;
use rusqlite::Connection;
use std::io::Write;

const NAME: &str = "ballast";

/// Its size. The log of the database must fit into it.
const SIZE: u64 = 2 << 20;

/// Makes sure that it is there.
pub fn fill(folder: &Folder) -> Result<(), Error> {
    let there = folder.path().join(NAME).metadata();
    if there.is_ok_and(|there| there.len() == SIZE) {
        return Ok(());
    }
    let laid = folder
        .file(NAME)
        .and_then(|mut ballast| ballast.write_all(&incompressible()));
    laid.map_err(|error| {
        give_up(folder);
        Error::Storage(format!(
            "not enough disk space next to the spool to record deliveries: {error}"
        ))
    })
}

fn give_up(folder: &Folder) {
    let _ = std::fs::remove_file(folder.path().join(NAME));
}

/// Writes; on a full disk once more with the room that the ballast took, and the log written back.
pub fn write_in_any_case(
    folder: &Folder,
    connection: &mut Connection,
    write: impl Fn(&mut Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    match write(connection) {
        Err(error) if is_full(&error) => {
            give_up(folder);
            checkpoint(connection);
            write(connection)
        }
        written => written,
    }
}

/// Its content: a file system that compresses gives no room up for zeros.
fn incompressible() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..SIZE / 8)
        .flat_map(|_| {
            // A generator of the xorshift family: only its disorder matters.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ballast_does_not_compress() {
        use std::collections::HashSet;
        let bytes = incompressible();
        assert_eq!(bytes.len() as u64, SIZE);
        let words: HashSet<&[u8]> = bytes.chunks(8).collect();
        assert_eq!(words.len() as u64, SIZE / 8);
    }
}
