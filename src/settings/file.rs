//! The profile file: finding it, reading it, and refusing keys nobody knows.

use super::keys::{self, KEYS, SettingKey, ValueKind};
use super::secret::is_of_another_user;
use crate::failure::Failure;
use crate::host::{Env, read_whole_text};
use crate::model::event_log::Field;
use crate::model::format::{Colour, Format};
use crate::model::text::did_you_mean;
use crate::model::timestamp::Zone;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The profile file as it was read.
#[derive(Clone, Debug, Default)]
pub struct ProfileFile {
    /// Where it is, or would be.
    pub path: Option<PathBuf>,
    /// Why others than its user decide what it says.
    written_by_others: Option<String>,
    /// Its content, checked.
    table: Table,
}

impl ProfileFile {
    /// Reads a file. One that nothing asks for by name may be absent. `env` says what `~` in it is.
    pub fn read(path: PathBuf, named_by: Option<&str>, env: &Env) -> Result<ProfileFile, Failure> {
        let (text, written_by_others) = match read(&path) {
            Ok(read) => read,
            // Below something that is not a folder there is nothing either.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
                    && named_by.is_none() =>
            {
                return Ok(ProfileFile {
                    path: Some(path),
                    ..ProfileFile::default()
                });
            }
            Err(error) => {
                let given = named_by.map_or_else(String::new, |by| format!("{by}: "));
                let about = format!("{given}cannot read the profile file {}", path.display());
                let is_absent =
                    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
                let mut failure = Failure::io(about, error);
                failure.exit = crate::failure::Exit::Usage;
                // What is there already is not overwritten.
                return Err(failure.hint(if is_absent {
                    "'hivelog config init' writes one; '--config none' uses none"
                } else {
                    "make it a text file that you may read, or name another with --config; \
                     '--config none' uses none"
                }));
            }
        };
        let mut table = parse(&text, &path)?;
        expand_home(&mut table, env);
        Ok(ProfileFile {
            path: Some(path),
            written_by_others,
            table,
        })
    }

    /// Refuses to run a command that somebody else may have written.
    pub fn refuse_if_others_write(&self, command: &str) -> Result<(), Failure> {
        let (Some(path), Some(why)) = (&self.path, &self.written_by_others) else {
            return Ok(());
        };
        let shown = path.display();
        Err(Failure::usage(format!(
            "{command} is not run: the profile file {shown} {why}"
        ))
        .hint(format!("check its contents, then run: chmod go-w {shown}")))
    }

    /// The profile that is used when none is named.
    pub fn default_profile(&self) -> Option<&str> {
        self.table.get("default_profile")?.as_str()
    }

    /// The names of the profiles, in order.
    pub fn profiles(&self) -> Vec<&str> {
        self.table
            .get("profile")
            .and_then(Value::as_table)
            .map(|profiles| profiles.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// One profile.
    pub fn profile(&self, name: &str) -> Option<&Table> {
        self.table.get("profile")?.get(name)?.as_table()
    }

    /// The settings outside any profile, which hold for all of them.
    pub fn common(&self) -> &Table {
        &self.table
    }
}

/// Writes out `~/` in what names a file, as a shell would have done.
fn expand_home(table: &mut Table, env: &Env) {
    for (section, content) in table.iter_mut() {
        let Value::Table(entries) = content else {
            continue;
        };
        if section == "profile" {
            let profiles = entries.iter_mut();
            let profiles = profiles.filter_map(|(_, profile)| profile.as_table_mut());
            profiles.for_each(|profile| expand_home(profile, env));
            continue;
        }
        for (name, value) in entries.iter_mut() {
            let name = format!("{section}.{name}");
            let kind = keys::find(&name).map(|key| key.kind);
            let path = if kind == Some(ValueKind::Path) {
                Some(value)
            } else if name.ends_with("_command") {
                value.as_array_mut().and_then(|words| words.first_mut())
            } else {
                None
            };
            if let Some(Value::String(path)) = path {
                *path = env.at_home(path);
            }
        }
    }
}

/// The text of a file, and why others than its user decide what it says.
fn read(path: &Path) -> io::Result<(String, Option<String>)> {
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.mode() & 0o7777;
    let why = if is_of_another_user(&metadata) {
        Some("belongs to another user".to_owned())
    } else {
        (mode & 0o022 != 0).then(|| format!("can be written by others (mode {mode:04o})"))
    };
    Ok((read_whole_text(file)?, why))
}

/// Reads and checks the text of a profile file; `path` is for messages.
pub fn parse(text: &str, path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let position = error.span().map_or_else(String::new, |span| {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!(":{line}:{column}")
        });
        Failure::usage(format!("{shown}{position}: {}", error.message()))
    })?;
    for (name, value) in &table {
        match (name.as_str(), value) {
            ("default_profile", Value::String(_)) => {}
            ("default_profile", _) => {
                return Err(Failure::usage(format!(
                    "{shown}: default_profile must be text"
                )));
            }
            ("profile", Value::Table(profiles)) => {
                for (profile, content) in profiles {
                    let place = format!("profile.{profile}");
                    let content = content.as_table().ok_or_else(|| {
                        Failure::usage(format!("{shown}: {place} must be a table"))
                    })?;
                    check_sections(content, &place, path)?;
                }
            }
            _ => check_section(name, value, "", path)?,
        }
    }
    Ok(table)
}

