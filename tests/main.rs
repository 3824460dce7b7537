//! The one integration-test binary: behaviour through the program, against real files, sockets
//! and terminals.

mod support;
mod tail;
