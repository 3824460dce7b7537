//! Instants, durations and zones. The only module that names the date library, so that it can
//! be exchanged in one place.

use chrono::{DateTime, FixedOffset, Local, NaiveDate, Offset, SecondsFormat, TimeZone, Utc};
use std::fmt;
use std::time::Duration;

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
            _ => offset_seconds(text.as_bytes())
                .map(Zone::Fixed)
                .ok_or_else(|| {
                    format!("'{text}' is no time zone: use local, utc or an offset such as +12:00")
                }),
        }
    }
}

impl Timestamp {
    /// The instant so many milliseconds after 1970 began, in UTC.
    pub fn from_millis(millis: i64) -> Timestamp {
        let utc = DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or_default();
        Timestamp(utc.fixed_offset())
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
        parse_bytes(text.as_bytes())
    }

    /// Reads an instant a user typed: the forms of [`Timestamp::parse`], `15m ago`, `now`, or
    /// seconds or milliseconds since 1970.
    pub fn parse_user(text: &str, now: Timestamp) -> Result<Timestamp, String> {
        let trimmed = text.trim();
        if trimmed == "now" {
            return Ok(now);
        }
        if let Some(ago) = trimmed.strip_suffix("ago") {
            return parse_duration(ago.trim()).map(|back| now.minus(back));
        }
        if let Some(stamp) = Timestamp::parse(trimmed) {
            return Ok(stamp);
        }
        if let Some(stamp) = Timestamp::parse_epoch(trimmed) {
            return Ok(stamp);
        }
        Err(format!(
            "'{text}' is no instant: use RFC 3339 (2024-05-03T17:30:00+12:00), '15m ago', 'now' or seconds since 1970"
        ))
    }

    /// Reads seconds or milliseconds since 1970.
    pub fn parse_epoch(text: &str) -> Option<Timestamp> {
        let number: f64 = text.parse().ok()?;
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        // Thirteen digits are milliseconds: as seconds they would lie 30,000 years ahead.
        let millis = if number >= 1e11 {
            number
        } else {
            number * 1000.0
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates; instants are checked"
        )]
        Some(Timestamp::from_millis(millis as i64))
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
        self.0.format("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
    }

    /// Time of day with milliseconds and offset: `17:30:00.895 +12:00`.
    pub fn short(&self) -> String {
        self.0.format("%H:%M:%S%.3f %:z").to_string()
    }

    /// The hour it falls in: `2024-05-03T17:00+12:00`.
    pub fn hour(&self) -> String {
        self.0.format("%Y-%m-%dT%H:00%:z").to_string()
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

    /// Reads an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`).
    pub fn parse_http(text: &str) -> Option<Timestamp> {
        DateTime::parse_from_rfc2822(text.trim())
            .ok()
            .map(Timestamp)
    }
}

fn shifted(from: DateTime<FixedOffset>, duration: Duration, sign: i64) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
    let target = from.timestamp_millis().saturating_add(sign * millis);
    let moved = DateTime::<Utc>::from_timestamp_millis(target).unwrap_or_default();
    Timestamp(moved.with_timezone(from.offset()))
}

/// Reads the documented date-and-time forms from bytes, without allocating.
pub fn parse_bytes(text: &[u8]) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
        return None;
    };
    let year = i32::try_from(digits(&[y1, y2, y3, y4])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, digits(&[m1, m2])?, digits(&[d1, d2])?)?;
    let (b'T' | b't' | b' ', rest) = rest.split_first()? else {
        return None;
    };
    let (clock, mut rest) = rest.split_at_checked(5)?;
    let [h1, h2, b':', n1, n2] = *clock else {
        return None;
    };
    let (hour, minute) = (digits(&[h1, h2])?, digits(&[n1, n2])?);
    let (mut second, mut nanos) = (0, 0);
    if let [b':', s1, s2, after @ ..] = rest {
        second = digits(&[*s1, *s2])?;
        rest = after;
        if let [b'.' | b',', fraction @ ..] = rest {
            let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            nanos = nanoseconds(&fraction[..length]);
            rest = &fraction[length..];
        }
    }
    if second == 60 {
        // A leap second, which the date library keeps as more than a billion nanoseconds.
        second = 59;
        nanos += 1_000_000_000;
    }
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let offset = FixedOffset::east_opt(offset_seconds(rest)?)?;
    let local = day.and_hms_nano_opt(hour, minute, second, nanos)?;
    offset.from_local_datetime(&local).single().map(Timestamp)
}

