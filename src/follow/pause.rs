//! How long to wait before the next connection.

use crate::retry::backoff::full_jitter;
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));
/// A connection that stood so long has shown that the server is well.
pub const HEALTHY: Duration = Duration::from_secs(60);

/// The waits between connections: full jitter that doubles its reach with each failure in a row.
#[derive(Debug)]
pub struct Pause {
    random: u64,
    failures: u32,
    wanted: Option<Duration>,
}

impl Pause {
    /// `seed` makes the jitter.
    pub fn new(seed: u64) -> Pause {
        Pause {
            random: seed,
            failures: 0,
            wanted: None,
        }
    }

    /// The server's own wish, within reason.
    pub fn wish(&mut self, time: Duration) {
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
            // The server's wish is the least that it must be given.
            Some(wanted) => wanted.max(jittered),
            None => jittered,
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
            let mut pause = Pause::new(seed);
            assert!(pause.after_failure() <= FIRST);
            for _ in 0..20 {
                longest = longest.max(pause.after_failure());
            }
            pause.reset();
            assert!(pause.after_failure() <= FIRST);
            pause.wish(Duration::from_secs(3));
            assert!(pause.after_failure() >= Duration::from_secs(3));
            pause.wish(Duration::ZERO);
            assert!(pause.after_failure() >= Duration::from_millis(100));
            pause.wish(Duration::from_secs(1_000_000));
            assert_eq!(pause.after_failure(), Duration::from_secs(60));
        }
        assert!(longest > CAP / 2 && longest <= CAP);
    }
}
