//! What the user can do about records that were not delivered.

use crate::model::text::shell_word;
use crate::settings::{Origin, Settings, flag_of};

/// The settings by flag that another command must be given as well, to send to the same place.
const OF_DESTINATION: [&str; 4] = [
    "synchive.url",
    "synchive.connector",
    "synchive.key_header",
    "spool.location",
];

/// The checks and commands that help with one destination.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// Where the address and the key come from.
    address: String,
    key: String,
    /// What makes another command use the same profile.
    choice: String,
    /// What makes it use the same spool as well.
    spool: String,
    /// What makes it send to the same destination from the same spool.
    flags: String,
}

impl Remedies {
    /// For the destination of the settings, with further headers, and plain http where that is
    /// allowed.
    pub fn of(settings: &Settings, headers: &[(String, String)], allow_http: bool) -> Remedies {
        let key = settings.secret_source("synchive.key");
        let mut choice = String::new();
        for (flag, value) in settings.choice_as_flags() {
            add(&mut choice, flag, value);
        }
        let (mut flags, mut spool) = (choice.clone(), choice.clone());
        for name in OF_DESTINATION {
            if let (Some(Origin::Flag), Some(value)) = (settings.origin(name), settings.text(name))
            {
                add(&mut flags, &flag_of(name), value);
                if name == "spool.location" {
                    add(&mut spool, &flag_of(name), value);
                }
            }
        }
        for (name, value) in headers {
            add(&mut flags, "-H", &format!("{name}: {value}"));
        }
        if allow_http {
            flags.push_str(" --allow-http");
        }
        Remedies {
            address: settings.giver("synchive.url").unwrap_or_default(),
            key: key.and_then(|key| settings.giver(&key)).unwrap_or_default(),
            choice,
            spool,
            flags,
        }
    }

    /// For every destination of the profile file.
    pub fn of_all_profiles() -> Remedies {
        Remedies {
            flags: " --all-profiles".to_owned(),
            ..Remedies::default()
        }
    }

    /// After a key was rejected.
    pub fn check_key(&self) -> String {
        let (key, choice) = (&self.key, &self.choice);
        format!("check the key ({key}), its header and the connector: hivelog doctor{choice}")
    }

    /// After an answer that no event log endpoint gives.
    pub fn check_address(&self) -> String {
        let (address, choice) = (&self.address, &self.choice);
        format!("check the address ({address}) and synchive.path: hivelog doctor{choice}")
    }

    /// Sends what is in the spool.
    pub fn drain(&self) -> String {
        format!("hivelog spool drain{}", self.flags)
    }

    /// Shows why records were rejected, and sends them again.
    pub fn after_rejection(&self) -> String {
        let (spool, flags) = (&self.spool, &self.flags);
        format!(
            "to see why: hivelog spool list --dead{spool}; to send again: hivelog spool drain --dead{flags}"
        )
    }
}

/// Adds a flag as it is typed at a shell.
fn add(flags: &mut String, flag: &str, value: &str) {
    flags.extend([" ", flag, " ", &shell_word(value)]);
}
