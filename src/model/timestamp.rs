//! Instants, durations and zones. The only module that names the date library, so that it can
//! be exchanged in one place.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    SecondsFormat, TimeDelta, TimeZone, Timelike, Utc,
};
use std::fmt;
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
            _ => offset_seconds(text.as_bytes())
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
        parse_bytes(text.as_bytes())
    }

    /// Reads an instant a user typed: the forms of [`Timestamp::parse`], `now`, `today`,
    /// `yesterday`, `15m ago`, `-15m`, a date, a time of day (the latest one that has passed) or
    /// both as they are in the zone, or the time since 1970 in one of the units of
    /// [`Timestamp::parse_epoch`].
    pub fn parse_user(text: &str, now: Timestamp, zone: Zone) -> Result<Timestamp, String> {
        let typed = text.trim();
        let today = now.at(zone).0.naive_local().date();
        match typed {
            "now" => return Ok(now),
            "today" => return Ok(local(today.and_time(NaiveTime::MIN), zone)),
            "yesterday" => return Ok(local((today - Days::new(1)).and_time(NaiveTime::MIN), zone)),
            _ => {}
        }
        if let Some(back) = typed
            .strip_suffix("ago")
            .or_else(|| typed.strip_prefix('-'))
        {
            return parse_duration(back.trim()).map(|back| now.minus(back));
        }
        Timestamp::parse(typed)
            .or_else(|| local_time(typed, now, zone))
            .or_else(|| Timestamp::parse_epoch(typed))
            .ok_or_else(|| {
                format!(
                    "'{text}' is not a valid time: use yesterday, today, 22:00, 2026-11-25, '2026-11-25 22:00', -3h, RFC 3339 (2024-05-03T17:30:00+12:00), now or a number of seconds since 1970 (milliseconds, microseconds and nanoseconds are distinguished by their size)"
                )
            })
    }

    /// Reads a time since 1970 in seconds, milliseconds, microseconds or nanoseconds, recognised by its
    /// size: read as the next larger unit, it would lie thousands of years ahead.
    pub fn parse_epoch(text: &str) -> Option<Timestamp> {
        let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let number: f64 = text.parse().ok().filter(|_| text.bytes().all(plain))?;
        let millis = match number {
            ..1e11 => number * 1e3,
            ..1e14 => number,
            ..1e17 => number / 1e3,
            ..1e20 => number / 1e6,
            _ => return None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the largest lies in the year 5138"
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

    /// Date and time of day: `2024-05-03 17:30:00`.
    pub fn to_the_second(&self) -> String {
        let (day, time) = (self.0.date_naive(), self.0.time());
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            day.year(),
            day.month(),
            day.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
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

    /// Reads an HTTP date in any of the three forms of RFC 9110, 5.6.7. The name of the day says
    /// nothing that the date does not, so a wrong one does no harm.
    pub fn parse_http(text: &str, now: Timestamp) -> Option<Timestamp> {
        let parts: Vec<&str> = text
            .split([' ', ',', '-'])
            .filter(|part| !part.is_empty())
            .collect();
        let ([_, day, month, year, clock, "GMT" | "UTC"] | [_, month, day, clock, year]) =
            *parts.as_slice()
        else {
            return None;
        };
        let month = MONTHS.iter().position(|name| *name == month)?;
        let month = u32::try_from(month).ok()? + 1;
        let day = digits(day.as_bytes())?;
        let written = digits(year.as_bytes()).and_then(|year| i32::try_from(year).ok())?;
        let year = match year.len() {
            4 => written,
            2 => of_two_digits(written, now.0.year()),
            _ => return None,
        };
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock.as_bytes() else {
            return None;
        };
        let [hour, minute, second] = [[h1, h2], [m1, m2], [s1, s2]].map(|two| digits(&two));
        // A leap second is as good as the one before it.
        let second = if second? == 60 { 59 } else { second? };
        let local =
            NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour?, minute?, second)?;
        Some(Timestamp(local.and_utc().fixed_offset()))
    }
}

/// A date, a time of day or both, without an offset.
fn local_time(typed: &str, now: Timestamp, zone: Zone) -> Option<Timestamp> {
    let date = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let clock = |text| {
        let formats = ["%H:%M", "%H:%M:%S%.f"].into_iter();
        let mut read = formats.filter_map(|format| NaiveTime::parse_from_str(text, format).ok());
        read.next()
    };
    if let Some(time) = clock(typed) {
        let today = now.at(zone).0.naive_local().date();
        let stamp = local(today.and_time(time), zone);
        let yesterday = || local((today - Days::new(1)).and_time(time), zone);
        return Some(if stamp <= now { stamp } else { yesterday() });
    }
    let (day, time) = match typed.split_once([' ', 'T', 't']) {
        None => (date(typed)?, NaiveTime::MIN),
        Some((day, time)) => (date(day)?, clock(time)?),
    };
    Some(local(day.and_time(time), zone))
}

/// The instant at which clocks in the zone show this: the first of two, and where they are put
/// forward past it, as long after the jump.
fn local(time: NaiveDateTime, zone: Zone) -> Timestamp {
    let offset = match zone {
        Zone::Local => {
            let hour = TimeDelta::hours(1);
            let found = |time: &NaiveDateTime| Local.offset_from_local_datetime(time).earliest();
            let offset = found(&time).or_else(|| found(&(time - hour)));
            offset.map_or_else(|| Utc.fix(), |offset| offset.fix())
        }
        Zone::Utc => Utc.fix(),
        Zone::Fixed(seconds) => FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix()),
    };
    let utc = time - TimeDelta::seconds(offset.local_minus_utc().into());
    Timestamp(utc.and_utc().with_timezone(&offset)).at(zone)
}

