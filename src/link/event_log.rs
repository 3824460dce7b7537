//! The event log API: one PUT for each record, and what its answer means.

use super::client::{Client, Headers, Key, Limits, Unusable, causes, shown};
use crate::model::delivery::Problem;
use crate::model::timestamp::Timestamp;
use crate::retry::verdict::{Answer, Fault, Hold, RetryAfter, RetryOn, Verdict};
use bytes::Bytes;
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Method, Request, Response, StatusCode};
use std::error::Error;
use std::time::Duration;
use url::Url;

/// As much of an answer's body as is read.
const LONGEST_BODY: usize = 64 * 1024;

/// Where event logs go, and how.
#[derive(Debug)]
pub struct EventLogs {
    client: Client,
    url: Url,
    headers: HeaderMap,
    retry_on: RetryOn,
    timeout: Duration,
    key: Key,
}

/// What came of one attempt.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What is to be done with the record.
    pub verdict: Verdict,
    /// The status, if an answer's head was read.
    pub http: Option<u16>,
    /// Why it was not delivered.
    pub problem: Option<Problem>,
}

impl EventLogs {
    /// A destination. `key` is masked wherever an answer repeats it; `jobs` connections are kept.
    pub fn new(
        url: Url,
        headers: Headers,
        key: Key,
        retry_on: RetryOn,
        timeout: Duration,
        jobs: usize,
    ) -> EventLogs {
        let limits = Limits {
            // Shorter than the whole, so that a connection that was never made is told from an
            // answer that never came.
            connect: timeout / 2,
            read: None,
            idle: jobs,
        };
        EventLogs {
            client: Client::new(&url, limits),
            url,
            headers: headers.complete(),
            retry_on,
            timeout,
            key,
        }
    }

    /// The address, as it may be shown.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }

    /// Sends one record, once.
    pub async fn put(&self, body: Bytes) -> Reply {
        let client = match self.client.get() {
            Ok(client) => client,
            Err(unusable) => return unsendable(unusable),
        };
        let answer = client.execute(self.request(body));
        let mut head = None;
        let mut said = Vec::new();
        let exchange = async {
            let mut response = answer.await?;
            let status = response.status();
            head = Some((status, std::mem::take(response.headers_mut())));
            // Of a yes nothing more is wanted, but a body read to its end frees the connection.
            let wanted = if status.is_success() { 0 } else { LONGEST_BODY };
            read(response, wanted, &mut said).await;
            Ok::<_, reqwest::Error>(())
        };
        let ended = tokio::time::timeout(self.timeout, exchange).await;
        match (head, ended) {
            // The head has the verdict; a body that breaks off or never ends changes nothing.
            (Some((status, headers)), _) => self.judge(status, &headers, &said),
            (None, Ok(Err(error))) => self.broken(&error),
            (None, _) => self.fault(
                Fault::Unknown,
                format!("no answer within {}", plain(self.timeout)),
                None,
            ),
        }
    }

