//! `config list` and `config use`: the profiles of the file, and the one that is used when no
//! other is named.

use crate::commands::config::output::{self, ProfileRow};
use crate::commands::config::read;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::AtomicFile;
use crate::model::format::Format;
use crate::settings::Settings;
use crate::settings::draft::{self, outline};
use std::path::Path;

/// Shows the profiles of the file.
pub fn list(settings: &Settings, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let default = settings.default_profile();
    let profiles: Vec<_> = settings
        .profiles()
        .into_iter()
        .map(|name| {
            let rows = settings.alone(Some(name)).rows();
            let value = |wanted: &str| {
                let row = rows.iter().find(|row| row.name == wanted);
                row.map(|row| row.value.clone())
            };
            ProfileRow {
                name: name.to_owned(),
                default: default == Some(name),
                synchive: value("synchive.url"),
                connector: value("synchive.connector"),
                server: value("server.url"),
            }
        })
        .collect();
    if profiles.is_empty() {
        ui.talk
            .notice("no profiles yet; 'hivelog config init' creates one");
    }
    ui.print(&output::profiles(&profiles, &ui.page(format)))?;
    Ok(Exit::Yes)
}

/// Makes a profile the default. One line of the file changes; everything else in it stays, and so
/// do its owner and its mode.
pub fn make_default(path: &Path, name: &str) -> Result<(), Failure> {
    let text = read(path)?;
    let known = outline(&text, path)?.profiles;
    if !known.iter().any(|profile| profile == name) {
        return Err(crate::settings::no_such_profile(name, &known, path));
    }
    let changed = draft::with_default(&text, name, path)?;
    let file = AtomicFile::begin(path)?;
    if read(path)? != text {
        return Err(
            Failure::input(format!("{} has changed in the meantime", path.display()))
                .hint("nothing was written; run the command again"),
        );
    }
    file.commit_with(changed.as_bytes())
}
