//! What every output needs: themes, tables, JSON, text that fits. Everything that others wrote
//! passes [`sanitise`] on its way to a person.

pub mod failure;
pub mod fit;
pub mod html;
pub mod json;
pub mod ladder;
pub mod listing;
pub mod mark;
pub mod markdown;
pub mod raw;
pub mod table;
pub mod theme;

pub use crate::model::{sanitise, wrap};

use crate::model::format::Format;
use theme::Theme;

/// What a result is written on.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The output format.
    pub format: Format,
    /// Columns there are.
    pub width: usize,
    /// Whether names too long for the width may be cut: elsewhere than on a screen they are
    /// searched for.
    pub may_cut: bool,
    /// The styles of the stream.
    pub theme: Theme,
}
