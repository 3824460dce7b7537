//! Bytes to records and back: pure, push-style, bounded.

pub mod records;
pub mod scan;
