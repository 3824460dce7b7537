//! How strict a run is, as the settings say.

use crate::check::Policy;
use crate::check::rule::{Level, Rule};
use crate::failure::Failure;
use crate::model::text::did_you_mean;
use crate::model::timestamp::Timestamp;
use crate::settings::Settings;

/// The rules with the profile's levels, codes and limits.
pub fn from_settings(settings: &Settings, now: Timestamp) -> Result<Policy, Failure> {
    let mut policy = Policy::at(now);
    for (name, level) in settings.table("check.rules") {
        set_level(&mut policy, &name, &level)
            .map_err(|complaint| Failure::usage(format!("check.rules: {complaint}")))?;
    }
    policy.extra_codes = settings.list("check.extra_codes").unwrap_or_default();
    if let Some(bytes) = settings.bytes("check.max_record")? {
        policy.max_record = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    Ok(policy)
}

/// Gives one rule another level: `error`, `warning`, `hint` or `off`.
pub fn set_level(policy: &mut Policy, name: &str, level: &str) -> Result<(), String> {
    let rule = Rule::find(name).ok_or_else(|| {
        let guess = did_you_mean(name, Rule::names());
        format!("unknown rule '{name}'{guess}")
    })?;
    let level = match level {
        "off" => None,
        _ => Some(Level::find(level).ok_or_else(|| {
            let words = ["error", "warning", "hint", "off"];
            let guess = did_you_mean(level, words);
            format!("unknown level '{level}'{guess} (error, warning, hint or off)")
        })?),
    };
    policy.levels.set(rule, level);
    Ok(())
}
