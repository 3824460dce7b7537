//! The time of a run.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// Milliseconds since 1970 that never go back while the process lives.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: i64,
    started: Instant,
}

impl Clock {
    /// A clock that stands at `wall` now.
    pub fn starting_at(wall: i64) -> Clock {
        Clock {
            wall,
            started: Instant::now(),
        }
    }

    /// The present moment.
    pub fn now(&self) -> i64 {
        self.wall.saturating_add(millis(self.started.elapsed()))
    }
}

/// A span in milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A number nobody can foresee; quality does not matter here.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}
