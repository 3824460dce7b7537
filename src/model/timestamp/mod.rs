//! Instants and zones. The only module that names the date library, so that it can be exchanged in
//! one place.

mod http;
mod parse;
mod typed;

use chrono::{
    DateTime, Datelike, FixedOffset, Local, Offset, SecondsFormat, TimeDelta, TimeZone, Timelike,
    Utc,
};
use std::time::Duration;

/// Whether the machine's zone has the offset of UTC in winter and in summer alike.
pub fn local_is_utc() -> bool {
    [0, 181].into_iter().all(|day| {
        let moment = Timestamp::from_millis(1_700_000_000_000 + day * 86_400_000);
        moment.at(Zone::Local).0.offset().local_minus_utc() == 0
    })
}

/// An instant with the offset it was written in; millisecond arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<FixedOffset>);

/// How instants are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Zone {
    /// The machine's own zone.
    #[default]
    Local,
    /// UTC.
    Utc,
    /// A fixed offset from UTC, in seconds east.
    Fixed(i32),
}

impl Zone {
    /// Reads `local`, `utc` or an offset such as `+12:00`.
    pub fn parse(text: &str) -> Result<Zone, String> {
        match text.to_ascii_lowercase().as_str() {
            "local" => Ok(Zone::Local),
            "utc" | "z" => Ok(Zone::Utc),
            _ => parse::offset_seconds(text.as_bytes())
                .map(Zone::Fixed)
                .ok_or_else(|| {
                    format!(
                        "'{text}' is not a time zone: use local, utc or an offset such as +12:00"
                    )
                }),
        }
    }
}

impl Timestamp {
    /// The instant so many milliseconds after 1970 began, in UTC; one outside the years 0 to 9999
    /// becomes the nearest within.
    pub fn from_millis(millis: i64) -> Timestamp {
        Timestamp(utc(millis).fixed_offset())
    }

    /// The present moment in the machine's zone. Only the host calls this.
    pub fn system_now() -> Timestamp {
        Timestamp(Local::now().fixed_offset())
    }

