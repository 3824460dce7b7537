//! Percentiles in bounded memory.

use std::collections::BTreeMap;

/// Up to so many values are stored as they are, so that percentiles of small sets are exact.
pub(super) const EXACT: usize = 2048;

/// Beyond that a percentile is at most this far off, relative to its value.
pub const ERROR: f64 = 0.01;

/// A set of numbers of which percentiles can be asked.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    exact: Vec<f64>,
    /// How many values fell into each bucket; buckets grow with the values. None while exact.
    buckets: Option<BTreeMap<i32, u64>>,
    count: u64,
    sum: f64,
    least: f64,
    most: f64,
}

/// The bucket of a value: by magnitude, negative ones mirrored, tiny ones at zero.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a few thousand")]
fn bucket(value: f64) -> i32 {
    const SMALLEST: f64 = 1e-6;
    if value.abs() < SMALLEST {
        return 0;
    }
    let steps = (value.abs() / SMALLEST).ln() / growth().ln();
    let place = steps.ceil().clamp(1.0, 4000.0) as i32;
    if value < 0.0 { -place } else { place }
}

/// The middle of a bucket.
fn middle(bucket: i32) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let size = 1e-6 * growth().powi(bucket.abs()) * (1.0 - ERROR);
    if bucket < 0 { -size } else { size }
}

fn growth() -> f64 {
    (1.0 + ERROR) / (1.0 - ERROR)
}

impl Sketch {
    /// Adds a value; what is not a number is passed over.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        (self.least, self.most) = if self.count == 0 {
            (value, value)
        } else {
            (self.least.min(value), self.most.max(value))
        };
        self.count += 1;
        self.sum += value;
        match &mut self.buckets {
            Some(buckets) => *buckets.entry(bucket(value)).or_default() += 1,
            None if self.exact.len() < EXACT => self.exact.push(value),
            None => *self.spilled().entry(bucket(value)).or_default() += 1,
        }
    }

    /// Adds the values of another set.
    pub(super) fn merge(&mut self, other: Sketch) {
        let Some(buckets) = other.buckets else {
            return other.exact.into_iter().for_each(|value| self.add(value));
        };
        if self.count == 0 {
            *self = Sketch {
                buckets: Some(buckets),
                ..other
            };
            return;
        }
        let own = self.spilled();
        for (bucket, count) in buckets {
            *own.entry(bucket).or_default() += count;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// The buckets, which take over the exact values.
    fn spilled(&mut self) -> &mut BTreeMap<i32, u64> {
        let exact = std::mem::take(&mut self.exact);
        let buckets = self.buckets.get_or_insert_default();
        for value in exact {
            *buckets.entry(bucket(value)).or_default() += 1;
        }
        buckets
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The smallest value.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.least)
    }

    /// The largest value.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.most)
    }

    /// The mean.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The value that so many per cent of all values do not exceed (nearest rank).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks are counts"
    )]
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let rank = (percent / 100.0 * self.count as f64).ceil().max(1.0) as u64;
        let Some(buckets) = &self.buckets else {
            let mut sorted = self.exact.clone();
            sorted.sort_by(f64::total_cmp);
            let at = usize::try_from(rank - 1).unwrap_or(usize::MAX);
            return Some(sorted[at.min(sorted.len() - 1)]);
        };
        let mut passed = 0;
        let found = buckets.iter().find(|(_, count)| {
            passed += **count;
            passed >= rank
        });
        found.map(|(bucket, _)| middle(*bucket).clamp(self.least, self.most))
    }

    /// How the values are spread over so many equal ratios between the smallest and the largest.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bins are few"
    )]
    pub fn histogram(&self, bins: usize) -> Vec<u64> {
        let mut counts = vec![0; bins];
        let (low, high) = (bucket(self.least), bucket(self.most));
        let span = f64::from(high - low + 1);
        let mut put = |bucket: i32, count: u64| {
            let at = f64::from(bucket - low) / span * bins as f64;
            if let Some(bin) = counts.get_mut(at as usize) {
                *bin += count;
            }
        };
        match &self.buckets {
            Some(buckets) => buckets
                .iter()
                .for_each(|(bucket, count)| put(*bucket, *count)),
            None => self.exact.iter().for_each(|value| put(bucket(*value), 1)),
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_sets_are_exact() {
        let mut sketch = Sketch::default();
        assert_eq!((sketch.percentile(50.0), sketch.mean()), (None, None));
        (1..=100)
            .rev()
            .for_each(|value| sketch.add(f64::from(value)));
        assert_eq!(sketch.percentile(50.0), Some(50.0));
        assert_eq!(sketch.percentile(99.0), Some(99.0));
        assert_eq!(sketch.percentile(100.0), Some(100.0));
        assert_eq!(sketch.percentile(0.0), Some(1.0));
        assert_eq!(
            (sketch.min(), sketch.mean(), sketch.max()),
            (Some(1.0), Some(50.5), Some(100.0))
        );
        assert_eq!(sketch.histogram(4).iter().sum::<u64>(), 100);
    }

    proptest! {
        #[test]
        fn large_sets_are_as_near_as_is_stated(
            values in proptest::collection::vec(-1e6_f64..1e9, EXACT + 1..EXACT * 2),
            percent in 0.0_f64..=100.0,
        ) {
            let mut sketch = Sketch::default();
            for value in &values {
                sketch.add(*value);
            }
            prop_assert!(sketch.exact.is_empty());
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
            let rank = ((percent / 100.0 * sorted.len() as f64).ceil() as usize).max(1);
            let (exact, found) = (sorted[rank - 1], sketch.percentile(percent).unwrap());
            prop_assert!((found - exact).abs() <= exact.abs() * (ERROR + 1e-9) + 1e-6, "{found} for {exact}");
        }
    }
}
