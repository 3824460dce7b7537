//! Presentation: facts in, bytes out. Nothing here fetches or decides, and everything that
//! others wrote passes [`sanitise`] on its way to a person.

pub mod event;
pub mod failure;
pub mod json;
pub mod report;
pub mod statistics;
pub mod table;
pub mod tail;
pub mod theme;

pub use crate::model::sanitise;
