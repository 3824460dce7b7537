//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod sandbox;
mod support;
