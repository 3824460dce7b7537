//! Bytes to records and back: pure, push-style, bounded.

pub mod envelope;
pub mod lines;
pub mod records;
pub mod sse;
