//! Which profile file and which profile are used, and why.

use super::Origin;
use super::file::ProfileFile;
use crate::failure::Failure;
use crate::host::Host;
use crate::model::text::did_you_mean;
use std::path::{Path, PathBuf};

/// What the command line says about where settings come from.
#[derive(Clone, Debug, Default)]
pub struct SettingsChoice {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--config`: a file, or `none`.
    pub config: Option<String>,
}

/// Where the profile file is, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfilePath {
    /// The file.
    pub path: PathBuf,
    /// What asks for it by name, so that it must exist.
    pub named_by: Option<&'static str>,
}

/// The profile file's place; nothing with `--config none` or without a home.
pub fn profile_path(choice: &SettingsChoice, host: &Host) -> Option<ProfilePath> {
    let variable = "HIVELOG_CONFIG";
    let flag = choice.config.as_deref().map(|path| (path, "--config"));
    match flag.or_else(|| Some((host.env.get(variable)?, variable))) {
        Some(("none", _)) => None,
        Some((path, named_by)) => Some(ProfilePath {
            path: PathBuf::from(host.env.at_home(path)),
            named_by: Some(named_by),
        }),
        None => Some(ProfilePath {
            path: host.config_dir.as_ref()?.join("config.toml"),
            named_by: None,
        }),
    }
}

/// Reads the profile file that nobody names by a flag, to say what is wrong with it.
pub fn check_file(host: &Host) -> Result<(), Failure> {
    match profile_path(&SettingsChoice::default(), host) {
        Some(ProfilePath { path, named_by }) => {
            ProfileFile::read(path, named_by, &host.env).map(drop)
        }
        None => Ok(()),
    }
}

/// The profile to use, and where it was chosen.
pub(super) fn chosen_profile(
    choice: &SettingsChoice,
    host: &Host,
    file: &ProfileFile,
) -> Option<(String, Origin)> {
    let variable = "HIVELOG_PROFILE";
    let flag = choice.profile.as_deref().map(|name| (name, Origin::Flag));
    let (name, origin) = flag
        .or_else(|| Some((host.env.get(variable)?, Origin::Variable(variable))))
        .or_else(|| Some((file.default_profile()?, Origin::Defaults)))?;
    Some((name.to_owned(), origin))
}

pub(super) fn unknown_profile(name: &str, origin: &Origin, file: &ProfileFile) -> Failure {
    let given = match origin {
        Origin::Variable(variable) => format!("{variable}={name}: "),
        Origin::Defaults => format!("default_profile = \"{name}\": "),
        _ => String::new(),
    };
    let place = file.path.as_ref().map_or_else(
        || "no profile file is in use".to_owned(),
        |path| path.display().to_string(),
    );
    missing_profile(&given, name, &file.profiles(), &place)
}

/// A profile that a file does not have.
pub fn no_such_profile(name: &str, known: &[String], path: &Path) -> Failure {
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    missing_profile("", name, &known, &path.display().to_string())
}

fn missing_profile(given: &str, name: &str, known: &[&str], place: &str) -> Failure {
    let guess = did_you_mean(name, known.iter().copied());
    let failure = Failure::usage(format!("{given}unknown profile '{name}'{guess} ({place})"));
    if known.is_empty() {
        failure.hint("'hivelog config init' writes a profile")
    } else {
        failure.hint(format!("known profiles: {}", known.join(", ")))
    }
}