fn check_sections(table: &Table, place: &str, path: &Path) -> Result<(), Failure> {
    table
        .iter()
        .try_for_each(|(name, value)| check_section(name, value, &format!("{place}."), path))
}

/// Checks one entry of a profile: a plain setting such as `output`, or a section of them.
fn check_section(name: &str, value: &Value, place: &str, path: &Path) -> Result<(), Failure> {
    let Value::Table(entries) = value else {
        return check_key(name, value, &format!("{place}{name}"), path);
    };
    if name == "defaults" {
        return entries.iter().try_for_each(|(field, value)| {
            if let Some(known) = Field::find(field) {
                return check_default(known, value).map_err(|complaint| {
                    let shown = path.display();
                    Failure::usage(format!("{shown}: {place}defaults.{field}: {complaint}"))
                });
            }
            let guess = did_you_mean(field, Field::ALL.map(Field::name));
            Err(unknown(&format!("{place}defaults.{field}"), &guess, path))
        });
    }
    let sections = ["synchive", "check", "server", "spool"];
    if !sections.contains(&name) {
        let known = sections
            .into_iter()
            .chain(["defaults", "profile", "default_profile"]);
        let guess = did_you_mean(name, known);
        let failure = unknown(&format!("{place}{name}"), &guess, path);
        if !place.is_empty() || !guess.is_empty() {
            return Err(failure);
        }
        return Err(failure.hint(format!(
            "a profile named {name} has the sections [profile.{name}.synchive], \
             [profile.{name}.server] and so on"
        )));
    }
    entries.iter().try_for_each(|(entry, value)| {
        check_key(
            &format!("{name}.{entry}"),
            value,
            &format!("{place}{name}.{entry}"),
            path,
        )
    })
}

fn check_key(name: &str, value: &Value, place: &str, path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let Some(key) = keys::find(name) else {
        return Err(unknown(place, &known_key(name), path));
    };
    let fits = match key.kind {
        ValueKind::Secret => {
            let variable = key.variable.unwrap_or_default();
            return Err(Failure::usage(format!(
                "{shown}: {place}: a secret does not belong in the profile file"
            ))
            .hint(format!(
                "use {name}_file, {name}_command or the variable {variable}"
            )));
        }
        ValueKind::Size | ValueKind::Number => {
            matches!(value, Value::String(_) | Value::Integer(_))
        }
        ValueKind::Text | ValueKind::Path => matches!(value, Value::String(_)),
        ValueKind::List => matches!(value, Value::Array(_)),
        ValueKind::Table => matches!(value, Value::Table(_)),
    };
    if fits {
        check_value(key, value)
            .map_err(|complaint| Failure::usage(format!("{shown}: {place}: {complaint}")))
    } else {
        Err(Failure::usage(format!(
            "{shown}: {place} must be {}",
            match key.kind {
                ValueKind::List => "a list",
                ValueKind::Table => "a table",
                _ => "text",
            }
        )))
    }
}

/// Rejects what is never valid, so that it is reported where it is written and not where it is used.
fn check_value(key: &SettingKey, value: &Value) -> Result<(), String> {
    let text = super::plain(value);
    match key.name {
        "color" => one_of(&text, &Colour::ALL.map(Colour::name)),
        "output" => one_of(&text, &Format::ALL.map(Format::name)),
        "timezone" => Zone::parse(&text).map(drop),
        "check.extra_codes" => {
            let codes = value.as_array().into_iter().flatten();
            codes.map(super::plain).try_for_each(|code| {
                let (number, suffix) = code.split_at_checked(4).unwrap_or((&code, ""));
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                if digits && matches!(suffix, "N" | "W" | "E") {
                    return Ok(());
                }
                Err(format!(
                    "'{code}' is not an event code: four digits and N, W or E"
                ))
            })
        }
        _ if key.kind == ValueKind::Number => super::number(&text).map(drop),
        _ if key.kind == ValueKind::Size => super::size(&text).map(drop),
        _ => Ok(()),
    }
}

