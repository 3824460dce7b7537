//! link

pub mod control;
