//! Settings: flag, then variable, then profile, then what stands outside any profile, then
//! built-in; each value with its origin.

mod choice;
pub mod draft;
mod file;
mod key_header;
pub mod keys;
pub mod row;
pub mod secret;
mod shown;

use crate::failure::Failure;
use crate::host::{Env, Host};
use crate::model::event_log::Field;
use crate::model::size::Size;
use choice::{chosen_profile, unknown_profile};
use file::File;
use keys::{FIELD_VARIABLES, KEYS};
use secret::Secret;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use toml::Value;

pub use choice::{Choice, Place, check_file, no_such_profile, place};
pub use key_header::key_header;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag.
    Flag,
    /// A variable.
    Variable(&'static str),
    /// A profile.
    Profile(String),
    /// The profile file, outside any profile.
    Defaults,
    /// hivelog itself.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("flag"),
            Origin::Variable(name) => write!(f, "variable {name}"),
            Origin::Profile(name) => write!(f, "profile {name}"),
            Origin::Defaults => f.write_str("defaults"),
            Origin::BuiltIn => f.write_str("built-in"),
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// Every setting of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    file: File,
    choice: Choice,
    profile: Option<String>,
    env: Env,
    values: BTreeMap<String, Setting>,
}

impl Settings {
    /// Reads the profile file and the variables; flags are added with [`Settings::set_flag`].
    pub fn load(choice: &Choice, host: &Host) -> Result<Settings, Failure> {
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
    pub fn outside_profiles(choice: &Choice, host: &Host) -> Result<Settings, Failure> {
        if let Some(variable) = host.env.without_text("HIVELOG_") {
            return Err(Failure::usage(format!(
                "{variable}: its value is not UTF-8"
            )));
        }
        let file = match place(choice, host) {
            Some(Place { path, named_by }) => File::read(path, named_by, host.env.get("HOME"))?,
            None => File::default(),
        };
        let mut settings = Settings {
            profile: None,
            file,
            choice: choice.clone(),
            env: host.env.clone(),
            values: BTreeMap::new(),
        };
        settings.fill();
        Ok(settings)
    }

    /// What the variables alone say.
    pub fn without_file(host: &Host) -> Settings {
        let mut settings = Settings {
            file: File::default(),
            choice: Choice::default(),
            profile: None,
            env: host.env.clone(),
            values: BTreeMap::new(),
        };
        settings.fill();
        settings
    }

    /// What the file says for one profile, or outside any, without flags and variables.
    #[must_use]
    pub fn alone(&self, profile: Option<&str>) -> Settings {
        let mut settings = Settings {
            file: self.file.clone(),
            choice: Choice {
                profile: profile.map(str::to_owned),
                ..self.choice.clone()
            },
            profile: profile.map(str::to_owned),
            env: Env::default(),
            values: BTreeMap::new(),
        };
        settings.fill();
        settings
    }

    fn fill(&mut self) {
        for key in KEYS {
            let found = self
                .in_environment(key.variable)
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
                .in_environment(variable)
                .or_else(|| self.in_file(&name))
            {
                self.values.insert(name, setting);
            }
        }
    }

    fn in_environment(&self, variable: Option<&'static str>) -> Option<Setting> {
        let name = variable?;
        Some(Setting {
            value: Value::String(self.env.get(name)?.to_owned()),
            origin: Origin::Variable(name),
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

    /// Lets a flag decide.
    pub fn set_flag(&mut self, name: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.values.insert(
                name.to_owned(),
                Setting {
                    value: Value::String(value.into()),
                    origin: Origin::Flag,
                },
            );
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

    /// The flags that choose the same file and profile once more.
    pub fn choice_as_flags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Choice { profile, config } = &self.choice;
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

    /// A failure that names the setting as whoever gave it knows it.
    pub fn complaint(&self, name: &str, complaint: &str) -> Failure {
        Failure::usage(format!("{}: {complaint}", self.place_of(name)))
    }

    /// Where a setting is said: a flag, a variable with its value, or file, table and key.
    fn place_of(&self, name: &str) -> String {
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

    /// The same for the default of an event log's field.
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
        let Some(setting) = self.get(name) else {
            return Ok(None);
        };
        let text = plain(&setting.value);
        Size::parse(&text).map(|size| Some(size.0)).ok_or_else(|| {
            let complaint = format!("'{text}' is not a size: use a number with KiB, MiB or GiB");
            self.complaint(name, &complaint)
        })
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(setting) = self.get(name) else {
            return Ok(None);
        };
        let text = plain(&setting.value);
        let number = text.parse().map(Some);
        number.map_err(|_| self.complaint(name, &format!("'{text}' is not a number")))
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

    /// The setting that gives a secret: the secret itself, its file or its command.
    pub fn secret_source(&self, name: &str) -> Option<String> {
        let sources = ["", "_file", "_command"].map(|suffix| format!("{name}{suffix}"));
        sources
            .into_iter()
            .find(|source| self.get(source).is_some())
    }

    /// A secret: from its variable, its file or its command, whichever comes first.
    ///
    /// `name` is the setting without suffix, for example `synchive.key`.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, Failure> {
        let what = name.split_once('.').map_or(name, |(_, what)| what);
        if let Some(Setting { value, origin }) = self.get(name)
            && let Some(value) = value.as_str().filter(|value| !value.is_empty())
        {
            secret::check(&format!("{what} from {origin}"), value)?;
            return Ok(Some(Secret::new(value)));
        }
        let file = format!("{name}_file");
        if let Some(path) = self.text(&file) {
            let secret = secret::from_file(what, Path::new(path));
            return secret.map(Some).map_err(|failure| Failure {
                source: failure.source.context(self.place_of(&file)),
                ..failure
            });
        }
        let command = format!("{name}_command");
        if let Some(argv) = self.list(&command) {
            self.file.refuse_if_others_write(&command)?;
            return secret::from_command(what, &self.place_of(&command), &argv).map(Some);
        }
        Ok(None)
    }

    /// Headers whose values come from files (`NAME_file`) or commands (`NAME_command`).
    ///
    /// `name` is the setting without suffix, for example `server.headers`.
    pub fn secret_headers(&self, name: &str) -> Result<Vec<(String, Secret)>, Failure> {
        let mut headers = Vec::new();
        for (header, path) in self.table(&format!("{name}_file")) {
            let what = format!("value of {header}");
            headers.push((header, secret::from_file(&what, Path::new(&path))?));
        }
        let command = format!("{name}_command");
        let commands = self.get(&command).and_then(|all| all.value.as_table());
        for (header, argv) in commands.into_iter().flatten() {
            let place = self.entry_place(&command, header);
            self.file.refuse_if_others_write(&command)?;
            let argv = argv.as_array().ok_or_else(|| {
                Failure::usage(format!(
                    "{place}: {header} must be a list: program and arguments"
                ))
            })?;
            let argv: Vec<String> = argv.iter().map(plain).collect();
            let secret = secret::from_command(&format!("value of {header}"), &place, &argv)?;
            headers.push((header.clone(), secret));
        }
        Ok(headers)
    }

    /// What the profile says of a place for which it gives a secret, where another place may be
    /// in use: the secret is for that one alone.
    pub fn own_value_for_a_secret(&self, place: &str, secret: &str) -> Option<String> {
        let from_profile = [format!("{secret}_file"), format!("{secret}_command")]
            .iter()
            .any(|source| self.get(source).is_some());
        if self.text(secret).is_some() || !from_profile {
            return None;
        }
        self.in_file(place).map(|own| plain(&own.value))
    }

    /// Refuses to send a profile's key to an address that is not the profile's own.
    ///
    /// `section` is `synchive` or `server`; `secret` is the setting that holds its key.
    pub fn guard_origin(&self, section: &str, secret: &str) -> Result<(), Failure> {
        let name = format!("{section}.url");
        let (Some(used), Some(own)) =
            (self.text(&name), self.own_value_for_a_secret(&name, secret))
        else {
            return Ok(());
        };
        if web_origin(used) == web_origin(&own) {
            return Ok(());
        }
        // Only the origins: an address may itself carry a password or a token.
        let shown = |address: &str| {
            web_origin(address).map_or_else(
                || "another".to_owned(),
                |origin| origin.ascii_serialization(),
            )
        };
        let (own, used) = (shown(&own), shown(used));
        Err(Failure::usage(format!(
            "the profile's {secret} belongs to {own} and is not sent to {used}"
        ))
        .hint("name another profile, or give the key of that address in its variable"))
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

/// A value as text: strings bare, everything else as the profile file would write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Scheme, host and port of an address.
fn web_origin(address: &str) -> Option<url::Origin> {
    url::Url::parse(address).ok().map(|url| url.origin())
}

/// The name of the setting that is a field's default.
fn default_name(field: Field) -> String {
    format!("defaults.{}", field.name())
}
