//! The files of one run, so that no output destroys an input or another output.

use crate::failure::Failure;
use crate::records::{Input, files_in};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// The files that a run reads and writes. Each output is named here before it is opened.
#[derive(Debug, Default)]
pub struct Files {
    known: Vec<(FilePlace, Use)>,
}

/// What makes a file the same file under any name.
#[derive(Debug, PartialEq, Eq)]
enum FilePlace {
    /// A regular file that exists: its device and its inode.
    File(u64, u64),
    /// A file that is still to be made.
    New(PathBuf),
    /// A folder whose record files are read.
    Folder(PathBuf),
}

#[derive(Clone, Copy, Debug)]
enum Use {
    Read,
    Written,
}

impl Files {
    /// Notes what is read.
    pub fn read<'a>(&mut self, inputs: impl IntoIterator<Item = Input<'a>>) {
        let places = inputs.into_iter().filter_map(|input| match input {
            Input::Path(path) => FilePlace::of_input(path),
            Input::Stdin => of_stream(&io::stdin()),
        });
        self.known.extend(places.map(|place| (place, Use::Read)));
    }

    /// Notes that standard output is written, unless it is the file that is read.
    pub fn write_stdout(&mut self) -> Result<(), Failure> {
        match of_stream(&io::stdout()) {
            Some(place) => self.write_place("standard output", place),
            None => Ok(()),
        }
    }

    /// Notes what a flag's file is written to, unless it is read or written already.
    pub fn write(&mut self, flag: &str, path: &Path) -> Result<(), Failure> {
        let shown = format!("{flag} {}", path.display());
        if path.as_os_str() == "-" {
            return Err(Failure::usage(format!(
                "{shown}: this cannot go to standard output; name a file"
            )));
        }
        match std::fs::metadata(path) {
            Ok(metadata) => match of_file(&metadata) {
                Some(place) => self.write_place(&shown, place),
                None => Ok(()),
            },
            Err(_) => self.write_place(&shown, FilePlace::New(to_be_made(path))),
        }
    }

    fn write_place(&mut self, shown: &str, place: FilePlace) -> Result<(), Failure> {
        let mut known = self.known.iter();
        if let Some((_, how)) = known.find(|(known, _)| *known == place || known.holds(&place)) {
            return Err(taken(shown, *how));
        }
        self.known.push((place, Use::Written));
        Ok(())
    }
}

impl FilePlace {
    fn of_input(path: &Path) -> Option<FilePlace> {
        let metadata = std::fs::metadata(path).ok()?;
        if metadata.is_dir() {
            return Some(FilePlace::Folder(path.to_owned()));
        }
        of_file(&metadata)
    }

    /// Whether it is a folder in which a file is found.
    fn holds(&self, file: &FilePlace) -> bool {
        let (FilePlace::Folder(folder), FilePlace::File(..)) = (self, file) else {
            return false;
        };
        let found = files_in(folder);
        let mut places = found.iter().filter_map(|path| FilePlace::of_input(path));
        places.any(|place| place == *file)
    }
}

fn taken(shown: &str, how: Use) -> Failure {
    let why = match how {
        Use::Read => "is one of the inputs",
        Use::Written => "is named twice as an output",
    };
    Failure::usage(format!("{shown} {why}")).hint("name another file; nothing was written")
}

/// Pipes and devices are nobody's content.
fn of_file(metadata: &Metadata) -> Option<FilePlace> {
    use std::os::unix::fs::MetadataExt;
    metadata
        .is_file()
        .then(|| FilePlace::File(metadata.dev(), metadata.ino()))
}

fn of_stream(stream: &impl AsFd) -> Option<FilePlace> {
    let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
    of_file(&file.metadata().ok()?)
}

/// A path that leads to nothing yet, identified by its folder.
fn to_be_made(path: &Path) -> PathBuf {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return path.to_owned();
    };
    let here = folder.as_os_str().is_empty();
    std::fs::canonicalize(if here { Path::new(".") } else { folder })
        .map_or_else(|_| path.to_owned(), |folder| folder.join(name))
}
