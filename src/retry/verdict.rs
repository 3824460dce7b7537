//! What an answer of the platform, or its absence, means for the record that was sent.
//!
//! Documented is little: `RETRY_LATER` (which comes with status 500), 502, 503 and 504 are worth
//! another try. Everything else here is our reading, chosen so that nothing is given up that time
//! might heal, and nothing is thrown away because of a wrong address or an expired key.

use std::time::Duration;

/// The `typeCode` with which the platform asks for another try.
pub const RETRY_LATER: &str = "RETRY_LATER";

/// The longest a server's `Retry-After` is believed.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// The shortest wait after 429.
const RATE_LIMIT_FLOOR: Duration = Duration::from_secs(1);

/// What is to be done with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A complete 2xx head was read.
    Delivered,
    /// Worth another try.
    Again {
        /// Wait at least this long.
        floor: Duration,
        /// The wait is the server's own wish and holds for everything that goes there.
        pause: bool,
        /// The server has failed at something and may have kept the record all the same.
        doubtful: bool,
    },
    /// The server rejected the record for good.
    Refused,
    /// Nothing that is sent there can succeed before a person changes something.
    Hold(Hold),
    /// The record may have arrived: worth another try, which may make a second copy.
    Unknown,
}

/// Why a destination is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The key was not accepted.
    Unauthorised,
    /// The address, the method or the certificate is wrong.
    Misconfigured,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// Surely not sent: no address, no connection.
    NotSent,
    /// Surely not sent: this machine has no room for another connection.
    Local,
    /// The other side could not be trusted, or would not trust us.
    Tls,
    /// The proxy on the way wants a user name and a password, or others.
    ProxyLogin,
    /// The proxy on the way does not connect to this address.
    ProxyRefused,
    /// The request cannot be made at all.
    Unsendable,
    /// Reset, closed or silent after the first byte of the request may have left.
    Unknown,
}

impl TransportError {
    /// What it means for the record.
    pub const fn verdict(self) -> Verdict {
        match self {
            TransportError::NotSent | TransportError::Local => Verdict::Again {
                floor: Duration::ZERO,
                pause: false,
                doubtful: false,
            },
            TransportError::Tls | TransportError::ProxyRefused | TransportError::Unsendable => {
                Verdict::Hold(Hold::Misconfigured)
            }
            TransportError::ProxyLogin => Verdict::Hold(Hold::Unauthorised),
            TransportError::Unknown => Verdict::Unknown,
        }
    }

    /// What the refusal of a proxy means; without a status it may have failed for a moment.
    pub const fn of_proxy(status: Option<u16>) -> TransportError {
        match status {
            Some(401 | 407) => TransportError::ProxyLogin,
            None | Some(408 | 425 | 429 | 500..) => TransportError::NotSent,
            Some(_) => TransportError::ProxyRefused,
        }
    }
}

/// A `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u64),
    /// Not before an instant, compared with the instant at which the server wrote the answer;
    /// both in milliseconds of the same clock.
    Date {
        /// The header's date.
        until: i64,
        /// The answer's own `Date`.
        now: i64,
    },
}

impl RetryAfter {
    /// The seconds of a header that is a plain number; anything else is not understood here.
    pub fn seconds(header: &str) -> Option<RetryAfter> {
        let header = header.trim();
        let plain = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit());
        // A number beyond any clock is a very long wait, not garbage.
        plain.then(|| RetryAfter::Seconds(header.parse().unwrap_or(u64::MAX)))
    }

    /// How long the server wants to be left alone, within reason.
    pub fn wait(self) -> Duration {
        let asked = match self {
            RetryAfter::Seconds(seconds) => Duration::from_secs(seconds),
            RetryAfter::Date { until, now } => {
                Duration::from_millis(u64::try_from(until.saturating_sub(now)).unwrap_or(0))
            }
        };
        asked.min(LONGEST_WAIT)
    }
}