    /// Milliseconds since 1970 began.
    pub fn millis(&self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Microseconds since 1970 began.
    pub fn micros(&self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Reads the forms an event log may use: RFC 3339, ISO 8601 extended, and the document's own
    /// `2024-05-03 17:30:00.895 +1200`. An offset is required.
    pub fn parse(text: &str) -> Option<Timestamp> {
        Timestamp::parse_bytes(text.as_bytes())
    }

    /// The same from bytes, without allocating.
    pub fn parse_bytes(text: &[u8]) -> Option<Timestamp> {
        parse::date_and_time(text).map(Timestamp)
    }

    /// RFC 3339 with milliseconds, in the zone it was written in.
    pub fn rfc3339(&self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// RFC 3339 with as many digits as it was written with, in threes.
    pub fn rfc3339_exact(&self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// The same instant, seen in another zone.
    #[must_use]
    pub fn at(&self, zone: Zone) -> Timestamp {
        let offset = match zone {
            Zone::Utc => Utc.fix(),
            Zone::Local => Local.offset_from_utc_datetime(&self.0.naive_utc()).fix(),
            Zone::Fixed(seconds) => FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix()),
        };
        Timestamp(self.0.with_timezone(&offset))
    }

    /// Date, time with milliseconds and offset, for people: `2024-05-03 17:30:00.895 +12:00`.
    pub fn full(&self) -> String {
        let (day, time) = (self.0.date_naive(), self.0.time());
        let offset = self.0.offset().local_minus_utc();
        let Ok(year @ 0..=9999) = u32::try_from(day.year()) else {
            return self.0.format(FULL).to_string();
        };
        // Formatted by a pattern it takes several times as long, and lines have one each.
        let mut text = *b"0000-00-00 00:00:00.000 +00:00";
        let minutes = (offset.unsigned_abs() + 30) / 60;
        text[24] = if offset < 0 { b'-' } else { b'+' };
        // A leap second is one that has more nanoseconds.
        let nanos = time.nanosecond();
        for (place, number) in [
            (0..4, year),
            (5..7, day.month()),
            (8..10, day.day()),
            (11..13, time.hour()),
            (14..16, time.minute()),
            (17..19, time.second() + nanos / 1_000_000_000),
            (20..23, nanos / 1_000_000 % 1000),
            (25..27, minutes / 60),
            (28..30, minutes % 60),
        ] {
            write_digits(number, &mut text[place]);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Date and time of day: `2024-05-03 17:30:00`.
    pub fn to_the_second(&self) -> String {
        let mut text = self.full();
        text.truncate(text.find('.').unwrap_or(text.len()));
        text
    }

    /// Time of day with milliseconds and offset: `17:30:00.895 +12:00`.
    pub fn short(&self) -> String {
        self.0.format("%H:%M:%S%.3f %:z").to_string()
    }

    /// The hour it falls in: `2024-05-03T17:00+12:00`.
    pub fn hour(&self) -> String {
        self.0.format("%Y-%m-%dT%H:00%:z").to_string()
    }

    /// The day it falls in: `2024-05-03`.
    pub fn day(&self) -> String {
        self.0.format("%Y-%m-%d").to_string()
    }

    /// The instant a while later.
    #[must_use]
    pub fn plus(&self, duration: Duration) -> Timestamp {
        shifted(self.0, duration, 1)
    }

    /// The instant a while earlier.
    #[must_use]
    pub fn minus(&self, duration: Duration) -> Timestamp {
        shifted(self.0, duration, -1)
    }

    /// Milliseconds from `earlier` to this instant; negative when it is not earlier.
    pub fn millis_since(&self, earlier: Timestamp) -> i64 {
        self.millis() - earlier.millis()
    }
}

/// The pattern of [`Timestamp::full`].
const FULL: &str = "%Y-%m-%d %H:%M:%S%.3f %:z";

/// Writes a number with leading zeros, as far as there is room.
fn write_digits(mut number: u32, place: &mut [u8]) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789"[(number % 10) as usize];
        number /= 10;
    }
}

/// The instant so many milliseconds after 1970 began, clamped to the years 0 to 9999.
fn utc(millis: i64) -> DateTime<Utc> {
    let within = millis.clamp(-62_167_219_200_000, 253_402_300_799_999);
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(within)
}

fn shifted(from: DateTime<FixedOffset>, duration: Duration, sign: i64) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
    let target = from.timestamp_millis().saturating_add(sign * millis);
    Timestamp(utc(target).with_timezone(from.offset()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_for_people_is_as_its_pattern_says(
            millis in -62_167_219_200_000..253_402_300_799_999_i64,
            offset in -86_399..86_400,
        ) {
            let stamp = Timestamp::from_millis(millis).at(Zone::Fixed(offset));
            prop_assert_eq!(stamp.full(), stamp.0.format(FULL).to_string());
        }
    }

    #[test]
    fn the_documented_forms_are_read() {
        let expected = 1_714_714_200_895;
        for text in [
            "2024-05-03 17:30:00.895 +1200",
            "2024-05-03T17:30:00.895+12:00",
            "2024-05-03T05:30:00.895Z",
            "2024-05-03t05:30:00.895z",
            "2024-05-03T05:30:00.895000000Z",
            "2024-05-03 05:30:00,895 +00",
        ] {
            let stamp = Timestamp::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(stamp.millis(), expected, "{text}");
        }
        for leap in [
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "2017-01-01 12:59:60 +1300",
            "2016-12-31T20:29:60-03:30",
        ] {
            let stamp = Timestamp::parse(leap).unwrap_or_else(|| panic!("{leap}"));
            assert_eq!(stamp.full(), stamp.0.format(FULL).to_string());
        }
        assert!(Timestamp::parse("2024-05-03T17:30+12:00").is_some());
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2024-05-03",
            "2024-05-03T17:30:00",
            "2024-02-30T00:00:00Z",
            "2024-05-03T24:00:00Z",
            "2024-05-03T17:30:61Z",
            "2024-05-03T17:30:60Z",
            "2016-12-31T23:59:60+12:00",
            "2017-01-01T12:58:60+13:00",
            "10000-01-01T00:00:00Z",
            "2024-5-3T17:30:00Z",
            "2024-05-03T17:30:00.Z",
            "2024-05-03T17:30:00+25:00",
            "2024-05-03T17:30:00  +1200",
            "2024-05-03T17:30:00Zx",
            "yesterday",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_out_of_reach_is_the_nearest_within() {
        for (millis, written) in [
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
            (i64::MIN, "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).rfc3339(), written);
        }
        let far = Timestamp::from_millis(0).plus(Duration::MAX);
        assert_eq!(far, Timestamp::from_millis(i64::MAX));
    }

    #[test]
    fn zones_move_the_clock_and_not_the_instant() {
        let stamp = Timestamp::parse("2024-05-03T05:30:00Z").expect("an instant");
        let moved = stamp.at(Zone::parse("+12:00").expect("a zone"));
        assert_eq!(moved.short(), "17:30:00.000 +12:00");
        assert_eq!(moved.millis(), stamp.millis());
    }
}