    fn request(&self, body: Bytes) -> Request {
        let mut request = Request::new(Method::PUT, self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = Some(body.into());
        request
    }

    fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Reply {
        let said = Said::read(body);
        let answer = Answer {
            status: status.as_u16(),
            kind: said.kind.as_deref(),
            type_code: said.type_code.as_deref(),
            retry_after: retry_after(headers),
        };
        let verdict = self.retry_on.judge(&answer);
        let problem = (verdict != Verdict::Delivered).then(|| {
            let redirect = headers
                .get(LOCATION)
                .filter(|_| status.is_redirection())
                .map(|to| {
                    format!(
                        "the server points to {}; redirects are never followed, because the key \
                         would go along",
                        String::from_utf8_lossy(to.as_bytes())
                    )
                });
            Problem {
                title: self.mask(said.title.unwrap_or_else(|| status.to_string())),
                detail: said.detail.or(redirect).map(|text| self.mask(text)),
                type_code: said.type_code.map(|text| self.mask(text)),
                uuid: said.uuid.map(|text| self.mask(text)),
            }
        });
        Reply {
            verdict,
            http: Some(status.as_u16()),
            problem,
        }
    }

    fn broken(&self, error: &reqwest::Error) -> Reply {
        let (fault, title) = if is_tls(error) {
            (Fault::Tls, "the secure connection failed")
        } else if error.is_builder() {
            (Fault::Unsendable, "the request cannot be made")
        } else if error.is_connect() && is_said(error, "proxy authorization required") {
            (Fault::Proxy, "the proxy wants a name and a password")
        } else if error.is_connect() {
            (Fault::NotSent, "cannot connect")
        } else if is_declined(error) {
            (Fault::NotSent, "the server did not begin with the request")
        } else {
            (Fault::Unknown, "the connection broke before the answer")
        };
        let title = format!("{title} ({})", self.shown());
        self.fault(fault, title, Some(causes(error)))
    }

    fn fault(&self, fault: Fault, title: String, detail: Option<String>) -> Reply {
        Reply {
            verdict: fault.verdict(),
            http: None,
            problem: Some(Problem {
                title,
                detail: detail.map(|text| self.mask(text)),
                ..Problem::default()
            }),
        }
    }

    /// A server that repeats the key must not make us show or keep it.
    fn mask(&self, text: String) -> String {
        self.key.mask(text)
    }
}

fn unsendable(unusable: Unusable) -> Reply {
    Reply {
        verdict: Verdict::Hold(Hold::Misconfigured),
        http: None,
        problem: Some(Problem {
            title: unusable.message,
            detail: unusable.hint,
            ..Problem::default()
        }),
    }
}

/// Reads a body to its end, unless it is a long one, and keeps as much of it as is wanted.
/// Reading a short one to its end lets the connection be used again.
async fn read(mut response: Response, wanted: usize, body: &mut Vec<u8>) {
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

/// What a problem body says, as far as it is text.
#[derive(Default)]
struct Said {
    kind: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    type_code: Option<String>,
    uuid: Option<String>,
}

impl Said {
    fn read(body: &[u8]) -> Said {
        let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else {
            return Said::default();
        };
        let text = |name: &str| {
            members
                .get(name)
                .and_then(serde_json::Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Said {
            kind: text("type"),
            title: text("title"),
            detail: text("detail").or_else(|| text("message")),
            type_code: text("typeCode"),
            uuid: text("uuid"),
        }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let date = |name| {
        let text = headers.get(name)?.to_str().ok()?;
        Timestamp::parse_http(text).map(|date| date.millis())
    };
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    RetryAfter::seconds(text).or_else(|| {
        Some(RetryAfter::Date {
            until: date(RETRY_AFTER)?,
            now: date(DATE).unwrap_or_else(|| Timestamp::system_now().millis()),
        })
    })
}

/// Whether the TLS library is among the causes, however deep it is wrapped.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .is_some_and(|wrapped| is_tls(wrapped));
    wrapped || error.is::<rustls::Error>() || error.source().is_some_and(is_tls)
}

/// Whether one of the causes is told in these words; some have no type that can be named.
fn is_said(error: &(dyn Error + 'static), words: &str) -> bool {
    error.to_string().ends_with(words) || error.source().is_some_and(|cause| is_said(cause, words))
}

/// Whether the server has said that it did not look at the request: it refused the stream, or
/// left with an earlier one as its last.
fn is_declined(error: &(dyn Error + 'static)) -> bool {
    let declined = error.downcast_ref::<h2::Error>().is_some_and(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (refused || error.is_go_away())
    });
    declined || error.source().is_some_and(is_declined)
}

fn plain(duration: Duration) -> String {
    crate::model::timestamp::plain_duration(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs() -> EventLogs {
        EventLogs::new(
            Url::parse("http://127.0.0.1:1/x").unwrap(),
            Headers::default(),
            Key::new("canary"),
            RetryOn::default(),
            Duration::from_secs(1),
            1,
        )
    }

    #[test]
    fn a_problem_is_told_in_the_servers_words_with_the_key_masked() {
        let body = br#"{"type":"http://x/y","typeCode":"BAD","status":400,"title":"no canary",
            "detail":"key canary refused","uuid":"u-1"}"#;
        let reply = logs().judge(StatusCode::BAD_REQUEST, &HeaderMap::new(), body);
        assert_eq!(reply.verdict, Verdict::Refused);
        let problem = reply.problem.unwrap();
        assert_eq!(problem.title, "no ***");
        assert_eq!(problem.detail.as_deref(), Some("key *** refused"));
        assert_eq!(problem.type_code.as_deref(), Some("BAD"));
        assert_eq!(problem.uuid.as_deref(), Some("u-1"));
    }

    #[test]
    fn a_body_that_is_no_problem_leaves_the_status_to_speak() {
        for body in [
            &b"<html>canary</html>"[..],
            b"",
            b"[1]",
            b"{\"title\":5}",
            b"\xff",
        ] {
            let reply = logs().judge(StatusCode::BAD_REQUEST, &HeaderMap::new(), body);
            let problem = reply.problem.unwrap();
            assert_eq!(problem.title, "400 Bad Request");
            assert_eq!(problem.detail, None);
        }
    }

    #[test]
    fn retry_after_as_a_date_is_judged_by_the_servers_own_clock() {
        let mut headers = HeaderMap::new();
        headers.insert(
            RETRY_AFTER,
            "Sun, 06 Nov 1994 08:49:40 GMT".parse().unwrap(),
        );
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        let reply = logs().judge(StatusCode::SERVICE_UNAVAILABLE, &headers, b"");
        assert_eq!(
            reply.verdict,
            Verdict::Again {
                floor: Duration::from_secs(3),
                pause: true,
                doubtful: false
            }
        );
    }
}
