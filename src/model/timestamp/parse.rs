//! The documented forms of an instant, read from bytes.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone};

/// Reads the documented date-and-time forms from bytes, without allocating.
pub(super) fn date_and_time(text: &[u8]) -> Option<DateTime<FixedOffset>> {
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
    offset.from_local_datetime(&local).single()
}

fn nanoseconds(fraction: &[u8]) -> u32 {
    (0..9).fold(0, |sum, at| {
        sum * 10 + fraction.get(at).map_or(0, |digit| u32::from(digit - b'0'))
    })
}

pub(super) fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// Seconds east of UTC for `Z`, `+12`, `+1200` or `+12:00`.
pub(super) fn offset_seconds(text: &[u8]) -> Option<i32> {
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
