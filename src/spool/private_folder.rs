//! A folder that only its owner can write to, with what is accepted in it.

use super::{Error, quarantine};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Uses a folder, made if it is missing; where it is, with the links on the way resolved, so that
/// what lies in it must not be one.
pub fn open(path: &Path) -> Result<PathBuf, Error> {
    let unusable =
        |why: &str| Error::Storage(format!("cannot use the spool {}: {why}", path.display()));
    let about = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => unusable("it is not a folder"),
        _ => unusable(&error.to_string()),
    };
    create_durably(path).map_err(about)?;
    let metadata = path.symlink_metadata().map_err(about)?;
    let refuse = |why: &str| {
        Err(Error::Unusable(format!(
            "the spool {} is not used: {why}",
            path.display()
        )))
    };
    if !metadata.is_dir() {
        return refuse("it is a link, not a folder");
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refuse("it belongs to another user");
    }
    if metadata.mode() & 0o022 != 0 {
        return refuse("others can write into it");
    }
    path.canonicalize().map_err(about)
}

/// Creates a folder, for its owner only, and flushes the entries that lead to it.
fn create_durably(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for created in missing {
        let parent = created
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        quarantine::flush(parent.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}
