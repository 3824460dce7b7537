//! Heartbeats, and what their absence means.

use std::time::Duration;

/// What is known of a server that shows that it lives. Times are on the run's own clock.
#[derive(Debug)]
pub(super) struct Heartbeat {
    last: Option<Duration>,
    longest: Duration,
    beats: u32,
    heard: Duration,
}

impl Heartbeat {
    /// A connection stands from now on.
    pub(super) fn new(now: Duration) -> Heartbeat {
        Heartbeat {
            last: None,
            longest: Duration::ZERO,
            beats: 0,
            heard: now,
        }
    }

    /// Something has come over the connection.
    pub(super) fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    pub(super) fn beat(&mut self, now: Duration) {
        let gap = self
            .last
            .map_or(Duration::ZERO, |last| now.saturating_sub(last));
        self.last = Some(now);
        // Comments in a row are a greeting and no heartbeat.
        if gap >= Duration::from_secs(1) {
            self.beats += 1;
            self.longest = self.longest.max(gap);
        }
    }

    /// When a silence means that the connection is dead.
    pub(super) fn dead_at(&self) -> Option<Duration> {
        let silence = (self.longest * 3).max(Duration::from_secs(10));
        (self.beats >= 2).then(|| self.heard + silence)
    }
}
