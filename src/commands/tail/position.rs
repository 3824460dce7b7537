//! Positions that outlive the run: `--resume NAME`.

use crate::commands::tail::session::Session;
use crate::failure::Failure;
use crate::follow::{Follow, ResumeState, Unrecognised};
use crate::host::AtomicFile;
use crate::model::text::counted;
use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// How often a position that moves is saved.
const EVERY: Duration = Duration::from_secs(1);

/// So many ids are saved in a second at most, some 2 MiB.
const IDS_A_SECOND: usize = 65_536;

/// A position under a name, for this run alone.
#[derive(Debug)]
pub struct PositionFile {
    path: PathBuf,
    /// Held until the run ends, so that two runs do not undo each other's work.
    _lock: File,
    /// When it was last saved. What a run sees first is saved at once: without any position the next
    /// one could not continue at all.
    saved: Option<Instant>,
    /// How long it is not saved again.
    pause: Duration,
}

impl PositionFile {
    /// Opens the position of that name, which may not be there yet.
    pub fn open(folder: &Path, name: &str) -> Result<PositionFile, Failure> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
        if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(fits) {
            return Err(Failure::usage(format!("--resume: '{name}' is not a name"))
                .hint("use letters, digits, '-', '_', '@' and dots"));
        }
        let folder = folder.join("positions");
        let about = |error| {
            Failure::io(
                format!("cannot save positions in {}", folder.display()),
                error,
            )
            .hint("set XDG_STATE_HOME to a folder that you can write to")
        };
        private_folder(&folder).map_err(about)?;
        let lock = private_file(&folder.join(format!("{name}.lock"))).map_err(about)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::usage(format!(
                    "position '{name}' is in use by another hivelog"
                ))
                .hint("each run that resumes needs a name of its own"));
            }
            Err(TryLockError::Error(error)) => return Err(about(error)),
        }
        let path = folder.join(format!("{name}.position"));
        AtomicFile::remove_leftovers(&path);
        Ok(PositionFile {
            path,
            _lock: lock,
            saved: None,
            pause: EVERY,
        })
    }

    /// What an earlier run has left.
    pub fn load(&self) -> Result<Option<ResumeState>, Failure> {
        match fs::read_to_string(&self.path) {
            Ok(text) => read(&text).map(Some).map_err(|why| {
                Failure::input(format!("the position in {} {why}", self.path.display()))
                    .hint("remove the file to start over")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io(
                format!("cannot read {}", self.path.display()),
                error,
            )),
        }
    }

    fn save(&mut self, kept: &ResumeState) -> Result<(), Failure> {
        AtomicFile::begin_private(&self.path)?.commit_with(write(kept).as_bytes())?;
        self.saved = Some(Instant::now());
        // A file of many ids has many megabytes.
        let parts = u32::try_from(kept.ids.len() / IDS_A_SECOND).unwrap_or(u32::MAX);
        self.pause = EVERY.saturating_mul(parts.saturating_add(1));
        Ok(())
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The version of the file's form.
const VERSION: u64 = 1;

/// A line of JSON, and a line for each id.
fn write(kept: &ResumeState) -> String {
    let head = json!({"version": VERSION, "position": kept.position, "at": kept.at.rfc3339()});
    let mut text = format!("{head}\n");
    for id in &kept.ids {
        let _ = writeln!(text, "{id:032x}");
    }
    text
}

/// The saved state, or what is wrong with the file.
fn read(text: &str) -> Result<ResumeState, String> {
    let damaged = || "is damaged".to_owned();
    let mut lines = text.lines();
    let head: Value =
        serde_json::from_str(lines.next().unwrap_or_default()).map_err(|_| damaged())?;
    match head.get("version").and_then(Value::as_u64) {
        Some(VERSION) => kept(&head, lines).ok_or_else(damaged),
        Some(other) => Err(format!(
            "has version {other}, and this hivelog reads version {VERSION}: another one wrote it"
        )),
        None => Err(damaged()),
    }
}

fn kept<'t>(head: &Value, ids: impl Iterator<Item = &'t str>) -> Option<ResumeState> {
    Some(ResumeState {
        position: head.get("position")?.as_str().map(str::to_owned),
        at: Timestamp::parse(head.get("at")?.as_str()?)?,
        ids: ids
            .map(|line| u128::from_str_radix(line, 16).ok())
            .collect::<Option<_>>()?,
    })
}

/// A follow machine whose position is saved, however the run ends.
pub(super) struct Tracked<'s, 'a> {
    follow: Follow,
    position_file: Option<PositionFile>,
    session: &'s Session<'a>,
}

impl<'s, 'a> Tracked<'s, 'a> {
    /// Continues where an earlier run has ended.
    pub(super) fn new(
        mut follow: Follow,
        position_file: Option<PositionFile>,
        session: &'s Session<'a>,
    ) -> Result<Tracked<'s, 'a>, Failure> {
        if let Some(kept) = position_file
            .as_ref()
            .map(PositionFile::load)
            .transpose()?
            .flatten()
        {
            follow.resume(kept);
        }
        Ok(Tracked {
            follow,
            position_file,
            session,
        })
    }

    /// When the position should be saved at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        let position_file = self.position_file.as_ref()?;
        let next = position_file
            .saved
            .map_or_else(Instant::now, |saved| saved + position_file.pause);
        self.follow.has_moved().then_some(next)
    }

    /// Saves the position if it is time.
    pub(super) fn keep(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.save();
        }
    }

    /// Saves the position, if there is a file for it; false if that was not possible.
    pub(super) fn keep_now(&mut self) -> bool {
        self.save();
        self.position_file.is_none() || !self.follow.has_moved()
    }

    /// The position moves only once what it stands for has been handed over.
    fn save(&mut self) {
        let Some(position_file) = &mut self.position_file else {
            return;
        };
        let session = self.session;
        if !self.follow.has_moved() || session.holds_back() || !session.hand_over() {
            return;
        }
        if let Err(failure) = position_file.save(&self.follow.resume_state(self.session.now())) {
            self.session.fail(failure);
        }
    }
}

/// The position is saved, and what it does not cover is said.
impl Drop for Tracked<'_, '_> {
    fn drop(&mut self) {
        self.save();
        let Unrecognised {
            without_id,
            forgotten,
        } = self.follow.unrecognised();
        let most = Follow::MOST_IDS;
        for (count, why) in [
            (without_id, "recognises events by their ids".to_owned()),
            (forgotten, format!("remembers the latest {most} ids")),
        ] {
            if count > 0 {
                let count = counted(count, "event");
                let text = format!("the next run shows {count} again: --resume {why}");
                self.session.remark(&text);
            }
        }
    }
}

impl Deref for Tracked<'_, '_> {
    type Target = Follow;
    fn deref(&self) -> &Follow {
        &self.follow
    }
}

impl DerefMut for Tracked<'_, '_> {
    fn deref_mut(&mut self) -> &mut Follow {
        &mut self.follow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_damaged_position_is_no_position() {
        let kept = ResumeState {
            position: Some("p\n\"1".to_owned()),
            at: Timestamp::from_millis(1_500),
            ids: vec![7, u128::MAX],
        };
        let text = write(&kept);
        assert_eq!(read(&text), Ok(kept));
        for end in 0..text.len() - 34 {
            assert_ne!(
                read(&text[..end]).map(|kept| kept.ids.len()),
                Ok(2),
                "cut at {end}"
            );
        }
        assert!(read("nonsense").is_err_and(|why| why.contains("damaged")));
        let newer = text.replacen("\"version\":1", "\"version\":99", 1);
        assert!(read(&newer).is_err_and(|why| why.contains("version 99")));
    }
}
