//! Record framing: where one record ends and the next begins, recognised by content.
//!
//! One object, an array of objects, one object a line, or objects one after the other: all are
//! accepted, in any mixture a stream may hold. A broken record costs itself, not its neighbours:
//! a line that begins a new object where none can stand ends the record before it.
//!
//! Push-style and bounded: what is held is at most one record, and of a record beyond the limit
//! only its beginning. Where the bytes were split between pushes never changes what comes out.

mod forecast;
mod framer;
mod line;
mod outer_array;
mod pending;
mod record;
#[cfg(test)]
mod tests;

pub use forecast::LineEnds;
pub use framer::Framer;
pub use record::{ArrayError, Record};
