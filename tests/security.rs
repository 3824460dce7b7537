//! Secrets, transport and files: what must not happen, each with a number and a test.
//!
//! - S1 no flag takes a secret, S2 and S3 none is written or shown, S4 and S5 the files that hold
//!   one are private, S6 none can be printed by accident, S7 a key goes to its own server only,
//!   S8 no command is run that nobody asked for
//! - S9 redirects, S10 plain http, S11 and S12 certificates and versions, S13 proxies,
//!   S14 addresses, S15 and S17 headers, S16 the log of TLS keys
//! - S32 to S36 the folder of the spool, names in it, core dumps, other users, and a machine on
//!   which nothing can be written
//!
//! Certificates and versions have their rows in `matrix/tls.rs`. There is no client certificate
//! and no cache of tokens; what the numbers say of these has nothing to hold to.

mod files;
mod secrets;
mod transport;
