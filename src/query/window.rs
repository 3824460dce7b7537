//! A stretch of time.

use crate::model::timestamp::Timestamp;

/// From one instant, which lies in it, to another, which does not; either may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub since: Option<Timestamp>,
    /// The first instant behind it.
    pub before: Option<Timestamp>,
}

impl Window {
    /// Whether it is all time.
    pub fn is_everything(&self) -> bool {
        self.since.is_none() && self.before.is_none()
    }

    /// Whether an instant lies in it.
    pub fn contains(&self, stamp: Timestamp) -> bool {
        self.since.is_none_or(|since| stamp >= since)
            && self.before.is_none_or(|before| stamp < before)
    }

    /// Whether the text of an instant lies in it; what is not an instant is not outside.
    pub fn contains_text(&self, text: Option<&str>) -> bool {
        self.is_everything()
            || text
                .and_then(Timestamp::parse)
                .is_none_or(|stamp| self.contains(stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_instant_lies_in_it_and_the_last_does_not() {
        let instant = Timestamp::from_millis;
        let window = Window {
            since: Some(instant(10)),
            before: Some(instant(20)),
        };
        for (millis, expected) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(window.contains(instant(millis)), expected, "{millis}");
        }
        assert!(window.contains_text(None) && window.contains_text(Some("soon")));
        assert!(!window.contains_text(Some("2024-05-03T00:00:00Z")));
        assert!(Window::default().contains(instant(0)));
    }
}
