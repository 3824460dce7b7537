//! Heartbeats, and what their absence means.

use std::time::Duration;

/// What is known of a server that shows that it lives.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    last: Option<Duration>,
    longest: Duration,
    beats: u32,
}

impl Pulse {
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

    /// How long a silence is that means that the connection is dead.
    pub(super) fn silence(&self) -> Option<Duration> {
        (self.beats >= 2).then(|| (self.longest * 3).max(Duration::from_secs(10)))
    }
}