fn nanoseconds(fraction: &[u8]) -> u32 {
    (0..9).fold(0, |sum, at| {
        sum * 10 + fraction.get(at).map_or(0, |digit| u32::from(digit - b'0'))
    })
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// Seconds east of UTC for `Z`, `+12`, `+1200` or `+12:00`.
fn offset_seconds(text: &[u8]) -> Option<i32> {
    let (sign, hours, minutes) = match *text {
        [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, digits(&[h1, h2])?, 0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => {
            (sign, digits(&[h1, h2])?, digits(&[m1, m2])?)
        }
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// Reads a duration such as `90s`, `1h30m`, `2d` or `250ms`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let complaint = || {
        format!(
            "'{text}' is no duration: use numbers with ms, s, m, h or d, such as 90s, 1h30m, 2d"
        )
    };
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(complaint)?;
        let number: f64 = rest[..number_end].parse().map_err(|_| complaint())?;
        rest = &rest[number_end..];
        let unit_end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        total += number
            * match &rest[..unit_end] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return Err(complaint()),
            };
        rest = &rest[unit_end..];
    }
    if text.is_empty() || !(0.0..1e10).contains(&total) {
        return Err(complaint());
    }
    Ok(Duration::from_secs_f64(total))
}

/// A duration in plain units: `412 ms`, `4.1 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub fn plain_duration(duration: Duration) -> String {
    Plain(duration).to_string()
}

/// A duration, shown in plain units.
#[derive(Clone, Copy, Debug)]
pub struct Plain(pub Duration);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => write!(f, "{} ms", self.0.subsec_millis()),
            1..60 => {
                // Whole numbers are shown in a fraction of the time. Halfway between two tenths
                // it depends on how the fraction is kept.
                let nanos = self.0.subsec_nanos();
                let (tenths, rest) = (nanos / 100_000_000, nanos % 100_000_000);
                if rest == 50_000_000 {
                    return write!(f, "{:.1} s", self.0.as_secs_f64());
                }
                let tenths = seconds * 10 + u64::from(tenths + u32::from(rest > 50_000_000));
                write!(f, "{}.{} s", tenths / 10, tenths % 10)
            }
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {} min", seconds / 3600, seconds % 3600 / 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(Timestamp::parse("2016-12-31T23:59:60Z").is_some());
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
    fn users_may_type_instants_in_several_ways() {
        let now = Timestamp::from_millis(1_000_000_000);
        let ago = Timestamp::parse_user("15m ago", now).expect("an instant");
        assert_eq!(now.millis_since(ago), 15 * 60 * 1000);
        assert_eq!(
            Timestamp::parse_user("1714714200", now).map(|t| t.millis()),
            Ok(1_714_714_200_000)
        );
        assert_eq!(
            Timestamp::parse_user("1714714200895", now).map(|t| t.millis()),
            Ok(1_714_714_200_895)
        );
        assert!(Timestamp::parse_user("soon", now).is_err());
    }

    #[test]
    fn durations_add_their_parts() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("2d"), Ok(Duration::from_secs(172_800)));
        for wrong in ["", "5", "s", "1w", "-1s", "1.2.3s", "99999999999999d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn seconds_are_rounded_to_tenths_as_fractions_are() {
        for millis in (1000..60_000).chain([59_949, 59_950, 59_951]) {
            let duration = Duration::from_millis(millis);
            let shown = format!("{:.1} s", duration.as_secs_f64());
            assert_eq!(plain_duration(duration), shown, "{millis}");
        }
    }

    #[test]
    fn zones_move_the_clock_and_not_the_instant() {
        let stamp = Timestamp::parse("2024-05-03T05:30:00Z").expect("an instant");
        let moved = stamp.at(Zone::parse("+12:00").expect("a zone"));
        assert_eq!(moved.short(), "17:30:00.000 +12:00");
        assert_eq!(moved.millis(), stamp.millis());
    }
}