/// A complete answer, as far as it matters here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The problem's `type`, where the body has one.
    pub kind: Option<&'a str>,
    /// The problem's `typeCode`, where the body has one.
    pub type_code: Option<&'a str>,
    /// The `Retry-After` header, where it is understood.
    pub retry_after: Option<RetryAfter>,
}

/// Which answers are worth another try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryOn {
    statuses: Vec<u16>,
    words: Vec<String>,
    other_server_errors: bool,
}

impl Default for RetryOn {
    fn default() -> RetryOn {
        RetryOn {
            statuses: vec![408, 425, 429, 500, 502, 503, 504, 507],
            words: vec![RETRY_LATER.to_owned()],
            other_server_errors: true,
        }
    }
}

impl RetryOn {
    /// A list as a profile has it: statuses, and words that a problem may carry.
    pub fn new(list: impl IntoIterator<Item = impl AsRef<str>>) -> Result<RetryOn, String> {
        let mut own = RetryOn {
            // These say in so many words that another try is welcome.
            statuses: vec![408, 425, 507],
            words: Vec::new(),
            other_server_errors: false,
        };
        for item in list {
            let item = item.as_ref();
            match item.parse::<u16>() {
                Ok(status @ 300..=599) => own.statuses.push(status),
                Ok(_) => return Err(format!("{item} is not a status of a refused request")),
                Err(_) => own.words.push(item.to_owned()),
            }
        }
        Ok(own)
    }

    fn names(&self, answer: &Answer<'_>) -> bool {
        self.words.iter().any(|word| {
            answer.type_code == Some(word) || answer.kind.is_some_and(|kind| ends_in(kind, word))
        })
    }

    /// The meaning of an answer.
    pub fn judge(&self, answer: &Answer<'_>) -> Verdict {
        let status = answer.status;
        if (200..300).contains(&status) {
            return Verdict::Delivered;
        }
        if self.names(answer) {
            return again(answer, false);
        }
        if self.statuses.contains(&status) {
            return again(answer, is_failure(status));
        }
        match status {
            401 | 403 | 407 => Verdict::Hold(Hold::Unauthorised),
            404 | 405 | 410 | 501 | 505 => Verdict::Hold(Hold::Misconfigured),
            500..=599 if self.other_server_errors => again(answer, is_failure(status)),
            400..=599 => Verdict::Refused,
            // A redirect is never followed, and nothing else is an answer to a PUT.
            _ => Verdict::Hold(Hold::Misconfigured),
        }
    }
}

/// Whether a status says that something went wrong on the other side, and not that it was never
/// begun.
const fn is_failure(status: u16) -> bool {
    status >= 500 && !matches!(status, 503 | 507)
}

fn again(answer: &Answer<'_>, doubtful: bool) -> Verdict {
    let asked = answer.retry_after.map(RetryAfter::wait);
    let own = if answer.status == 429 {
        RATE_LIMIT_FLOOR
    } else {
        Duration::ZERO
    };
    Verdict::Again {
        floor: asked.unwrap_or(own),
        pause: asked.is_some_and(|wait| !wait.is_zero()),
        doubtful,
    }
}

