//! Where records come from: files, folders and standard input, opened one after the other.

use super::folder::list;
use super::unpacking::{LONGEST_MAGIC, Unpacking, is_packed};
use crate::failure::Failure;
use crate::host::{Host, Talk};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long an unnamed standard input may be silent before it says what it waits for.
const SILENCE: Duration = Duration::from_secs(2);

/// What to do with a folder among the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folders {
    /// Take the `*.json`, `*.ndjson` and `*.jsonl` files in it, at any depth, and such as are
    /// compressed (`*.gz`, `*.zst`).
    Walk,
    /// Say that it is a folder.
    Refuse,
}

/// An open stream of bytes with the name it goes by in messages.
pub struct Source {
    /// The path as it was given, or the name of standard input.
    pub name: String,
    /// Its bytes.
    pub content: SourceContent,
}

/// The bytes of a source, by how they are read.
pub enum SourceContent {
    /// A plain file, of which any part can be read at any time.
    File(File),
    /// Read from beginning to end, without waiting.
    AtHand(Box<dyn Read + Send>),
    /// Read from beginning to end, where reading may wait.
    Waited(Box<dyn Read + Send>),
}

impl SourceContent {
    /// Whether it never keeps its reader waiting.
    pub fn never_waits(&self) -> bool {
        !matches!(self, SourceContent::Waited(_))
    }
}

/// Something that is put around every source before it is read.
pub trait Layer: std::fmt::Debug + Send + Sync {
    /// Puts it around one; without a path it is standard input.
    fn around(
        &self,
        name: &str,
        path: Option<&Path>,
        stream: Box<dyn Read + Send>,
    ) -> Result<Box<dyn Read + Send>, Failure>;
}

/// The sources of one run, opened when their turn comes.
///
/// A source that cannot be opened is an `Err` in its place and does not end the others: the
/// caller decides whether to go on.
#[derive(Debug)]
pub struct Sources {
    places: VecDeque<SourcePlace>,
    folders: Folders,
    stdin_name: String,
    stdin_is_terminal: bool,
    talk: Talk,
    layer: Option<Arc<dyn Layer>>,
}

/// What is read, so that no output overwrites it.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A file or folder.
    Path(&'a Path),
    /// Standard input.
    Stdin,
}

impl Input<'_> {
    /// What paths on the command line name; none of them means standard input.
    pub fn of(paths: &[PathBuf]) -> impl Iterator<Item = Input<'_>> {
        let stdin = paths.is_empty().then_some(Input::Stdin);
        let named = paths.iter().map(|path| match path.to_str() {
            Some("-") => Input::Stdin,
            _ => Input::Path(path),
        });
        named.chain(stdin)
    }
}

#[derive(Clone, Debug)]
enum SourcePlace {
    Path(PathBuf),
    /// Standard input; named with `-`, or used because nothing was named.
    Stdin {
        named: bool,
    },
    /// Bytes that are at hand, under a name.
    Memory(String, Vec<u8>),
}

impl Sources {
    /// What the command line names; nothing means standard input, unless that is a terminal.
    pub fn open(
        paths: &[PathBuf],
        stdin_name: Option<&str>,
        folders: Folders,
        host: &Host,
        talk: Talk,
    ) -> Result<Sources, Failure> {
        let mut places: VecDeque<SourcePlace> = paths
            .iter()
            .map(|path| match path.to_str() {
                Some("-") => SourcePlace::Stdin { named: true },
                _ => SourcePlace::Path(path.clone()),
            })
            .collect();
        let dashes = places
            .iter()
            .filter(|place| matches!(place, SourcePlace::Stdin { .. }))
            .count();
        if dashes > 1 {
            return Err(Failure::usage(
                "standard input (-) is named twice and can be read only once",
            ));
        }
        if places.is_empty() {
            if host.stdin_is_terminal {
                return Err(
                    Failure::usage("no input given").hint("name a file, or - for standard input")
                );
            }
            places.push_back(SourcePlace::Stdin { named: false });
        }
        Ok(Sources {
            places,
            folders,
            stdin_name: stdin_name.unwrap_or("-").to_owned(),
            stdin_is_terminal: host.stdin_is_terminal,
            talk,
            layer: None,
        })
    }

