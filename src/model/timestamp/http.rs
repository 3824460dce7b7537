//! HTTP dates.

use super::{Timestamp, parse};
use chrono::{Datelike, NaiveDate};

impl Timestamp {
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
        let day = parse::digits(day.as_bytes())?;
        let written = parse::digits(year.as_bytes()).and_then(|year| i32::try_from(year).ok())?;
        let year = match year.len() {
            4 => written,
            2 => of_two_digits(written, now.0.year()),
            _ => return None,
        };
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock.as_bytes() else {
            return None;
        };
        let [hour, minute, second] = [[h1, h2], [m1, m2], [s1, s2]].map(|two| parse::digits(&two));
        // A leap second is as good as the one before it.
        let second = if second? == 60 { 59 } else { second? };
        let local =
            NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour?, minute?, second)?;
        Some(Timestamp(local.and_utc().fixed_offset()))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
