//! Folders: which of their files are read.

use std::io;
use std::path::{Path, PathBuf};

/// The endings of the files that are looked for in a folder.
const ENDINGS: [&str; 3] = ["json", "ndjson", "jsonl"];

/// The endings that one of them may have besides.
const PACKED: [&str; 2] = ["gz", "zst"];

/// The files that are found in a folder, at any depth, as far as it can be listed.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut places = vec![folder.to_owned()];
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(list(&place).unwrap_or_default());
        } else {
            files.push(place);
        }
    }
    files
}

/// The entries of a folder that may hold records, by name. Hidden ones and special files are
/// passed over, and links to folders are not followed, so that a loop has an end.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let kind = entry.file_type()?;
        let is_file =
            kind.is_file() || kind.is_symlink() && path.metadata().is_ok_and(|real| real.is_file());
        if !hidden && (kind.is_dir() || is_file && is_record_file(&path)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file in a folder is read, by its extension; it may be compressed.
pub fn is_record_file(path: &Path) -> bool {
    let is = |path: &Path, endings: &[&str]| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| endings.contains(&ending))
    };
    is(path, &ENDINGS) || is(path, &PACKED) && is(&path.with_extension(""), &ENDINGS)
}
