//! Findings of a source that may have more of them than anybody can read.

use crate::model::event::Flaw;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

/// How long findings of a kind are only counted after one was reported.
const PAUSE: Duration = Duration::from_secs(1);

/// Reports each kind of finding at most once a second, with the number of those in between.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Kind>);

#[derive(Debug)]
struct Kind {
    of: Discriminant<Flaw>,
    reported: Duration,
    left_out: u64,
}

impl Findings {
    /// Whether a finding is to be reported now: how many like it were left out before it.
    pub(super) fn report(&mut self, flaw: &Flaw, now: Duration) -> Option<u64> {
        let of = discriminant(flaw);
        let Some(kind) = self.0.iter_mut().find(|kind| kind.of == of) else {
            self.0.push(Kind {
                of,
                reported: now,
                left_out: 0,
            });
            return Some(0);
        };
        if now < kind.reported + PAUSE {
            kind.left_out += 1;
            return None;
        }
        kind.reported = now;
        Some(std::mem::take(&mut kind.left_out))
    }

    /// How many were left out and not counted in a report.
    pub(super) fn left_out(&self) -> u64 {
        self.0.iter().map(|kind| kind.left_out).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_reported_once_a_second_with_a_count() {
        let mut findings = Findings::default();
        let mut at = |millis, flaw| findings.report(&flaw, Duration::from_millis(millis));
        assert_eq!(at(0, Flaw::NotJson), Some(0));
        assert_eq!(at(1, Flaw::NoType), Some(0), "another kind");
        assert_eq!(at(2, Flaw::NotJson), None);
        assert_eq!(at(999, Flaw::NotJson), None);
        assert_eq!(at(1000, Flaw::NotJson), Some(2));
        assert_eq!(at(1001, Flaw::NotJson), None);
        assert_eq!(findings.left_out(), 1);
    }
}
