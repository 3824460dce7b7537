//! The profile file, and the profile that is used.

use super::diagnosis::{CheckStatus, Diagnosis};
use crate::settings::Settings;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub fn file(settings: &Settings) -> Diagnosis {
    let name = "profile file";
    let Some(path) = settings.file_path() else {
        return Diagnosis::new(name, CheckStatus::Skipped, "none in use");
    };
    let shown = path.display().to_string();
    if !path.exists() {
        return Diagnosis::new(
            name,
            CheckStatus::Skipped,
            format!("{shown} does not exist"),
        )
        .help("'hivelog config init' writes it");
    }
    if others_may_write(path) {
        return Diagnosis::new(
            name,
            CheckStatus::Warning,
            format!("{shown} can be changed by others"),
        )
        .help(format!("chmod 600 {shown}"));
    }
    Diagnosis::new(name, CheckStatus::Ok, shown)
}

fn others_may_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o022 != 0)
}

pub fn chosen(settings: &Settings) -> Diagnosis {
    match (settings.profile(), settings.origin("profile")) {
        (Some(name), Some(origin)) => {
            Diagnosis::new("profile", CheckStatus::Ok, format!("{name} ({origin})"))
        }
        _ => Diagnosis::new("profile", CheckStatus::Skipped, "none selected"),
    }
}

/// Variables that look like the program's own and are not.
pub fn unknown_variables(settings: &Settings) -> impl Iterator<Item = Diagnosis> {
    settings.unknown_variables().map(|(name, meant)| {
        let message = format!("{name} is not a variable that hivelog reads");
        let check = Diagnosis::new("environment", CheckStatus::Warning, message);
        match meant {
            Some(meant) => check.help(format!("did you mean {meant}?")),
            None => check.help("'hivelog help environment' lists them"),
        }
    })
}
