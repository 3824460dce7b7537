//! Presentation: facts in, bytes out. Nothing here fetches or decides, and everything that
//! others wrote passes [`sanitise`] on its way to a person.

pub mod diff;
pub mod failure;
pub mod json;
pub mod report;
pub mod table;
pub mod theme;

pub use crate::model::sanitise;
