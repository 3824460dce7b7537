//! What an answer says beside its status: when to come back, what its body is, and the server's
//! words. One reading for everything that makes requests.

use crate::model::timestamp::Timestamp;
use crate::retry::verdict::RetryAfter;
use crate::wire::coding::{self, Coding};
use crate::wire::words::Words;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// As much of a short answer's body as is read.
pub(super) const LONGEST_BODY: usize = 64 * 1024;

/// A status with its usual words. One that nobody has defined is its number.
pub(super) fn named(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// How long the server wants to be left alone. A date counts by the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    RetryAfter::seconds(text).or_else(|| {
        let now = date(headers).unwrap_or_else(Timestamp::system_now);
        Some(RetryAfter::Date {
            until: http_date(headers, &RETRY_AFTER, now)?.millis(),
            now: now.millis(),
        })
    })
}

/// The server's clock, if it says what it shows.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers, &DATE, Timestamp::system_now())
}

fn http_date(headers: &HeaderMap, name: &HeaderName, now: Timestamp) -> Option<Timestamp> {
    Timestamp::parse_http(headers.get(name)?.to_str().ok()?, now)
}

/// The content type as it stands; empty when there is none.
pub(super) fn content_type(headers: &HeaderMap) -> &str {
    let header = headers.get(CONTENT_TYPE);
    header.map_or("", |value| value.to_str().unwrap_or("?"))
}

/// How the body is coded.
pub(super) fn coding(headers: &HeaderMap) -> Result<Option<Coding>, coding::Error> {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or("?")).collect();
    Coding::of(&lines.join(","))
}

/// The server's words in a body, or in its beginning.
pub(super) fn words(headers: &HeaderMap, body: &[u8]) -> Words {
    match coding(headers) {
        Ok(None) => Words::read(body),
        Ok(Some(coding)) => Words::read(&coding.beginning(body, LONGEST_BODY).0),
        Err(unsupported) => Words {
            detail: Some(format!("its explanation cannot be read: {unsupported}")),
            ..Words::default()
        },
    }
}

/// Reads a body to its end, unless it is a long one, and keeps as much of it as is wanted.
/// Reading a short one to its end lets the connection be used again.
pub(super) async fn read(mut response: Response, wanted: usize, body: &mut Vec<u8>) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = wanted.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        read += chunk.len();
        if read >= LONGEST_BODY {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_form_of_retry_after_is_judged_by_the_servers_own_clock() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (text, seconds) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sunday, 06-Nov-94 08:49:40 GMT", Some(3)),
            ("Sun Nov  6 08:49:40 1994", Some(3)),
            ("Fri, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            headers.insert(DATE, now.parse().unwrap());
            let wait = retry_after(&headers).map(RetryAfter::wait);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{text}");
        }
    }
}
