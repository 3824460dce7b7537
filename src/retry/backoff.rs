//! How long to wait before another try, and how much trying again a destination can bear.

use std::time::Duration;

/// The bound of a sender's first wait.
pub const FIRST: Duration = Duration::from_millis(250);

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

/// How long to wait before the next try, or `None` when the time that is `left` does not allow
/// for one. `floor` is the least wait the server has asked for.
pub fn next_try(
    failures: u32,
    random: u64,
    floor: Duration,
    left: Option<Duration>,
) -> Option<Duration> {
    let left = left.filter(|left| !left.is_zero())?;
    // The last try is made when the time is up, not given away to a long wait.
    let wait = full_jitter(FIRST, failures, random).min(left).max(floor);
    (wait <= left).then_some(wait)
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

    proptest! {
        #[test]
        fn waits_stay_below_a_bound_that_doubles_up_to_the_cap(failures in 1_u32.., random: u64) {
            let wait = full_jitter(FIRST, failures, random);
            let bound = FIRST.as_millis() << (failures - 1).min(20);
            prop_assert!(wait <= CAP && wait.as_millis() <= bound);
        }
    }

    #[test]
    fn the_server_sets_the_least_wait_and_patience_the_longest() {
        let next = |floor, left| {
            let left = Some(Duration::from_millis(left));
            next_try(1, 200, Duration::from_millis(floor), left).map(|wait| wait.as_millis())
        };
        assert_eq!(next(0, 30_000), Some(200));
        assert_eq!(next(2_000, 30_000), Some(2_000));
        assert_eq!(next(0, 150), Some(150));
        assert_eq!(next(900_000, 30_000), None);
        assert_eq!(next(0, 0), None);
        assert_eq!(next_try(1, 0, Duration::ZERO, None), None);
    }

    #[test]
    fn waits_reach_both_ends_of_their_range() {
        assert_eq!(full_jitter(FIRST, 1, 0), Duration::ZERO);
        assert_eq!(full_jitter(FIRST, 1, 250), FIRST);
        assert_eq!(full_jitter(FIRST, 30, 30_000), CAP);
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
