//! A setting as it is shown.

use serde::Serialize;

/// One row of `config show`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Section and name.
    pub name: String,
    /// The value, or `***`.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}
