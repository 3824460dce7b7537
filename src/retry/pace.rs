//! How many records may be begun in a second. Pure: the time is an argument.

/// After how many milliseconds unused slots are given up, so that they do not add up to a burst.
const SLACK: f64 = 100.0;

/// A rate, and when the next record may be begun.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Milliseconds between two records; `None` means as fast as possible.
    interval: Option<f64>,
    slot: f64,
}

impl Pace {
    /// At most `rate` records a second.
    pub fn new(rate: Option<f64>) -> Pace {
        Pace {
            interval: rate.map(|rate| 1000.0 / rate),
            slot: f64::MIN,
        }
    }

    /// How many records may be begun now, in milliseconds of any clock.
    pub fn slots(&mut self, now: i64) -> usize {
        if self.interval.is_none() {
            return usize::MAX;
        }
        self.slot = self.slot.max(as_float(now) - SLACK);
        usize::from(self.slot <= as_float(now))
    }

    /// A record was begun.
    pub fn begun(&mut self) {
        self.slot += self.interval.unwrap_or_default();
    }

    /// The moment before which nothing is begun.
    pub fn next(&self) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds of this century; nothing begun yet is the smallest number"
        )]
        let next = self.slot.ceil() as i64;
        next
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this century fit"
)]
fn as_float(millis: i64) -> f64 {
    millis as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The moments at which records are begun by somebody who looks every `step` milliseconds.
    fn begun(rate: f64, step: usize, for_ms: i64) -> Vec<i64> {
        let mut pace = Pace::new(Some(rate));
        let mut moments = Vec::new();
        for now in (1_000_000..=1_000_000 + for_ms).step_by(step) {
            while pace.slots(now) > 0 {
                pace.begun();
                moments.push(now);
            }
        }
        moments
    }

    #[test]
    fn a_slow_rate_begins_one_and_then_waits() {
        assert_eq!(begun(1.0 / 3600.0, 1000, 3_599_000).len(), 1);
        assert_eq!(begun(20.0, 1, 999).len(), 20 + 2);
        assert_eq!(Pace::new(None).slots(0), usize::MAX);
        let mut pace = Pace::new(Some(10.0));
        assert!(pace.next() < 0 && pace.slots(5_000) == 1);
        pace.begun();
        pace.begun();
        assert_eq!(pace.next(), 5_100);
    }

    proptest! {
        #[test]
        fn no_stretch_holds_more_than_the_rate_and_the_slack(
            rate in 0.5_f64..100.0,
            step in 1_usize..400,
            pause in 0_i64..5_000,
        ) {
            let mut pace = Pace::new(Some(rate));
            let mut moments = Vec::new();
            for now in (0..1_000).step_by(step).chain((1_000 + pause..2_000 + pause).step_by(step)) {
                while pace.slots(now) > 0 {
                    pace.begun();
                    moments.push(now);
                }
            }
            for (at, first) in moments.iter().enumerate() {
                for (last, count) in moments[at..].iter().zip(1_u32..) {
                    let allowed = as_float(last - first + 1) / 1000.0 * rate + rate * SLACK / 1000.0;
                    prop_assert!(f64::from(count) <= allowed + 1.001);
                }
            }
        }
    }
}
