//! Where the rules report to.
//!
//! A rule is written once. With [`FirstViolation`] it only says whether a record satisfies it, and
//! compiles to little more than its conditions; with a [`Subject`](super::subject::Subject) it says
//! where and why.

use super::finding::Place;
use super::record::FieldValue;
use super::rule::{Levels, Rule};

/// Nothing more is wanted of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violated;

/// Whether the rules are to go on.
pub type Judged = Result<(), Violated>;

/// What rules report to. Messages are only made where they are read.
pub trait Sink {
    /// Whether findings of a rule are of use.
    fn wants(&self, rule: Rule) -> bool;

    /// Takes a finding with its message and its help.
    fn found_with(
        &mut self,
        rule: Rule,
        place: Place,
        say: impl FnOnce() -> (String, String),
    ) -> Judged;

    /// Takes a finding with its message and the rule's own help.
    #[inline]
    fn found(&mut self, rule: Rule, place: Place, message: impl FnOnce() -> String) -> Judged {
        self.found_with(rule, place, || {
            (message(), rule.description().help.to_owned())
        })
    }

    /// Takes a finding about a value.
    #[inline]
    fn found_in(
        &mut self,
        rule: Rule,
        value: &FieldValue<'_>,
        message: impl FnOnce() -> String,
    ) -> Judged {
        self.found(rule, value.place(), message)
    }
}

/// Stops at the first violation of a rule that is on.
#[derive(Debug)]
pub struct FirstViolation<'a>(pub &'a Levels);

impl Sink for FirstViolation<'_> {
    #[inline]
    fn wants(&self, rule: Rule) -> bool {
        self.0.of(rule).is_some()
    }

    #[inline]
    fn found_with(&mut self, rule: Rule, _: Place, _: impl FnOnce() -> (String, String)) -> Judged {
        if self.wants(rule) {
            Err(Violated)
        } else {
            Ok(())
        }
    }
}