/// Refuses a default for an event log's field that the field can never have.
fn check_default(field: Field, value: &Value) -> Result<(), String> {
    let known = match (field, field.row().values) {
        // There may be codes of one's own.
        (Field::EventCode, _) | (_, None) => return Ok(()),
        (_, Some(values)) => values(),
    };
    one_of(&super::plain(value), &known)
}

fn one_of(text: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&text) {
        return Ok(());
    }
    let guess = did_you_mean(text, known.iter().copied());
    let known = known.join(", ");
    Err(format!("unknown value '{text}'{guess} (one of: {known})"))
}

/// Which keys may be meant by one that is not known: those of the same name in a section where it
/// stands in none, else the nearest.
fn known_key(name: &str) -> String {
    let section = |key: &str| key.split_once('.').map_or("", |(section, _)| section).len();
    let known = KEYS.iter().map(|key| key.name);
    let in_sections = known.clone().filter(|known| {
        section(name) == 0 && section(known) > 0 && known[section(known) + 1..] == *name
    });
    let in_sections: Vec<_> = in_sections.collect();
    if in_sections.is_empty() {
        let beside = |known: &&str| known[..section(known)] == name[..section(name)];
        return did_you_mean(name, known.filter(beside));
    }
    format!(", did you mean {}?", in_sections.join(" or "))
}

fn unknown(place: &str, guess: &str, path: &Path) -> Failure {
    Failure::usage(format!("{}: unknown key {place}{guess}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        parse(text, Path::new("c.toml"))
            .map_or_else(|failure| failure.to_string(), |_| String::new())
    }

    #[test]
    fn a_key_outside_its_section_is_shown_the_section_and_a_value_the_valid_ones() {
        for (text, wanted) in [
            (
                "[profile.live]\nurl = \"https://x\"",
                "c.toml: unknown key profile.live.url, did you mean synchive.url or server.url?",
            ),
            (
                "color = \"blue\"",
                "c.toml: color: unknown value 'blue' (one of: auto, always, never)",
            ),
        ] {
            assert_eq!(complaint(text), wanted);
        }
        let failure = parse("[live.synchive]\nurl = \"x\"", Path::new("c.toml")).unwrap_err();
        let hint = failure.hint.expect("a hint");
        assert!(hint.contains("[profile.live.synchive]"), "{hint}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_right_one() {
        assert_eq!(
            complaint("[profile.a.synchive]\nulr = \"x\""),
            "c.toml: unknown key profile.a.synchive.ulr, did you mean synchive.url?"
        );
        assert!(complaint("[profile.a.sychive]\n").contains("did you mean synchive?"));
        assert!(
            complaint("[defaults]\nintegration_key = \"x\"")
                .contains("did you mean integrationKey?")
        );
    }

    #[test]
    fn a_value_that_can_never_be_meant_is_refused_where_it_stands() {
        for (text, wanted) in [
            ("color = \"blue\"", "color: unknown value 'blue'"),
            ("[synchive]\nurl = 5", "synchive.url must be text"),
            (
                "[check]\nextra_codes = [\"9000e\"]",
                "'9000e' is not an event code",
            ),
            ("[check]\nextra_codes = [\"é\"]", "is not an event code"),
            ("[spool]\nmax_bytes = \"lots\"", "'lots' is not a size"),
            ("[defaults]\nmode = \"live\"", "did you mean LIVE?"),
            ("timezone = \"mars\"", "'mars' is not a time zone"),
        ] {
            assert!(complaint(text).contains(wanted), "{}", complaint(text));
        }
        assert_eq!(
            complaint("[spool]\nmax_bytes = 5\n[check]\nextra_codes = [\"9000E\"]"),
            ""
        );
    }

    #[test]
    fn a_mistake_in_the_file_has_a_position() {
        assert!(complaint("default_profile = \"a\"\n[x\n").starts_with("c.toml:2:"));
    }

    #[test]
    fn a_secret_in_the_file_is_refused_without_showing_it() {
        let said = complaint("[profile.a.synchive]\nkey = \"canary\"");
        assert!(
            said.contains("does not belong in the profile file") && !said.contains("canary"),
            "{said}"
        );
    }
}
