//! How long to wait before the next connection.

use crate::retry::backoff::full_jitter;
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
/// The bounds of what a server may ask for.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));
/// A connection that stood so long has shown that the server is well.
pub const HEALTHY: Duration = Duration::from_secs(60);

/// The waits between connections: full jitter that doubles its reach with each failure in a row.
#[derive(Debug)]
pub struct ReconnectDelay {
    random: u64,
    failures: u32,
    wanted: Option<Duration>,
    /// The server has said that it shuts down.
    pub(super) shutting_down: bool,
}

impl ReconnectDelay {
    /// `seed` makes the jitter.
    pub fn new(seed: u64) -> ReconnectDelay {
        ReconnectDelay {
            random: seed,
            failures: 0,
            wanted: None,
            shutting_down: false,
        }
    }

    /// The server names the time, within reason.
    pub fn request(&mut self, time: Duration) {
        self.wanted = Some(time.clamp(RETRY.0, RETRY.1));
    }

    /// All is well again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure.
    pub fn after_failure(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let base = self.wanted.unwrap_or(FIRST);
        let jittered = full_jitter(base, self.failures, self.random());
        match self.wanted {
            // What the server asks for is the least that it must be given.
            Some(wanted) => wanted.max(jittered),
            None => jittered,
        }
    }

    /// The wait before connecting again, `least` at the least.
    pub fn before_reconnecting(&mut self, least: Option<Duration>) -> Duration {
        let wait = self.after_failure().max(least.unwrap_or_default());
        if self.shutting_down {
            wait.max(self.between(Duration::from_secs(1), Duration::from_secs(5)))
        } else {
            wait
        }
    }

    /// Somewhere between the two.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.fraction())
    }

    /// A number from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough")]
    pub fn fraction(&mut self) -> f64 {
        (self.random() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The next number (splitmix64: this spreads clients out and guards nothing).
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::backoff::CAP;

    #[test]
    fn waits_grow_up_to_a_bound_and_heed_the_server() {
        let mut longest = Duration::ZERO;
        for seed in 1..2000 {
            let mut delay = ReconnectDelay::new(seed);
            assert!(delay.after_failure() <= FIRST);
            for _ in 0..20 {
                longest = longest.max(delay.after_failure());
            }
            delay.reset();
            assert!(delay.after_failure() <= FIRST);
            delay.request(Duration::from_secs(3));
            assert!(delay.after_failure() >= Duration::from_secs(3));
            delay.request(Duration::ZERO);
            assert!(delay.after_failure() >= Duration::from_millis(100));
            delay.request(Duration::from_secs(1_000_000));
            assert_eq!(delay.after_failure(), Duration::from_secs(60));
        }
        assert!(longest > CAP / 2 && longest <= CAP);
    }
}
