//! How long to wait before another try, and how much trying again a destination can bear.

use std::time::Duration;

/// The bound of every wait.
pub const CAP: Duration = Duration::from_secs(30);

/// A wait chosen evenly between nothing and a bound that begins with `base` and doubles with
/// every failure ("full jitter"), so that many clients do not come back in step.
///
/// `failures` counts from 1; `random` is any evenly distributed number.
pub fn full_jitter(base: Duration, failures: u32, random: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let bound = base.saturating_mul(1 << doublings).min(CAP);
    let millis = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % (millis + 1))
}

/// How far a destination is trusted to bear many requests at once: tries after a failure use
/// the budget up, deliveries fill it.
///
/// With an empty budget records go one at a time, so that a server in trouble is asked, not
/// stormed; nothing is given up on that account.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    tokens: u32,
    strained: bool,
}

impl Budget {
    const FULL: u32 = 100;
    const RETRY: u32 = 10;

    /// A full budget.
    pub const fn new() -> Budget {
        Budget {
            tokens: Self::FULL,
            strained: false,
        }
    }

    /// A record must be tried again.
    pub fn retried(&mut self) {
        self.tokens = self.tokens.saturating_sub(Self::RETRY);
        self.strained |= self.tokens == 0;
    }

    /// A record was delivered.
    pub fn delivered(&mut self) {
        self.tokens = (self.tokens + 1).min(Self::FULL);
        self.strained &= self.tokens < Self::RETRY;
    }

    /// Whether several requests may be under way at once.
    pub const fn allows_many(&self) -> bool {
        !self.strained
    }
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Duration = Duration::from_millis(250);

    proptest! {
        #[test]
        fn waits_stay_below_a_bound_that_doubles_up_to_the_cap(failures in 1_u32.., random: u64) {
            let wait = full_jitter(BASE, failures, random);
            let bound = BASE.as_millis() << (failures - 1).min(20);
            prop_assert!(wait <= CAP && wait.as_millis() <= bound);
        }
    }

    #[test]
    fn waits_reach_both_ends_of_their_range() {
        assert_eq!(full_jitter(BASE, 1, 0), Duration::ZERO);
        assert_eq!(full_jitter(BASE, 1, 250), BASE);
        assert_eq!(full_jitter(BASE, 30, 30_000), CAP);
    }

    #[test]
    fn a_used_up_budget_allows_one_at_a_time_until_deliveries_fill_it() {
        let mut budget = Budget::new();
        for _ in 0..9 {
            budget.retried();
        }
        assert!(budget.allows_many());
        budget.retried();
        assert!(!budget.allows_many());
        for _ in 0..9 {
            budget.delivered();
        }
        assert!(!budget.allows_many());
        budget.delivered();
        assert!(budget.allows_many());
    }
}