/// The months as HTTP writes them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A year of two digits: never more than fifty years ahead.
fn of_two_digits(year: i32, this_year: i32) -> i32 {
    let near = this_year - this_year.rem_euclid(100) + year;
    if near > this_year + 50 {
        near - 100
    } else {
        near
    }
}

/// The instant so many milliseconds after 1970 began, kept within the years 0 to 9999.
fn utc(millis: i64) -> DateTime<Utc> {
    let within = millis.clamp(-62_167_219_200_000, 253_402_300_799_999);
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(within)
}

fn shifted(from: DateTime<FixedOffset>, duration: Duration, sign: i64) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
    let target = from.timestamp_millis().saturating_add(sign * millis);
    Timestamp(utc(target).with_timezone(from.offset()))
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
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let east = offset_seconds(rest)?;
    if second == 60 {
        // Leap seconds end a day of UTC. The date library keeps them as more than a billion
        // nanoseconds.
        let minutes = i32::try_from(hour * 60 + minute).ok()? - east / 60;
        if minutes.rem_euclid(24 * 60) != 24 * 60 - 1 {
            return None;
        }
        second = 59;
        nanos += 1_000_000_000;
    }
    let offset = FixedOffset::east_opt(east)?;
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
            "invalid duration '{text}': use numbers with ms, s, m, h or d, such as 90s, 1h30m, 2d"
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

/// A duration in whole numbers of the largest unit that fits.
pub fn rough_duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
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
        for leap in [
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "2017-01-01 12:59:60 +1300",
            "2016-12-31T20:29:60-03:30",
        ] {
            assert!(Timestamp::parse(leap).is_some(), "{leap}");
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
    fn users_may_type_instants_in_several_ways() {
        let now = Timestamp::parse("2026-11-26T03:04:05Z").expect("an instant");
        for (text, zone, written) in [
            ("now", Zone::Utc, "2026-11-26T03:04:05.000Z"),
            ("15m ago", Zone::Utc, "2026-11-26T02:49:05.000Z"),
            ("-3h", Zone::Utc, "2026-11-26T00:04:05.000Z"),
            ("today", Zone::Utc, "2026-11-26T00:00:00.000Z"),
            ("yesterday", Zone::Utc, "2026-11-25T00:00:00.000Z"),
            (
                "yesterday",
                Zone::Fixed(-14_400),
                "2026-11-24T00:00:00.000-04:00",
            ),
            ("03:04", Zone::Utc, "2026-11-26T03:04:00.000Z"),
            ("03:04:05", Zone::Utc, "2026-11-26T03:04:05.000Z"),
            ("03:05", Zone::Utc, "2026-11-25T03:05:00.000Z"),
            (
                "22:00",
                Zone::Fixed(46_800),
                "2026-11-25T22:00:00.000+13:00",
            ),
            (
                "2026-11-25",
                Zone::Fixed(46_800),
                "2026-11-25T00:00:00.000+13:00",
            ),
            ("2026-11-25 22:00", Zone::Utc, "2026-11-25T22:00:00.000Z"),
            (
                "2026-11-25T22:00:30.5",
                Zone::Utc,
                "2026-11-25T22:00:30.500Z",
            ),
            (
                "2026-11-25T22:00Z",
                Zone::Fixed(46_800),
                "2026-11-25T22:00:00.000Z",
            ),
            ("0", Zone::Utc, "1970-01-01T00:00:00.000Z"),
            ("1714714200", Zone::Utc, "2024-05-03T05:30:00.000Z"),
            ("1714714200.895", Zone::Utc, "2024-05-03T05:30:00.895Z"),
            ("1714714200895", Zone::Utc, "2024-05-03T05:30:00.895Z"),
            ("1714714200895000", Zone::Utc, "2024-05-03T05:30:00.895Z"),
            ("1714714200895000000", Zone::Utc, "2024-05-03T05:30:00.895Z"),
        ] {
            let read = Timestamp::parse_user(text, now, zone).map(|stamp| stamp.rfc3339());
            assert_eq!(read.as_deref(), Ok(written), "{text}");
        }
        for text in [
            "soon",
            "171471420089500000000",
            "1e9",
            "inf",
            "-1",
            "1.2.3",
            "25:00",
            "2026-11-31",
            "2026-11-25 ",
            "22:00 2026-11-25",
        ] {
            let read = Timestamp::parse_user(text, now, Zone::Utc);
            assert_eq!(read.is_err(), text != "2026-11-25 ", "{text}");
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
    fn http_dates_are_read_in_all_three_forms() {
        let now = Timestamp::parse("2026-11-26T00:00:00Z").expect("an instant");
        for (text, written) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
            ("Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"),
            ("Sunday, 06-Nov-26 08:49:37 GMT", "2026-11-06T08:49:37.000Z"),
            ("Sunday, 06-Nov-76 08:49:37 GMT", "2076-11-06T08:49:37.000Z"),
            ("Sunday, 06-Nov-77 08:49:37 GMT", "1977-11-06T08:49:37.000Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"),
            ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59.000Z"),
        ] {
            let read = Timestamp::parse_http(text, now).map(|stamp| stamp.rfc3339());
            assert_eq!(read.as_deref(), Some(written), "{text}");
        }
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 NZST",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 11994 08:49:37 GMT",
            "120",
        ] {
            assert_eq!(Timestamp::parse_http(text, now), None, "{text}");
        }
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