    /// One source that is at hand.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Sources {
        Sources {
            places: [SourcePlace::Memory(name.to_owned(), bytes)].into(),
            folders: Folders::Refuse,
            stdin_name: "-".to_owned(),
            stdin_is_terminal: false,
            talk: Talk::QUIET,
            layer: None,
        }
    }

    /// The same sources with a layer around each.
    #[must_use]
    pub fn within(mut self, layer: Option<Arc<dyn Layer>>) -> Sources {
        self.layer = layer;
        self
    }

    /// The same sources once more; none where one of them can be read only once.
    pub fn again(&self) -> Option<Sources> {
        let is_file = |place: &SourcePlace| match place {
            SourcePlace::Path(path) => path.is_file() || path.is_dir(),
            SourcePlace::Stdin { .. } => false,
            SourcePlace::Memory(..) => true,
        };
        self.places.iter().all(is_file).then(|| Sources {
            places: self.places.clone(),
            folders: self.folders,
            stdin_name: self.stdin_name.clone(),
            stdin_is_terminal: self.stdin_is_terminal,
            talk: self.talk,
            layer: None,
        })
    }

    fn file(&self, name: String, path: &Path, file: File) -> Result<Source, Failure> {
        let mut head = [0; LONGEST_MAGIC];
        let read = file.read_at(&mut head, 0).unwrap_or_default();
        let content = if self.layer.is_some() {
            SourceContent::Waited(self.stream(&name, Some(path), Box::new(file))?)
        } else if is_packed(&head[..read]) {
            SourceContent::AtHand(self.stream(&name, Some(path), Box::new(file))?)
        } else {
            SourceContent::File(file)
        };
        Ok(Source { name, content })
    }

    /// A stream within the layer, unpacked.
    fn stream(
        &self,
        name: &str,
        path: Option<&Path>,
        stream: Box<dyn Read + Send>,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        let stream = match &self.layer {
            Some(layer) => layer.around(name, path, stream)?,
            None => stream,
        };
        Ok(Box::new(Unpacking::of(stream)))
    }

    /// Whether a person types some of it.
    pub fn are_typed(&self) -> bool {
        let is_stdin = |input: Input<'_>| matches!(input, Input::Stdin);
        self.stdin_is_terminal && self.inputs().any(is_stdin)
    }

    /// What is still to be read.
    pub fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        self.places.iter().filter_map(|place| match place {
            SourcePlace::Path(path) => Some(Input::Path(path)),
            SourcePlace::Stdin { .. } => Some(Input::Stdin),
            SourcePlace::Memory(..) => None,
        })
    }

    /// Whether every path can be found, so that a mistyped name is reported before any work is done.
    pub fn all_exist(&self) -> Result<(), Failure> {
        self.places.iter().try_for_each(|place| match place {
            SourcePlace::Path(path) => match std::fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() && self.folders == Folders::Refuse => {
                    Err(is_folder(path))
                }
                Ok(_) => Ok(()),
                Err(error) => Err(cannot_read(path, error)),
            },
            SourcePlace::Stdin { .. } | SourcePlace::Memory(..) => Ok(()),
        })
    }

    fn open_path(&mut self, path: &Path) -> Result<Option<Source>, Failure> {
        let metadata = std::fs::metadata(path).map_err(|error| cannot_read(path, error))?;
        if metadata.is_dir() {
            if self.folders == Folders::Refuse {
                return Err(is_folder(path));
            }
            let found = list(path).map_err(|error| cannot_read(path, error))?;
            for found in found.into_iter().rev() {
                self.places.push_front(SourcePlace::Path(found));
            }
            return Ok(None);
        }
        let name = name_of(path);
        let source = if metadata.is_file() {
            let file = File::open(path).map_err(|error| cannot_read(path, error))?;
            self.file(name, path, file)
        } else {
            let special = Box::new(Special::Closed(path.to_owned()));
            let content = self.stream(&name, Some(path), special);
            content.map(|stream| Source {
                name,
                content: SourceContent::Waited(stream),
            })
        };
        source.map(Some)
    }
}

