//! Whether and when to try again. Pure: answers, time and randomness are arguments.

pub mod backoff;
pub mod pace;
pub mod verdict;