/// Whether the last part of a problem's `type` is this word: `…/limber-sync/retry-later` says
/// `RETRY_LATER`. Two bases are in use, so only the end is compared.
fn ends_in(kind: &str, word: &str) -> bool {
    let last = kind
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(kind);
    last.len() == word.len()
        && last
            .bytes()
            .zip(word.bytes())
            .all(|(a, b)| a.eq_ignore_ascii_case(&b) || a == b'-' && b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16) -> Verdict {
        RetryOn::default().judge(&Answer {
            status,
            ..Answer::default()
        })
    }

    const AGAIN: Verdict = Verdict::Again {
        floor: Duration::ZERO,
        pause: false,
        doubtful: false,
    };

    const DOUBTFUL: Verdict = Verdict::Again {
        floor: Duration::ZERO,
        pause: false,
        doubtful: true,
    };

    #[test]
    fn every_status_has_its_meaning() {
        let table: &[(&[u16], Verdict)] = &[
            (&[200, 201, 202, 204, 207, 226, 299], Verdict::Delivered),
            (
                &[
                    400, 402, 406, 409, 411, 412, 413, 414, 415, 416, 418, 422, 428, 431, 451, 499,
                ],
                Verdict::Refused,
            ),
            (&[401, 403, 407], Verdict::Hold(Hold::Unauthorised)),
            (
                &[
                    300, 301, 302, 303, 304, 307, 308, 404, 405, 410, 501, 505, 101, 600, 999,
                ],
                Verdict::Hold(Hold::Misconfigured),
            ),
            (&[408, 425, 503, 507], AGAIN),
            (&[500, 502, 504, 508, 511, 520, 599], DOUBTFUL),
            (
                &[429],
                Verdict::Again {
                    floor: Duration::from_secs(1),
                    pause: false,
                    doubtful: false,
                },
            ),
        ];
        for (statuses, verdict) in table {
            for status in *statuses {
                assert_eq!(judge(*status), *verdict, "{status}");
            }
        }
    }

    #[test]
    fn retry_later_in_the_body_outweighs_the_status() {
        for status in [400, 401, 404, 409, 500, 501] {
            for (kind, type_code) in [
                (None, Some("RETRY_LATER")),
                (
                    Some("http://www.meaningful.co.nz/limber-sync/retry-later"),
                    None,
                ),
            ] {
                let answer = Answer {
                    status,
                    kind,
                    type_code,
                    ..Answer::default()
                };
                assert_eq!(RetryOn::default().judge(&answer), AGAIN, "{status}");
            }
        }
        let other = Answer {
            status: 400,
            kind: Some("http://x/do-not-retry-later"),
            type_code: Some("OTHER"),
            ..Answer::default()
        };
        assert_eq!(RetryOn::default().judge(&other), Verdict::Refused);
    }

    #[test]
    fn the_profile_decides_what_is_worth_another_try() {
        let own = RetryOn::new(["503", "404", "PAUSE_INTEGRATION"]).unwrap();
        let with = |status, type_code| {
            own.judge(&Answer {
                status,
                type_code,
                ..Answer::default()
            })
        };
        assert_eq!(with(503, None), AGAIN);
        assert_eq!(with(404, None), AGAIN);
        assert_eq!(with(400, Some("PAUSE_INTEGRATION")), AGAIN);
        assert_eq!(with(500, None), Verdict::Refused);
        assert_eq!(with(500, Some("RETRY_LATER")), Verdict::Refused);
        assert_eq!(with(425, None), AGAIN);
        assert!(RetryOn::new(["200"]).is_err());
    }

    #[test]
    fn retry_after_is_believed_within_reason() {
        let floor = |retry_after| match RetryOn::default().judge(&Answer {
            status: 503,
            retry_after,
            ..Answer::default()
        }) {
            Verdict::Again { floor, pause, .. } => (floor.as_millis(), pause),
            other => panic!("{other:?}"),
        };
        assert_eq!(floor(RetryAfter::seconds("0")), (0, false));
        assert_eq!(floor(RetryAfter::seconds(" 2 ")), (2_000, true));
        assert_eq!(floor(RetryAfter::seconds("86400")), (900_000, true));
        assert_eq!(
            floor(RetryAfter::seconds("99999999999999999999999")),
            (900_000, true)
        );
        for garbage in ["-1", "soon", "", "1.5", "+1"] {
            assert_eq!(RetryAfter::seconds(garbage), None, "{garbage}");
        }
        let date = |until, now| floor(Some(RetryAfter::Date { until, now }));
        assert_eq!(date(5_000, 3_000), (2_000, true));
        assert_eq!(date(3_000, 5_000), (0, false));
        assert_eq!(date(i64::MAX, i64::MIN), (900_000, true));
    }
}
