//! A profile on its way into the profile file. The rest of the file stays as it is.

use super::file;
use crate::failure::Failure;
use std::fmt::Write;
use std::path::Path;
use toml::Value;

/// A profile that is being composed.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Its name.
    pub profile: String,
    /// Whether it is used when none is named.
    pub is_default: bool,
    sections: Vec<(&'static str, Vec<(&'static str, Value)>)>,
}

impl Draft {
    /// Begins a profile.
    pub fn new(profile: impl Into<String>) -> Draft {
        Draft {
            profile: profile.into(),
            ..Draft::default()
        }
    }

    /// Adds a setting, named as in the table of settings: `synchive.url`.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let (section, key) = name.split_once('.').unwrap_or(("", name));
        let entry = (key, value.into());
        match self.sections.iter_mut().find(|(own, _)| *own == section) {
            Some((_, entries)) => entries.push(entry),
            None => self.sections.push((section, vec![entry])),
        }
    }

    /// Whether it says anything in a section.
    pub fn has(&self, section: &str) -> bool {
        self.sections.iter().any(|(own, _)| *own == section)
    }

    /// The profile alone, as it will be written to the file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (section, entries) in &self.sections {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[profile.{}.{section}]", self.profile);
            for (key, value) in entries {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        text
    }

    /// The whole file with this profile added. It is read back before anybody relies on it.
    pub fn added_to(&self, existing: &str, path: &Path) -> Result<String, Failure> {
        let table = file::parse(existing, path)?;
        let mut text = String::new();
        // A key outside any table has to come before the first one.
        if self.is_default && !table.contains_key("default_profile") {
            let name = Value::from(self.profile.as_str());
            let _ = writeln!(text, "default_profile = {name}\n");
        }
        text.push_str(existing);
        if !existing.is_empty() {
            text.push_str(if existing.ends_with('\n') {
                "\n"
            } else {
                "\n\n"
            });
        }
        text.push_str(&self.text());
        file::parse(&text, path)?;
        Ok(text)
    }
}

/// What a profile file holds, as far as a new profile must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The names of its profiles.
    pub profiles: Vec<String>,
    /// Whether it says which one is used when none is named.
    pub has_default: bool,
}

/// Reads the outline of a profile file's text; `path` is for messages.
pub fn outline(text: &str, path: &Path) -> Result<Outline, Failure> {
    let table = file::parse(text, path)?;
    let profiles = table.get("profile").and_then(Value::as_table);
    Ok(Outline {
        profiles: profiles.map_or_else(Vec::new, |all| all.keys().cloned().collect()),
        has_default: table.contains_key("default_profile"),
    })
}

/// The whole file with another default profile: its line is changed, or added at the top. It is
/// read back before anybody relies on it.
pub fn with_default(existing: &str, profile: &str, path: &Path) -> Result<String, Failure> {
    #[derive(serde::Deserialize)]
    struct Head {
        default_profile: Option<toml::Spanned<String>>,
    }
    file::parse(existing, path)?;
    let head: Head = toml::from_str(existing)
        .map_err(|error| Failure::usage(format!("{}: {}", path.display(), error.message())))?;
    let name = Value::from(profile);
    let text = match head.default_profile {
        Some(written) => {
            let (before, after) = (
                &existing[..written.span().start],
                &existing[written.span().end..],
            );
            format!("{before}{name}{after}")
        }
        // A key outside any table has to come before the first one.
        None => format!("default_profile = {name}\n{existing}"),
    };
    file::parse(&text, path)?;
    Ok(text)
}

/// Checks that a profile's name needs no quotes in a table's header.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(plain) {
        Ok(())
    } else {
        Err("use letters, digits, - and _".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let mut draft = Draft::new("new");
        draft.set("synchive.url", "https://x.example");
        draft.set("defaults.mode", "LIVE");
        draft.set("synchive.connector", "say \"x\"");
        draft.is_default = true;
        draft
    }

    #[test]
    fn a_profile_is_added_behind_what_stands_there() {
        let path = Path::new("c.toml");
        let alone = draft().added_to("", path).unwrap();
        assert_eq!(
            alone,
            "default_profile = \"new\"\n\n[profile.new.synchive]\nurl = \"https://x.example\"\nconnector = 'say \"x\"'\n\n[profile.new.defaults]\nmode = \"LIVE\"\n"
        );
        let old = "# mine\ndefault_profile = \"old\"\n[profile.old.synchive]\nurl = \"u\"";
        let both = draft().added_to(old, path).unwrap();
        assert!(both.starts_with(old) && both.contains("[profile.new.synchive]"));
        assert_eq!(both.matches("default_profile").count(), 1);
    }

    #[test]
    fn another_default_changes_one_line() {
        let path = Path::new("c.toml");
        let old = "# mine\ndefault_profile = 'a' # for now\n\n[profile.a.synchive]\nurl = \"u\"\n";
        let new = with_default(old, "b", path).unwrap();
        assert_eq!(new, old.replace("'a'", "\"b\""));
        let without = "# mine\n[profile.a.synchive]\nurl = \"u\"\n";
        let new = with_default(without, "a", path).unwrap();
        assert_eq!(new, format!("default_profile = \"a\"\n{without}"));
    }

    #[test]
    fn a_profile_that_exists_is_never_written_twice() {
        let path = Path::new("c.toml");
        let once = draft().added_to("", path).unwrap();
        assert!(draft().added_to(&once, path).is_err());
    }
}
