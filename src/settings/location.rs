//! Where the user wrote a setting, for messages that ask to correct it.

use super::{Origin, Setting, Settings, SettingsChoice, default_name, keys, plain};
use crate::failure::Failure;
use crate::model::event_log::Field;

impl Settings {
    /// The flags that choose the same file and profile once more.
    pub fn choice_as_flags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let SettingsChoice { profile, config } = &self.choice;
        let flags = [("--config", config.as_deref()), ("-p", profile.as_deref())];
        flags
            .into_iter()
            .filter_map(|(flag, value)| Some((flag, value?)))
    }

    /// Where a setting is to be corrected: `--url`, `HIVELOG_KEY`, `synchive.key_file of profile
    /// shop`.
    pub fn giver(&self, name: &str) -> Option<String> {
        Some(match self.origin(name)? {
            Origin::Flag => flag_of(name),
            Origin::Variable(variable) => (*variable).to_owned(),
            origin @ Origin::Profile(_) => format!("{name} of {origin}"),
            Origin::Defaults | Origin::BuiltIn => name.to_owned(),
        })
    }

    /// A failure that names the setting as the user who gave it knows it.
    pub fn complaint(&self, name: &str, complaint: &str) -> Failure {
        Failure::usage(format!("{}: {complaint}", self.place_of(name)))
    }

    /// Where a setting is said: a flag, a variable with its value, or file, table and key.
    pub(super) fn place_of(&self, name: &str) -> String {
        let Some(Setting { value, origin }) = self.get(name) else {
            return name.to_owned();
        };
        match origin {
            Origin::Flag => flag_of(name),
            Origin::Variable(variable) if keys::may_hold_secret(name) => (*variable).to_owned(),
            Origin::Variable(variable) => format!("{variable}={}", plain(value)),
            Origin::Profile(profile) => self.file_place(Some(profile), name),
            Origin::Defaults => self.file_place(None, name),
            Origin::BuiltIn => name.to_owned(),
        }
    }

    /// Where a section of the profile in use is, or would be: the table, and the file.
    pub fn section_of_profile(&self, section: &str) -> String {
        match (self.profile(), self.file_path()) {
            (Some(profile), Some(path)) => {
                format!("[profile.{profile}.{section}] of {}", path.display())
            }
            _ => "a profile".to_owned(),
        }
    }

    /// A failure that names the default of an event log's field in the same way.
    pub fn field_complaint(&self, field: Field, complaint: &str) -> Failure {
        self.complaint(&default_name(field), complaint)
    }

    /// Where the profile file says something: the file, and the key's full name.
    fn file_place(&self, profile: Option<&str>, name: &str) -> String {
        let name = profile.map_or_else(
            || name.to_owned(),
            |profile| format!("profile.{profile}.{name}"),
        );
        match self.file_path() {
            Some(path) => format!("{}: {name}", path.display()),
            None => name,
        }
    }

    /// Where the profile file has an entry of a table: the file, and the table's full name.
    pub fn entry_place(&self, table: &str, entry: &str) -> String {
        let (section, name) = table.split_once('.').unwrap_or((table, ""));
        let in_profile = self.profile.as_deref().filter(|profile| {
            let section = self.file.profile(profile).and_then(|own| own.get(section));
            section.and_then(|own| own.get(name)?.get(entry)).is_some()
        });
        self.file_place(in_profile, table)
    }
}

/// The flag that gives a setting.
pub fn flag_of(name: &str) -> String {
    match name {
        "server.url" => "--server".to_owned(),
        "spool.location" => "--spool".to_owned(),
        _ => {
            let (_, flag) = name.rsplit_once('.').unwrap_or(("", name));
            format!("--{}", flag.replace('_', "-"))
        }
    }
}
