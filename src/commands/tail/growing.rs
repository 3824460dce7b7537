//! Files that grow, are rotated, truncated or replaced: `tail -f`.

use crate::commands::tail::Ready;
use crate::commands::tail::position::{Keeper, Tracked};
use crate::commands::tail::recorded::{Desk, once};
use crate::commands::tail::session::Session;
use crate::failure::Failure;
use crate::wire::envelope::{LIMIT, Layout, Opener};
use crate::wire::records::Framer;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::time::Duration;

/// How often files are looked at. No system tells on every file system when one has grown.
const POLL: Duration = Duration::from_millis(250);

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// By so many of its first bytes a file is recognised that was written anew in its place.
const HEAD: usize = 256;

/// Shows files as they grow, until the run is over.
pub(super) async fn follow(
    paths: Vec<PathBuf>,
    layout: Layout,
    keeper: Option<Keeper>,
    ready: &Ready,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let mut follow = Tracked::new(once(), keeper, session)?;
    let mut opener = Opener::new(layout);
    let mut files = Vec::new();
    for path in paths {
        files.push(GrowingFile::new(path)?);
    }
    ready.tell("-").await?;
    loop {
        for file in &mut files {
            let mut desk = Desk {
                opener: &mut opener,
                follow: &mut follow,
                session,
            };
            file.look(&mut desk).await;
            for notice in follow.notices() {
                session.notice(&notice, None);
            }
            follow.keep();
            if session.is_over() {
                return Ok(None);
            }
        }
        session.show_last();
        session.waiting(tokio::time::sleep(POLL)).await;
    }
}

/// A file under a name, which may be another file later.
struct GrowingFile {
    path: PathBuf,
    name: String,
    open: Option<OpenFile>,
    /// What was said last about why there is none.
    trouble: Option<io::ErrorKind>,
}

/// A file that is read.
struct OpenFile {
    file: File,
    identity: (u64, u64),
    position: u64,
    head: Vec<u8>,
    framer: Framer,
    /// Whether its name has been found to belong to another file: whoever writes may not know yet.
    is_replaced: bool,
}

impl GrowingFile {
    fn new(path: PathBuf) -> Result<GrowingFile, Failure> {
        let name = path.display().to_string();
        if path.is_dir() {
            return Err(Failure::input(format!(
                "cannot follow {name}: it is a folder"
            )));
        }
        Ok(GrowingFile {
            path,
            name,
            open: None,
            trouble: None,
        })
    }

    /// Hands over what has been added, and finds out whether the file is still the same.
    async fn look(&mut self, desk: &mut Desk<'_, '_, '_>) {
        if let Err(error) = self.read(desk).await {
            self.say_trouble(&error, desk.session);
        }
        if desk.session.is_over() {
            return;
        }
        let found = std::fs::metadata(&self.path);
        let is_same = |open: &OpenFile, found: &Metadata| open.identity == identity(found);
        match (&mut self.open, found) {
            (Some(open), Ok(found)) if is_same(open, &found) => {
                open.is_replaced = false;
                if found.len() < open.position || !open.has_same_head() {
                    self.begin_anew("truncated", desk);
                }
            }
            // Its last lines are read once more before the new one begins.
            (Some(open), Ok(_)) if !open.is_replaced => open.is_replaced = true,
            (Some(_), Ok(_)) => {
                self.end(desk);
                desk.session.remark(&format!(
                    "{} is another file now: reading that from its beginning",
                    self.name
                ));
                self.open(desk);
            }
            // A file that is rotated has no name for a moment.
            (Some(_), Err(_)) => {}
            (None, Ok(_)) => self.open(desk),
            (None, Err(error)) => self.say_trouble(&error, desk.session),
        }
        if let Err(error) = self.read(desk).await {
            self.say_trouble(&error, desk.session);
        }
    }

    fn open(&mut self, desk: &mut Desk<'_, '_, '_>) {
        match OpenFile::open(&self.path) {
            Ok(open) => {
                if self.trouble.take().is_some() {
                    desk.session.remark(&format!("{} is there", self.name));
                }
                self.open = Some(open);
            }
            Err(error) => self.say_trouble(&error, desk.session),
        }
    }

    /// Reads to the present end.
    async fn read(&mut self, desk: &mut Desk<'_, '_, '_>) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = open.file.read(&mut chunk)?;
            if count == 0 {
                return Ok(());
            }
            let bytes = &chunk[..count];
            open.position += count as u64;
            let wanted = HEAD.saturating_sub(open.head.len()).min(count);
            open.head.extend_from_slice(&bytes[..wanted]);
            open.framer
                .push(bytes, &mut |record| desk.record(&self.name, &record));
            if desk.session.is_over() {
                return Ok(());
            }
            desk.session.breathe().await;
        }
    }

    /// Hands over what is left of a file that has ended.
    fn end(&mut self, desk: &mut Desk<'_, '_, '_>) {
        if let Some(mut open) = self.open.take() {
            open.framer
                .finish(&mut |record| desk.record(&self.name, &record));
        }
    }

    fn begin_anew(&mut self, why: &str, desk: &mut Desk<'_, '_, '_>) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        desk.session.remark(&format!(
            "{} was {why}: reading it from its beginning",
            self.name
        ));
        match open.file.seek(SeekFrom::Start(0)) {
            Ok(_) => {
                (open.position, open.framer) = (0, Framer::new(LIMIT));
                open.head.clear();
                self.open = Some(open);
            }
            Err(error) => self.say_trouble(&error, desk.session),
        }
    }

    /// Says once why there is nothing to read.
    fn say_trouble(&mut self, error: &io::Error, session: &Session<'_>) {
        if self.trouble.replace(error.kind()) == Some(error.kind()) {
            return;
        }
        let name = &self.name;
        session.remark(&match error.kind() {
            io::ErrorKind::NotFound => format!("waiting for {name}: there is no such file yet"),
            _ => format!("cannot read {name}: {error}; trying again"),
        });
    }
}

impl OpenFile {
    fn open(path: &PathBuf) -> io::Result<OpenFile> {
        let file = File::open(path)?;
        let identity = identity(&file.metadata()?);
        Ok(OpenFile {
            file,
            identity,
            position: 0,
            head: Vec::new(),
            framer: Framer::new(LIMIT),
            is_replaced: false,
        })
    }

    /// Whether it still begins with what was read.
    fn has_same_head(&self) -> bool {
        let mut head = vec![0; self.head.len()];
        self.file.read_exact_at(&mut head, 0).is_ok() && head == self.head
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
