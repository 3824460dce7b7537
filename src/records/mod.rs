//! Recorded input: from files, folders and standard input to records, on every core.
//!
//! [`Sources`] are opened one after the other. Whichever core is free reads the next block of the
//! one at hand, frames it and inspects its records; what was found is handed over in input order.
//! The thread that takes it is one of them where reading never waits, so that a short file needs no
//! other.

mod batch;
mod engine;
mod feed;
mod folder;
mod growing;
mod sources;
#[cfg(test)]
mod tests;
mod unpacking;

pub use batch::Batch;
pub use engine::{FrameOnly, InspectRecords, Progress, Take, read_all};
pub use folder::{files_in, is_record_file};
pub use growing::{GrowingFile, TakeGrowth};
pub use sources::{Folders, Input, Layer, Source, SourceContent, Sources};
pub use unpacking::is_packed;
