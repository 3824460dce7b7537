//! The glossary: codes, stages, outcomes and modes, system events, rules.

mod event_codes;
pub mod export;
mod rules;
mod stages;
mod sys_types;

pub use event_codes::{CODE_COLUMNS, code_row, codes, picks};
pub use rules::rules;
pub use stages::{choices, stages};
pub use sys_types::sys_types;
