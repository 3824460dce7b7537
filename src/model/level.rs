//! How much a finding weighs.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A remark.
    Hint,
    /// Probably a mistake.
    Warning,
    /// A mistake.
    Error,
}

impl Level {
    /// Every level, the lightest first.
    pub const ALL: [Level; 3] = [Level::Hint, Level::Warning, Level::Error];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Hint => "hint",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    /// Looks a level up by name.
    pub fn find(name: &str) -> Option<Level> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}
