//! Writing a file so that it is there whole or not at all.

use crate::failure::Failure;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A file that is being written beside the one it will replace.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    target: PathBuf,
    /// `None` where the target is not a regular file and is written directly.
    temporary: Option<PathBuf>,
    before: Option<Metadata>,
}

impl AtomicFile {
    /// Begins to write. A link is followed, and what it leads to will be replaced with its owner,
    /// mode and attributes. A device or a pipe is written to as it is.
    pub fn begin(path: &Path) -> Result<AtomicFile, Failure> {
        AtomicFile::beside(path, false)
    }

    /// Removes what killed runs have left of a file that nobody else writes at the moment.
    pub fn remove_leftovers(path: &Path) {
        let Some(folder) = path.parent().and_then(|folder| folder.read_dir().ok()) else {
            return;
        };
        let begin = temporary_name(path, "");
        for entry in folder.flatten() {
            let name = entry.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(&begin));
            let rest = rest.and_then(|rest| rest.strip_suffix(TEMPORARY));
            let numbers = rest.and_then(|rest| rest.split_once('.'));
            if numbers.is_some_and(|(pid, count)| {
                pid.parse::<u32>().is_ok() && count.parse::<u32>().is_ok()
            }) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Begins to write what nobody but its owner may read, whatever the mode was before.
    pub fn begin_private(path: &Path) -> Result<AtomicFile, Failure> {
        AtomicFile::beside(path, true)
    }

    fn beside(path: &Path, private: bool) -> Result<AtomicFile, Failure> {
        let about = |error| Failure::io(format!("cannot write {}", path.display()), error);
        let before = match std::fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(about(error)),
        };
        let target = match before {
            Some(_) => std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            None => to_be_made(path),
        };
        if private && before.as_ref().is_some_and(|before| !before.is_file()) {
            let why = format!("cannot write {}: it is not a regular file", path.display());
            return Err(Failure::usage(why).hint("name another file"));
        }
        if before.as_ref().is_some_and(Metadata::is_dir) {
            return Err(about(io::ErrorKind::IsADirectory.into()));
        }
        if before.as_ref().is_some_and(|before| !before.is_file()) {
            let file = OpenOptions::new()
                .write(true)
                .open(&target)
                .map_err(about)?;
            return Ok(AtomicFile {
                file,
                target,
                temporary: None,
                before: None,
            });
        }
        if let Some(before) = &before {
            may_be_replaced(&target, before)?;
        }
        let (file, temporary) = new_beside(&target, private || before.is_some()).map_err(about)?;
        let replacement = AtomicFile {
            file,
            target,
            temporary: Some(temporary),
            before,
        };
        replacement.keep_owner().map_err(about)?;
        if let Some(before) = replacement.before.as_ref().filter(|_| !private) {
            let mode = before.permissions();
            replacement.file.set_permissions(mode).map_err(about)?;
        }
        replacement.keep_attributes()?;
        Ok(replacement)
    }

    /// A handle to write to.
    pub fn writer(&self) -> Result<File, Failure> {
        self.file.try_clone().map_err(|error| self.about(error))
    }

    /// Whether the file to be replaced has been written to since the beginning.
    pub fn is_overtaken(&self) -> bool {
        let now = std::fs::metadata(&self.target).ok();
        match (&self.before, now) {
            (Some(before), Some(now)) => {
                before.len() != now.len() || before.modified().ok() != now.modified().ok()
            }
            (None, None) => false,
            _ => true,
        }
    }

