//! What the user can do about records that were not delivered.

use crate::settings::{Origin, Settings};

/// The checks and commands that help with one destination.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// Where the address and the key come from.
    address: String,
    key: String,
    /// What makes another command use the same destination.
    flags: String,
}

impl Remedies {
    /// For the destination of the settings.
    pub fn of(settings: &Settings) -> Remedies {
        let key = settings.secret_source("synchive.key");
        let chosen = match settings.origin("profile") {
            // Chosen again without being named.
            Some(Origin::Variable(_) | Origin::Defaults) => None,
            _ => settings.profile(),
        };
        Remedies {
            address: settings.giver("synchive.url").unwrap_or_default(),
            key: key.and_then(|key| settings.giver(&key)).unwrap_or_default(),
            flags: chosen.map_or_else(String::new, |profile| format!(" -p {profile}")),
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
        let (key, flags) = (&self.key, &self.flags);
        format!("check the key ({key}), its header and the connector: hivelog doctor{flags}")
    }

    /// After an answer that no event log endpoint gives.
    pub fn check_address(&self) -> String {
        let (address, flags) = (&self.address, &self.flags);
        format!("check the address ({address}) and synchive.path: hivelog doctor{flags}")
    }

    /// Sends what is in the spool.
    pub fn drain(&self) -> String {
        format!("hivelog spool drain{}", self.flags)
    }
}
