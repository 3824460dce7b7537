//! The secrets among the settings, and for which address each may be used.

use super::secret::{self, Secret};
use super::{Setting, Settings, keys, plain};
use crate::failure::Failure;
use std::path::Path;

impl Settings {
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
        .hint(match keys::find(secret).and_then(|key| key.variable) {
            Some(variable) => {
                format!("name another profile, or give what {used} expects in {variable}")
            }
            None => "name another profile".to_owned(),
        }))
    }
}

/// Scheme, host and port of an address.
fn web_origin(address: &str) -> Option<url::Origin> {
    url::Url::parse(address).ok().map(|url| url.origin())
}
