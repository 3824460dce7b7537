//! A value with its origin.

use std::fmt;
use toml::Value;

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
