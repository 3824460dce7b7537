//! Times of day for lines that come fast: most events fall into the second of the one before, so
//! the calendar is asked once a second at most.

use crate::model::timestamp::{Timestamp, Zone};

/// Shows instants as times of day.
#[derive(Debug)]
pub struct TimeFormatter {
    zone: Zone,
    /// The text of the last instant, up to its second, and what follows its fraction.
    second: String,
    offset: String,
    /// What it was shown as, without the fraction.
    shown: String,
    /// The day it is on, with the offset.
    day: String,
    /// Whether the day or the offset is another than that of the instant before.
    turned: bool,
}

impl TimeFormatter {
    /// A clock in a zone.
    pub fn new(zone: Zone) -> TimeFormatter {
        TimeFormatter {
            zone,
            second: String::new(),
            offset: String::new(),
            shown: String::new(),
            day: String::new(),
            turned: false,
        }
    }

    /// Writes `17:30:02.114` for the server's own text; none if it is not a valid time.
    pub fn short(&mut self, text: &str, out: &mut String) -> Option<()> {
        let (second, fraction, offset) = split(text)?;
        if second != self.second || offset != self.offset {
            let whole = Timestamp::parse(text)?.at(self.zone).full();
            // The day, a blank, HH:MM:SS.mmm, a blank, and then the offset.
            let (day, time, zone) = (whole.get(..10)?, whole.get(11..19)?, whole.get(23..)?);
            let is_same = self.day.strip_prefix(day) == Some(zone);
            if !is_same {
                self.turned = true;
                self.day = format!("{day}{zone}");
            }
            time.clone_into(&mut self.shown);
            second.clone_into(&mut self.second);
            offset.clone_into(&mut self.offset);
        }
        out.push_str(&self.shown);
        out.push('.');
        let millis = fraction.get(..3).unwrap_or(fraction);
        out.push_str(millis);
        out.push_str(&"000"[millis.len()..]);
        Some(())
    }

    /// The day with its offset, if another one has begun since the last time it was asked.
    pub fn new_day(&mut self) -> Option<&str> {
        std::mem::take(&mut self.turned).then_some(&*self.day)
    }
}

/// The text up to the second, the digits of its fraction, and the rest.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (second, rest) = text.split_at_checked(19)?;
    let Some(rest) = rest.strip_prefix(['.', ',']) else {
        return Some((second, "", rest));
    };
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    // A fraction without digits is not a valid time.
    (end > 0).then(|| (second, &rest[..end], &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(clock: &mut TimeFormatter, text: &str) -> Option<String> {
        let mut out = String::new();
        clock.short(text, &mut out).map(|()| out)
    }

    #[test]
    fn the_shortcut_is_taken_only_where_it_may_be() {
        let mut clock = TimeFormatter::new(Zone::Fixed(12 * 3600));
        for (text, shown) in [
            ("2024-05-03T05:30:02.114598Z", Some("17:30:02.114")),
            ("2024-05-03T05:30:02.5Z", Some("17:30:02.500")),
            ("2024-05-03T05:30:02Z", Some("17:30:02.000")),
            ("2024-05-03T05:30:02.999+01:00", Some("16:30:02.999")),
            ("2024-05-03T05:30:02.Z", None),
            ("2024-05-03T05:30:02.1 soon", None),
            ("2024-05-03T05:30", None),
            ("üüüüüüüüüüüüüüüü", None),
        ] {
            assert_eq!(short(&mut clock, text).as_deref(), shown, "{text}");
            let first = text.ends_with("114598Z").then_some("2024-05-03 +12:00");
            assert_eq!(clock.new_day(), first, "the first day is a new one");
        }
        short(&mut clock, "2024-05-03T11:59:59Z");
        assert_eq!(clock.new_day(), None);
        short(&mut clock, "2024-05-03T12:00:00Z");
        assert_eq!(clock.new_day(), Some("2024-05-04 +12:00"));
        assert_eq!(clock.new_day(), None);
        assert_eq!(
            short(&mut TimeFormatter::new(Zone::Utc), "2024-05-03T05:30:02.1Z").as_deref(),
            Some("05:30:02.100")
        );
    }

    proptest! {
        #[test]
        fn it_shows_what_the_calendar_says(millis in proptest::collection::vec(0..3000_i64, 1..20)) {
            let mut clock = TimeFormatter::new(Zone::Fixed(-34_200));
            for millis in millis {
                let stamp = Timestamp::from_millis(1_700_000_000_000 + millis);
                let expected = stamp.at(Zone::Fixed(-34_200)).short()[..12].to_owned();
                prop_assert_eq!(short(&mut clock, &stamp.rfc3339()), Some(expected));
            }
        }
    }
}
