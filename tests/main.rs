//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod emit;
mod hostile;
mod run;
mod sandbox;
mod spool;
mod support;
