//! Settings: flag, then variable, then profile, then shared settings, then
//! built-in; each value with its origin.

mod choice;
pub mod draft;
mod file;
mod key_header;
pub mod keys;
mod location;
mod origin;
pub mod secret;
mod secrets;
mod shown;

use crate::failure::Failure;
use crate::host::{Env, Host};
use crate::model::event_log::Field;
use crate::model::size::Size;
use crate::model::text::nearest;
use choice::{chosen_profile, unknown_profile};
use file::ProfileFile;
use keys::{FIELD_VARIABLES, KEYS, ValueKind};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Value;

pub use choice::{ProfilePath, SettingsChoice, check_file, no_such_profile, profile_path};
pub use key_header::key_header;
pub use location::flag_of;
pub use origin::{Origin, Setting};
pub use shown::SettingRow;

/// What the names of the program's own variables begin with.
const PREFIX: &str = "HIVELOG_";

/// Every setting of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    file: ProfileFile,
    choice: SettingsChoice,
    profile: Option<String>,
    env: Env,
    values: BTreeMap<String, Setting>,
}

impl Settings {
    /// Reads the profile file and the variables; flags are added with [`Settings::set_flag`].
    pub fn load(choice: &SettingsChoice, host: &Host) -> Result<Settings, Failure> {
        let mut settings = Settings::outside_profiles(choice, host)?;
        if let Some((name, origin)) = chosen_profile(choice, host, &settings.file) {
            if settings.file.profile(&name).is_none() {
                return Err(unknown_profile(&name, &origin, &settings.file));
            }
            settings.profile = Some(name.clone());
            let value = Value::String(name);
            let chosen = Setting { value, origin };
            settings.values.insert("profile".to_owned(), chosen);
        }
        settings.fill();
        Ok(settings)
    }

    /// The same without a profile, even where one is named.
    pub fn outside_profiles(choice: &SettingsChoice, host: &Host) -> Result<Settings, Failure> {
        if let Some(variable) = host.env.without_text(PREFIX) {
            return Err(Failure::usage(format!(
                "{variable}: its value is not UTF-8"
            )));
        }
        let file = match profile_path(choice, host) {
            Some(ProfilePath { path, named_by }) => ProfileFile::read(path, named_by, &host.env)?,
            None => ProfileFile::default(),
        };
        Ok(Settings::layered(
            file,
            choice.clone(),
            None,
            host.env.clone(),
        ))
    }

    /// The settings that variables alone give.
    pub fn without_file(host: &Host) -> Settings {
        Settings::layered(
            ProfileFile::default(),
            SettingsChoice::default(),
            None,
            host.env.clone(),
        )
    }

    /// The settings of one profile, or outside any, without flags and variables.
    #[must_use]
    pub fn alone(&self, profile: Option<&str>) -> Settings {
        let choice = SettingsChoice {
            profile: profile.map(str::to_owned),
            ..self.choice.clone()
        };
        let profile = choice.profile.clone();
        Settings::layered(self.file.clone(), choice, profile, Env::default())
    }

    fn layered(
        file: ProfileFile,
        choice: SettingsChoice,
        profile: Option<String>,
        env: Env,
    ) -> Settings {
        let mut settings = Settings {
            file,
            choice,
            profile,
            env,
            values: BTreeMap::new(),
        };
        settings.fill();
        settings
    }

    fn fill(&mut self) {
        for key in KEYS {
            let found = self
                .in_environment(key.name, key.variable)
                .or_else(|| self.in_file(key.name))
                .or_else(|| {
                    key.built_in.map(|value| Setting {
                        value: Value::String(value.to_owned()),
                        origin: Origin::BuiltIn,
                    })
                });
            if let Some(setting) = found {
                self.values.insert(key.name.to_owned(), setting);
            }
        }
        for field in Field::ALL {
            let variable = FIELD_VARIABLES.iter().find(|(known, _)| *known == field);
            let variable = variable.map(|(_, variable)| *variable);
            let name = default_name(field);
            if let Some(setting) = self
                .in_environment(&name, variable)
                .or_else(|| self.in_file(&name))
            {
                self.values.insert(name, setting);
            }
        }
    }

    fn in_environment(&self, name: &str, variable: Option<&'static str>) -> Option<Setting> {
        let variable = variable?;
        Some(Setting {
            value: self.value(name, self.env.get(variable)?),
            origin: Origin::Variable(variable),
        })
    }

