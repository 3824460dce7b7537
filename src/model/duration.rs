//! Durations as they are typed and as they are shown.

use std::fmt;
use std::time::Duration;

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
    PlainDuration(duration).to_string()
}

/// A duration, shown in plain units.
#[derive(Clone, Copy, Debug)]
pub struct PlainDuration(pub Duration);

impl fmt::Display for PlainDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => write!(f, "{} ms", self.0.subsec_millis()),
            1..60 => {
                // Whole numbers are shown in a fraction of the time. Halfway between two tenths
                // it depends on how the fraction is stored.
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
}
