//! Counts and percentiles in bounded memory.

mod groups;
mod sketch;

pub use groups::{CountGroups, GROUPS, Group, Groups, OTHERS, PartialGroups, number};
pub use sketch::{ERROR, Sketch};