impl Iterator for Sources {
    type Item = Result<Source, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let opened = match self.places.pop_front()? {
                SourcePlace::Path(path) => self.open_path(&path),
                SourcePlace::Stdin { named } => {
                    if self.stdin_is_terminal {
                        self.talk
                            .notice("reading records from standard input (end with Ctrl-D)");
                    }
                    let stream: Box<dyn Read + Send> = if named {
                        Box::new(io::stdin())
                    } else {
                        Box::new(Unnamed {
                            talk: self.talk,
                            watch: None,
                            begun: false,
                        })
                    };
                    let name = self.stdin_name.clone();
                    let content = self.stream(&name, None, stream).map(SourceContent::Waited);
                    content.map(|content| Some(Source { name, content }))
                }
                SourcePlace::Memory(name, bytes) => {
                    let stream = self.stream(&name, None, Box::new(io::Cursor::new(bytes)));
                    let content = stream.map(SourceContent::AtHand);
                    content.map(|content| Some(Source { name, content }))
                }
            };
            match opened {
                Ok(None) => {}
                Ok(Some(source)) => return Some(Ok(source)),
                Err(failure) => return Some(Err(failure)),
            }
        }
    }
}

/// What a file is called in findings: its path, and where that is not UTF-8, percent-encoded, so
/// that no two names coincide.
fn name_of(path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return text.to_owned();
    }
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(&chunk.valid().replace('%', "%25"));
        name.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
    }
    name
}

fn cannot_read(path: &Path, error: io::Error) -> Failure {
    Failure::io(format!("cannot read {}", path.display()), error)
}

fn is_folder(path: &Path) -> Failure {
    Failure::input(format!("cannot read {}: it is a folder", path.display()))
        .hint("name the files in it")
}

/// A pipe or a device. Opening one may wait for its other end, so it is opened where it is read,
/// on a thread that need not end before the program does.
enum Special {
    Closed(PathBuf),
    Open(File),
}

impl Read for Special {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Special::Closed(path) => *self = Special::Open(File::open(path)?),
                Special::Open(file) => return file.read(buffer),
            }
        }
    }
}

/// Standard input that nobody named: after a silence, it says so on standard error. The
/// notice is given here, on a thread that ends with the first bytes.
struct Unnamed {
    talk: Talk,
    watch: Option<Sender<()>>,
    begun: bool,
}

impl Read for Unnamed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begun = true;
            let (sender, receiver) = channel::<()>();
            let talk = self.talk;
            std::thread::Builder::new()
                .name("silence".into())
                .spawn(move || {
                    if receiver.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
                        talk.notice("reading records from standard input");
                    }
                })?;
            self.watch = Some(sender);
        }
        let read = io::stdin().read(buffer);
        self.watch = None;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_yields_its_record_files_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.ndjson",
            "a.json",
            "c.txt",
            ".d.json",
            "sub/e.jsonl",
            "sub/f.jsonl.gz",
            "sub/g.txt.gz",
            "sub/h.gz",
            "i.json.zst",
            ".git/f.json",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "{}").unwrap();
        }
        let sources = Sources {
            places: [SourcePlace::Path(folder.path().to_owned())].into(),
            folders: Folders::Walk,
            stdin_name: "-".into(),
            stdin_is_terminal: false,
            talk: Talk::QUIET,
            layer: None,
        };
        let names: Vec<String> = sources
            .map(|source| {
                let name = source.unwrap().name;
                name[folder.path().to_str().unwrap().len() + 1..].to_owned()
            })
            .collect();
        assert_eq!(
            names,
            [
                "a.json",
                "b.ndjson",
                "i.json.zst",
                "sub/e.jsonl",
                "sub/f.jsonl.gz"
            ]
        );
    }
}
