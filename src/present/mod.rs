//! Where a command meets its view: the command tells what happened, the view makes bytes of it,
//! and here the bytes go to a stream.

pub mod emit;
pub mod spool;
pub mod validate;
