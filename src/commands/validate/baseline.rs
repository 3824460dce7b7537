//! The baseline of a run: findings that are known already, and those to be known from now on.

use crate::check::baseline::Baseline;
use crate::check::finding::Finding;
use crate::failure::Failure;
use crate::host::{AtomicFile, read_whole};
use crate::wire::records::Record;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Which baselines to read and write.
#[derive(Clone, Debug, Default)]
pub struct BaselineFiles {
    /// Findings in it are known.
    pub read: Option<PathBuf>,
    /// Where this run's findings are noted.
    pub write: Option<PathBuf>,
}

/// The baselines of one run.
#[derive(Debug, Default)]
pub struct KnownFindings {
    known: Option<Baseline>,
    noted: Option<(Baseline, AtomicFile)>,
}

impl KnownFindings {
    /// Reads what is known, and sees to it that the new baseline can be written.
    pub fn open(files: &BaselineFiles) -> Result<KnownFindings, Failure> {
        Ok(KnownFindings {
            known: files.read.as_deref().map(read).transpose()?,
            noted: match &files.write {
                Some(path) => Some((Baseline::default(), AtomicFile::begin(path)?)),
                None => None,
            },
        })
    }

    /// Notes a record's findings and leaves only those that are not known; says how many were.
    pub fn suppress_known(&mut self, record: &Record<'_>, findings: &mut Vec<Finding>) -> u64 {
        if findings.is_empty() {
            return 0;
        }
        if let Some((noted, _)) = &mut self.noted {
            noted.note(record, findings);
        }
        self.known
            .as_ref()
            .map_or(0, |known| known.suppress_known(record, findings))
    }

    /// Writes the new baseline. Without this call the old one stays.
    pub fn finish(&mut self) -> Result<(), Failure> {
        match self.noted.take() {
            Some((noted, file)) => file.commit_with(&noted.to_json()),
            None => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Baseline, Failure> {
    let bytes = File::open(path).and_then(read_whole).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let failure = Failure::io(
            format!("cannot read the baseline {}", path.display()),
            error,
        );
        if missing {
            failure.hint("write one with --write-baseline FILE")
        } else {
            failure
        }
    })?;
    Baseline::parse(&bytes).map_err(|error| {
        Failure::input(format!(
            "cannot use the baseline {}: {error}",
            path.display()
        ))
    })
}