    /// Writes all there is to write, and puts it in the target's place.
    pub fn commit_with(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.about(error))?;
        self.commit()
    }

    /// Puts what was written in the target's place, safe against a loss of power.
    pub fn commit(mut self) -> Result<(), Failure> {
        let Some(temporary) = &self.temporary else {
            return Ok(());
        };
        self.file.sync_all().map_err(|error| self.about(error))?;
        std::fs::rename(temporary, &self.target).map_err(|error| self.about(error))?;
        self.temporary = None;
        let folder = self.target.parent().and_then(|folder| {
            let named = !folder.as_os_str().is_empty();
            File::open(if named { folder } else { Path::new(".") }).ok()
        });
        if let Some(folder) = folder {
            // Not every file system can do this, and the file itself is safe.
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn about(&self, error: io::Error) -> Failure {
        Failure::io(format!("cannot write {}", self.target.display()), error)
    }

    fn keep_owner(&self) -> io::Result<()> {
        let Some(before) = &self.before else {
            return Ok(());
        };
        let own = self.file.metadata()?;
        if (own.uid(), own.gid()) != (before.uid(), before.gid()) {
            fchown(&self.file, Some(before.uid()), Some(before.gid()))?;
        }
        Ok(())
    }

    /// Copies the extended attributes, access lists among them.
    fn keep_attributes(&self) -> Result<(), Failure> {
        use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
        if self.before.is_none() {
            return Ok(());
        }
        let old = File::open(&self.target).map_err(|error| self.about(error))?;
        let mut names = vec![0; LONGEST_LIST];
        // Not every file system has attributes.
        let length = flistxattr(&old, &mut names[..]).unwrap_or(0);
        let names = names[..length].split(|byte| *byte == 0);
        for name in names.filter(|name| !name.is_empty()) {
            let value = |file: &File| {
                let mut value = vec![0; LONGEST_LIST];
                let length = fgetxattr(file, name, &mut value[..])?;
                value.truncate(length);
                Ok::<_, rustix::io::Errno>(value)
            };
            let kept = value(&old).and_then(|wanted| {
                if value(&self.file).is_ok_and(|found| found == wanted) {
                    return Ok(());
                }
                fsetxattr(&self.file, name, &wanted, XattrFlags::empty())
            });
            kept.map_err(|error| {
                let name = String::from_utf8_lossy(name);
                let shown = self.target.display();
                Failure::io(
                    format!("cannot write {shown}: its attribute {name} would be lost"),
                    error.into(),
                )
            })?;
        }
        Ok(())
    }
}

/// The longest list of extended attributes, and the longest value of one, that Linux knows.
const LONGEST_LIST: usize = 64 * 1024;

/// Where a path leads at which nothing is yet. The links on the way end somewhere.
fn to_be_made(path: &Path) -> PathBuf {
    match std::fs::read_link(path) {
        Ok(next) => to_be_made(&path.with_file_name(next)),
        Err(_) => path.to_owned(),
    }
}

/// Whether a file can make way for a new one without anybody losing it.
fn may_be_replaced(target: &Path, before: &Metadata) -> Result<(), Failure> {
    let about = |error| Failure::io(format!("cannot write {}", target.display()), error);
    // What may not be written may not be replaced either, though its folder would allow it.
    OpenOptions::new()
        .append(true)
        .open(target)
        .map_err(about)?;
    if before.nlink() > 1 {
        return Err(Failure::input(format!(
            "cannot write {}: it has {} names (hard links), which would no longer be the same file",
            target.display(),
            before.nlink()
        ))
        .hint("write to another file, or break the link with a copy first"));
    }
    Ok(())
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// How the name of a file that is being written ends.
const TEMPORARY: &str = ".tmp";

/// The name of a file that will replace the target.
fn temporary_name(target: &Path, own: &str) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.{own}")
}

/// A new hidden file in the same folder. Beside a file that exists, nobody else may read it
/// before it has that file's mode.
fn new_beside(target: &Path, private: bool) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = format!("{}.{count}{TEMPORARY}", std::process::id());
        let path = target.with_file_name(temporary_name(target, &own));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if private {
            options.mode(0o600);
        }
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        let replacement = AtomicFile::begin(&link).unwrap();
        assert_eq!(std::fs::read(&real).unwrap(), b"old");
        replacement.commit_with(b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
        let mode = std::fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_private_file_is_its_owners_alone_whatever_its_mode_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        for _ in 0..2 {
            let file = AtomicFile::begin_private(&path).unwrap();
            file.commit_with(b"secret").unwrap();
            assert_eq!(mode(), 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
    }

    #[test]
    fn a_link_that_leads_to_nothing_yet_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("real", &link).unwrap();
        AtomicFile::begin(&link)
            .unwrap()
            .commit_with(b"new")
            .unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(folder.path().join("real")).unwrap(), b"new");
    }

    #[test]
    fn what_is_no_regular_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [socket.as_path(), folder.path()] {
            assert!(AtomicFile::begin(path).is_err());
            assert!(AtomicFile::begin_private(path).is_err());
        }
        assert!(!std::fs::metadata(&socket).unwrap().is_file());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_given_up_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        drop(AtomicFile::begin(&path).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        // As a kill does.
        std::mem::forget(AtomicFile::begin(&path).unwrap());
        let other = folder.path().join("file.1");
        std::mem::forget(AtomicFile::begin(&other).unwrap());
        AtomicFile::remove_leftovers(&path);
        let left = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
        let left = left.unwrap().file_name().into_string().unwrap();
        assert!(left.starts_with(".file.1."), "{left}");
        std::fs::remove_file(folder.path().join(left)).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(AtomicFile::begin(folder.path()).is_err());
        assert!(AtomicFile::begin(&path.join("below")).is_err());
    }
}
