//! Type globs: `trigger.*.failed`, `!*.sync`, `@bad`.

use crate::model::sys_event::{SYS_TYPES, TYPE_GROUPS};
use crate::model::text::did_you_mean;
use std::collections::BTreeSet;
use std::str::FromStr;

/// A list of globs. A type is meant when a glob without `!` matches (or there is none) and no
/// glob with `!` does. `*` stands for any text, dots included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globs {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Globs {
    /// Reads globs between commas.
    pub fn parse(text: &str) -> Result<Globs, String> {
        let mut globs = Globs::default();
        for part in text.split(',').map(str::trim) {
            let (list, name) = match part.strip_prefix('!') {
                Some(name) => (&mut globs.unwanted, name),
                None => (&mut globs.wanted, part),
            };
            if name.is_empty() {
                return Err(format!("an event type is missing in '{text}'"));
            }
            if name.starts_with('@') {
                let names = TYPE_GROUPS.map(|(name, _)| name);
                let Some((_, members)) = TYPE_GROUPS.iter().find(|(known, _)| *known == name)
                else {
                    let guess = did_you_mean(name, names);
                    return Err(format!(
                        "unknown group '{name}'{guess} (known: {})",
                        names.join(", ")
                    ));
                };
                list.extend(members.iter().map(|member| (*member).to_owned()));
            } else if let Some(odd) = name.chars().find(|c| c.is_whitespace() || c.is_control()) {
                return Err(format!(
                    "{odd:?} is not allowed in an event type ('{name}')"
                ));
            } else {
                list.push(name.to_owned());
            }
        }
        Ok(globs)
    }

    /// What is asked for in one list or the other.
    pub fn extend(&mut self, other: Globs) {
        self.wanted.extend(other.wanted);
        self.unwanted.extend(other.unwanted);
    }

    /// The globs, but those of groups, that match none of these types, if all of them do.
    pub(super) fn without_match<'g>(&'g self, types: &BTreeSet<String>) -> Vec<&'g str> {
        let in_group = |glob: &str| TYPE_GROUPS.iter().any(|(_, all)| all.contains(&glob));
        let any = |glob: &&String| types.iter().any(|known| matches(glob, known));
        if self.wanted.iter().any(|glob| any(&glob)) {
            return Vec::new();
        }
        let globs = self.wanted.iter().map(String::as_str);
        globs.filter(|glob| !in_group(glob)).collect()
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether a type is meant.
    pub fn matches(&self, event_type: &str) -> bool {
        let any = |list: &[String]| list.iter().any(|glob| matches(glob, event_type));
        (self.wanted.is_empty() || any(&self.wanted)) && !any(&self.unwanted)
    }

    /// The first full type name that is not documented, with the nearest that is.
    pub fn undocumented(&self) -> Option<String> {
        let names = || SYS_TYPES.iter().map(|known| known.name);
        let name = self
            .wanted
            .iter()
            .chain(&self.unwanted)
            .find(|name| !name.contains('*') && !names().any(|known| known == *name))?;
        Some(format!(
            "unknown event type '{name}'{}",
            did_you_mean(name, names())
        ))
    }
}

impl FromStr for Globs {
    type Err = String;

    fn from_str(text: &str) -> Result<Globs, String> {
        Globs::parse(text)
    }
}

/// Whether a word can only mean event types: a documented one, a group or a glob.
pub(super) fn is_type(word: &str) -> bool {
    word.starts_with('@')
        || word.contains(['*', ','])
        || SYS_TYPES.iter().any(|known| known.name == word)
}

/// Whether a text matches a glob. Linear: a later star makes earlier choices final.
fn matches(glob: &str, text: &str) -> bool {
    let Some(star) = glob.bytes().position(|byte| byte == b'*') else {
        return glob == text;
    };
    let (Some(mut rest), others) = (text.strip_prefix(&glob[..star]), &glob[star + 1..]) else {
        return false;
    };
    if others.is_empty() {
        return true;
    }
    let mut parts = others.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_groups_and_negation() {
        let table = [
            ("trigger.*.failed", "trigger.schedule.failed", true),
            ("trigger.*.failed", "trigger.schedule.failed.x", false),
            ("*.error", "trigger.event.error", true),
            ("*", "anything", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("auth.ok", "auth.ok", true),
            ("auth.ok", "auth.okay", false),
            ("!*.sync", "trigger.event.sync", false),
            ("!*.sync", "auth.ok", true),
            ("@bad", "license.invalid", true),
            ("@bad", "trigger.event.disabled", true),
            ("@bad", "trigger.event.ok", false),
            ("@bad,!auth.*", "auth.error", false),
            ("@server", "server.ready", true),
            ("trigger.event.sync*", "trigger.event.sync", true),
        ];
        for (globs, name, expected) in table {
            assert_eq!(
                Globs::parse(globs).unwrap().matches(name),
                expected,
                "{globs} {name}"
            );
        }
    }

    #[test]
    fn errors_name_the_right_spelling() {
        assert!(
            Globs::parse("@bda")
                .unwrap_err()
                .contains("did you mean @bad?")
        );
        assert!(Globs::parse("a,,b").is_err());
        let typo = Globs::parse("trigger.schedul.failed").unwrap();
        assert!(
            typo.undocumented()
                .unwrap()
                .contains("trigger.schedule.failed?")
        );
        assert_eq!(
            Globs::parse("trigger.*,auth.ok").unwrap().undocumented(),
            None
        );
    }
}
