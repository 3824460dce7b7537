//! Where a command meets its view: the command tells what happened, the view makes bytes of it,
//! and here the bytes go to a stream.

pub mod codes;
pub mod emit;
pub mod tail;
pub mod validate;
