//! The words of the domain, as data: one table for each kind of fact.
//!
//! Pure: no I/O, no clock, no environment. The facts come from SyncHive's page on event
//! logging and the automation server's page on system events.

pub mod code;
pub mod delivery;
pub mod duration;
pub mod event;
pub mod event_log;
pub mod field;
pub mod fnv;
pub mod format;
pub mod level;
pub mod outcome;
pub mod reference;
pub mod sanitise;
pub mod schema;
pub mod situation;
pub mod size;
pub mod stage;
pub mod statistics;
pub mod sys_event;
mod table;
pub mod text;
pub mod timestamp;
pub mod trigger;
pub mod vocabulary;
pub mod wrap;
