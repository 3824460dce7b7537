//! Presentation: facts in, bytes out. Nothing here fetches or decides, and everything that
//! others wrote passes [`sanitise`] on its way to a person.

mod clock;
pub mod codes;
pub mod diff;
pub mod doctor;
pub mod emit;
pub mod event;
pub mod explanation;
pub mod export;
pub mod failure;
mod fit;
pub mod json;
pub mod listing;
pub mod manual;
mod names;
pub mod progress;
pub mod raw;
pub mod report;
pub mod sandbox;
pub mod settings;
pub mod spool;
pub mod statistics;
pub mod table;
pub mod tail;
pub mod theme;
pub mod unmet;
pub mod wrap;

pub use crate::model::sanitise;

use crate::model::format::Format;
use theme::Theme;

/// What a result is written on.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The output format.
    pub format: Format,
    /// Columns there are.
    pub width: usize,
    /// The styles of the stream.
    pub theme: Theme,
}
