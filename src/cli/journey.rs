//! The arguments of `journey`.

use super::{Context, validate};
use crate::commands::journey::Plan;
use crate::failure::Failure;
use crate::records::{Folders, Sources};
use std::path::PathBuf;

/// The arguments of `journey`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A correlation id, or its first 8 characters or more; without one, the journeys are listed
    #[arg(value_name = "ID")]
    id: Option<PathBuf>,
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,
}

impl Args {
    /// Decides everything that can be decided before the first record.
    pub fn plan(&self, context: &Context<'_>) -> Result<Plan, Failure> {
        let (id, paths) = self.words()?;
        Ok(Plan {
            id,
            sources: Sources::open(&paths, None, Folders::Walk, context.host, context.talk)?,
            policy: validate::policy(&context.settings, context.host.now())?,
        })
    }

    /// The first word is an id unless it names something to read.
    fn words(&self) -> Result<(Option<String>, Vec<PathBuf>), Failure> {
        let Some(first) = &self.id else {
            return Ok((None, self.paths.clone()));
        };
        if first.as_os_str() == "-" || first.exists() {
            let paths = std::iter::once(first).chain(&self.paths).cloned();
            return Ok((None, paths.collect()));
        }
        let id = first.to_str().ok_or_else(|| {
            Failure::input(format!(
                "cannot read {}: there is no such file",
                first.display()
            ))
        })?;
        Ok((Some(id.to_owned()), self.paths.clone()))
    }
}
