//! Instants as people type them.

use super::{Timestamp, Zone};
use crate::model::duration::parse_duration;
use chrono::{
    Days, FixedOffset, Local, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};

impl Timestamp {
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
            // Clocks that are put back show a time with the greater offset first. Which of two
            // `earliest` names depends on the hemisphere.
            let found = |time: &NaiveDateTime| {
                let offsets = Local.offset_from_local_datetime(time);
                let both = [offsets.earliest(), offsets.latest()].into_iter().flatten();
                both.max_by_key(FixedOffset::local_minus_utc)
            };
            let offset = found(&time).or_else(|| found(&(time - hour)));
            offset.unwrap_or_else(|| Utc.fix())
        }
        Zone::Utc => Utc.fix(),
        Zone::Fixed(seconds) => FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix()),
    };
    let utc = time - TimeDelta::seconds(offset.local_minus_utc().into());
    Timestamp(utc.and_utc().with_timezone(&offset)).at(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("2026-11-25 ", Zone::Utc, "2026-11-25T00:00:00.000Z"),
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
    }

    #[test]
    fn what_is_not_an_instant_is_rejected() {
        let now = Timestamp::parse("2026-11-26T03:04:05Z").expect("an instant");
        for text in [
            "soon",
            "171471420089500000000",
            "1e9",
            "inf",
            "-1",
            "1.2.3",
            "25:00",
            "2026-11-31",
            "22:00 2026-11-25",
        ] {
            let read = Timestamp::parse_user(text, now, Zone::Utc);
            assert!(read.is_err(), "{text}");
        }
    }
}
