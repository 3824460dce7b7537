//! Bytes to records and back: pure, push-style, bounded.

pub mod json;
pub mod records;
pub mod scan;
