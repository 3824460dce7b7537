//! Bytes to records and back: pure, push-style, bounded.

pub mod coding;
pub mod envelope;
pub mod event;
pub mod feed;
pub mod flaw;
pub mod foreign;
pub mod json;
pub mod mapping;
pub mod pointer;
pub mod posted;
pub mod records;
pub mod splice;
pub mod sse;
pub mod words;
