//! How long a token lives. Its content is read for the expiry only and never trusted.

use super::Moment;
use crate::model::timestamp::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// When a token must be renewed, on the run's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// From when on it should be renewed.
    pub renew_at: Duration,
    /// From when on it is of no use.
    pub expires_at: Duration,
}

/// The least time between a token and its renewal, however short it lives.
pub const LEAST: Duration = Duration::from_secs(1);

/// Plans the renewal: at 80 % of the life, at the latest a minute before its end, and up to a
/// tenth earlier by `jitter` (0 to 1). The life is measured by the server's clock if it is known,
/// else by what the token says of its own issue: our clock is not theirs. It counts from when the
/// token was asked for, because the answer takes its time.
pub fn life(token: &str, server: Option<Timestamp>, asked: Moment, jitter: f64) -> Option<Life> {
    let claims = claims(token)?;
    let issued = server.or_else(|| instant(claims.get("iat")));
    let left = instant(claims.get("exp"))?.millis_since(issued.unwrap_or(asked.wall));
    let left = Duration::from_millis(u64::try_from(left).ok().filter(|left| *left > 0)?);
    let minute = Duration::from_secs(60);
    let latest = left.mul_f64(0.8);
    let after = if left > 2 * minute {
        latest.min(left.saturating_sub(minute))
    } else {
        latest
    };
    Some(Life {
        renew_at: asked.run + after.mul_f64(1.0 - 0.1 * jitter),
        expires_at: asked.run + left,
    })
}

/// What a JSON web token says.
fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    if payload.len() > 64 * 1024 {
        return None;
    }
    serde_json::from_slice(&base64url(payload)?).ok()
}

/// A claim in seconds since 1970.
fn instant(claim: Option<&Value>) -> Option<Timestamp> {
    let seconds = claim?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "checked by the range")]
    (0.0..1e11)
        .contains(&seconds)
        .then(|| Timestamp::from_millis((seconds * 1000.0) as i64))
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // {"alg":"none"}.{"exp":1000}. and {"exp":"soon"}
    const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDB9.";

    fn at(wall_seconds: i64) -> Moment {
        Moment {
            run: Duration::from_secs(50),
            wall: Timestamp::from_millis(wall_seconds * 1000),
        }
    }

    #[test]
    fn renewal_comes_before_the_end_by_the_server_s_clock() {
        let seconds = |now, server: Option<i64>| {
            let server = server.map(|seconds| Timestamp::from_millis(seconds * 1000));
            let life = life(TOKEN, server, at(now), 0.0)?;
            Some((life.renew_at.as_secs() - 50, life.expires_at.as_secs() - 50))
        };
        assert_eq!(seconds(0, None), Some((800, 1000)));
        assert_eq!(seconds(800, None), Some((140, 200)), "a minute before");
        assert_eq!(seconds(990, None), Some((8, 10)));
        assert_eq!(
            seconds(5_000_000, Some(0)),
            Some((800, 1000)),
            "skewed clock"
        );
        assert_eq!(seconds(1000, None), None, "it has expired already");
    }

    #[test]
    fn odd_tokens_have_no_life() {
        for token in [
            "",
            "opaque",
            "a.b.c",
            "..",
            "a.eyJleHAiOiJzb29uIn0.c",
            "a.eyJleHAiOjFlMzAwfQ.c",
        ] {
            assert_eq!(life(token, None, at(0), 0.0), None, "{token}");
        }
    }

    proptest! {
        #[test]
        fn no_token_does_harm(token in "[A-Za-z0-9._=+/-]{0,80}|\\PC{0,40}") {
            let _ = life(&token, None, at(0), 1.0);
        }
    }
}