    /// The value of a text that a shell may have left as it was typed.
    fn value(&self, name: &str, text: &str) -> Value {
        let is_path = keys::find(name).is_some_and(|key| key.kind == ValueKind::Path);
        Value::String(if is_path {
            self.env.at_home(text)
        } else {
            text.to_owned()
        })
    }

    fn in_file(&self, name: &str) -> Option<Setting> {
        let look_up = |table: &toml::Table| match name.split_once('.') {
            Some((section, entry)) => table.get(section)?.get(entry).cloned(),
            None => table.get(name).cloned(),
        };
        let profile = self.profile.as_deref().and_then(|profile| {
            let value = look_up(self.file.profile(profile)?)?;
            Some((value, Origin::Profile(profile.to_owned())))
        });
        let common = look_up(self.file.common());
        let (value, origin) = match (profile, common) {
            // Tables are laid one over the other: a profile changes a rule and keeps the rest.
            (Some((Value::Table(own), origin)), Some(Value::Table(mut all))) => {
                all.extend(own);
                (Value::Table(all), origin)
            }
            (Some(own), _) => own,
            (None, common) => (common?, Origin::Defaults),
        };
        Some(Setting { value, origin })
    }

    /// A variable of another program, which has no key of its own; an empty one counts as unset.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name)
    }

    /// The variables that look like the program's own and are not, each with the one that may be
    /// meant.
    pub fn unknown_variables(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        let own = self.env.names().filter(|name| name.starts_with(PREFIX));
        let unknown = own.filter(|name| !keys::variables().any(|known| known == *name));
        unknown.map(|name| {
            let rest = |name: &'static str| name.strip_prefix(PREFIX);
            let meant = nearest(&name[PREFIX.len()..], keys::variables().filter_map(rest));
            let meant = meant.and_then(|meant| {
                keys::variables().find(|known| known.strip_prefix(PREFIX) == Some(meant))
            });
            (name, meant)
        })
    }

    /// Lets a flag decide.
    pub fn set_flag(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            let setting = Setting {
                value: self.value(name, value.as_ref()),
                origin: Origin::Flag,
            };
            self.values.insert(name.to_owned(), setting);
        }
    }

    /// A setting with its origin.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.values.get(name)
    }

    /// A setting as text; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?
            .value
            .as_str()
            .filter(|value| !value.is_empty())
    }

    /// Where a setting came from.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.get(name).map(|setting| &setting.origin)
    }

    /// A list as text; numbers are written out.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let items = self.get(name)?.value.as_array()?;
        Some(items.iter().map(plain).collect())
    }

    /// A table of text.
    pub fn table(&self, name: &str) -> Vec<(String, String)> {
        self.get(name)
            .and_then(|setting| setting.value.as_table())
            .map(|table| {
                table
                    .iter()
                    .map(|(name, value)| (name.clone(), plain(value)))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A size such as `1MiB`, in bytes.
    pub fn bytes(&self, name: &str) -> Result<Option<u64>, Failure> {
        self.read(name, size)
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        self.read(name, number)
    }

    fn read(
        &self,
        name: &str,
        read: fn(&str) -> Result<u64, String>,
    ) -> Result<Option<u64>, Failure> {
        let setting = self.get(name);
        let read = setting.map(|setting| read(&plain(&setting.value)));
        let read = read.transpose();
        read.map_err(|complaint| self.complaint(name, &complaint))
    }

    /// The default for an event log's field when composing from flags.
    pub fn field(&self, field: Field) -> Option<&Setting> {
        self.get(&default_name(field))
    }

    /// The profile in use.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Where the profile file is, or would be.
    pub fn file_path(&self) -> Option<&Path> {
        self.file.path.as_deref()
    }

    /// The profile that the file names for when nothing else does.
    pub fn default_profile(&self) -> Option<&str> {
        self.file.default_profile()
    }

    /// The names of all profiles in the file.
    pub fn profiles(&self) -> Vec<&str> {
        self.file.profiles()
    }
}

/// A value as text: strings bare, everything else as the profile file would write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Reads a size, in bytes.
fn size(text: &str) -> Result<u64, String> {
    let size = Size::parse(text).map(|size| size.0);
    size.ok_or_else(|| format!("'{text}' is not a size: use a number with KiB, MiB or GiB"))
}

/// Reads a whole number.
fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("'{text}' is not a number"))
}

/// The name of the setting that is a field's default.
fn default_name(field: Field) -> String {
    format!("defaults.{}", field.name())
}
