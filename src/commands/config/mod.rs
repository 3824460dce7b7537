//! What `config` does: writes, shows, changes and finds the profile file.

pub mod edit;
pub mod init;
pub mod output;
pub mod profiles;

use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{AtomicFile, read_whole_text};
use crate::link::address;
use crate::model::format::Format;
use crate::settings::ProfilePath;
use crate::settings::draft::Draft;
use crate::settings::secret::Secret;
use std::fs::File;
use std::path::{Path, PathBuf};

pub use crate::settings::SettingRow;

/// A profile to be written, with the secrets that go into files of their own.
#[derive(Debug)]
pub struct ProfilePlan {
    /// The profile file.
    pub path: PathBuf,
    /// Its text when the questions were asked.
    pub existing: String,
    /// The new profile.
    pub draft: Draft,
    /// Secrets and the files they go to.
    pub secrets: Vec<(PathBuf, Secret)>,
    /// Whether it is to be tested once it is written.
    pub test: bool,
}

/// Shows the settings in force.
pub fn show(
    rows: &[SettingRow],
    with_origin: bool,
    format: Format,
    ui: &Ui<'_>,
) -> Result<Exit, Failure> {
    ui.print(&output::render(rows, with_origin, &ui.page(format)))?;
    Ok(Exit::Yes)
}

/// Writes the profile, its secrets first so that it never names a file that is not there.
pub fn write(plan: &ProfilePlan) -> Result<(), Failure> {
    let text = plan.draft.added_to(&plan.existing, &plan.path)?;
    if read(&plan.path)? != plan.existing {
        return Err(Failure::input(format!(
            "{} has changed in the meantime",
            plan.path.display()
        ))
        .hint("nothing was written; run the command again"));
    }
    for (path, secret) in &plan.secrets {
        let mut line = zeroize::Zeroizing::new(secret.expose().to_owned());
        line.push('\n');
        replace(path, line.as_bytes())?;
    }
    replace(&plan.path, text.as_bytes())
}

/// Writes a file that is its owner's alone, in a folder that may not be there yet.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), error))?;
    }
    AtomicFile::begin_private(path)?.commit_with(bytes)
}

/// The text of the profile file; empty where there is none yet.
pub fn read(path: &Path) -> Result<String, Failure> {
    match File::open(path).and_then(read_whole_text) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::io(format!("cannot read {}", path.display()), error)),
    }
}

/// Whether an address is valid.
pub fn check_address(text: &str) -> Result<(), String> {
    match address::parse(text, false) {
        Ok(_) => Ok(()),
        Err(unusable) => Err(match unusable.hint {
            Some(hint) => format!("{}; {hint}", unusable.message),
            None => unusable.message,
        }),
    }
}

/// Where the profile file is, or would be.
pub fn path(place: Option<ProfilePath>) -> Result<PathBuf, Failure> {
    place.map(|place| place.path).ok_or_else(|| {
        Failure::message(Exit::No, "no profile file is in use").hint(
            "leave out '--config none' and HIVELOG_CONFIG=none, or set HOME or XDG_CONFIG_HOME",
        )
    })
}
