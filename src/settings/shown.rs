//! Settings as they may be shown.

use super::keys::{self, KEYS, ValueKind};
use super::{Origin, Setting, Settings, default_name, key_header, plain, secret};
use crate::model::event_log::Field;
use serde::Serialize;
use toml::Value;

/// One row of `config show`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingRow {
    /// Section and name.
    pub name: String,
    /// The value, or `***`.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

impl Settings {
    /// Every setting that has a value, with secrets masked.
    pub fn rows(&self) -> Vec<SettingRow> {
        let known = KEYS.iter().map(|key| key.name.to_owned());
        let fields = Field::ALL.map(default_name);
        std::iter::once("profile".to_owned())
            .chain(known)
            .chain(fields)
            .filter_map(|name| {
                let derived = (name == "synchive.key_header").then(|| self.derived_key_header());
                let setting = self.get(&name).cloned().or_else(|| derived.flatten())?;
                Some(SettingRow {
                    value: shown(&name, &setting.value),
                    origin: setting.origin.to_string(),
                    name,
                })
            })
            .collect()
    }

    /// The key header that follows from the connector.
    fn derived_key_header(&self) -> Option<Setting> {
        Some(Setting {
            value: key_header(self.text("synchive.connector")?).into(),
            origin: Origin::BuiltIn,
        })
    }
}

/// A value as it may be shown: secrets, and whatever may hold one, are masked.
fn shown(name: &str, value: &Value) -> String {
    match (keys::find(name).map(|key| key.kind), value) {
        (Some(ValueKind::Secret), _) => secret::MASK.to_owned(),
        (Some(ValueKind::Table), Value::Table(headers)) if name.ends_with(".headers") => {
            let masked = headers
                .keys()
                .map(|header| (header.clone(), Value::from(secret::MASK)));
            Value::Table(masked.collect()).to_string()
        }
        // The user of a database is not a secret.
        (_, Value::String(text)) if name == "spool.location" => match url::Url::parse(text) {
            Ok(mut url) if url.password().is_some() => {
                let _ = url.set_password(Some(secret::MASK));
                url.to_string()
            }
            _ => text.clone(),
        },
        (_, Value::String(text)) if name.split_once('.').is_some_and(|(_, key)| key == "url") => {
            match url::Url::parse(text) {
                Ok(mut url) => {
                    // A user alone is a token more often than not. Setting fails only for
                    // addresses without a host, and those have no user.
                    if url.password().is_some() {
                        let _ = url.set_password(Some(secret::MASK));
                    } else if !url.username().is_empty() {
                        let _ = url.set_username(secret::MASK);
                    } else if url.query().is_none() {
                        return text.clone();
                    }
                    if url.query().is_some() {
                        url.set_query(Some(secret::MASK));
                    }
                    url.to_string()
                }
                Err(_) => text.clone(),
            }
        }
        _ => plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_secret_is_shown_masked() {
        let url = Value::from("https://me:canary@host/x");
        assert_eq!(shown("synchive.url", &url), "https://me:***@host/x");
        let token = Value::from("https://canary@host/x?key=canary");
        assert_eq!(shown("synchive.url", &token), "https://***@host/x?***");
        let plain = Value::from("https://host");
        assert_eq!(shown("synchive.url", &plain), "https://host");
        let headers: toml::Table = "X-Token = 'canary'".parse().unwrap();
        let headers = shown("synchive.headers", &Value::Table(headers));
        assert!(headers.contains("X-Token") && !headers.contains("canary"));
        assert_eq!(shown("synchive.key", &Value::from("canary")), "***");
        assert_eq!(shown("synchive.connector", &Value::from("a")), "a");
    }
}
