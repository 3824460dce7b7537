//! The event log API: one PUT for each record, and what its answer means.

use super::address::{RequestError, shown};
use super::answer::{self, LONGEST_BODY};
use super::client::{Client, ClientLimits};
use super::fault::NoAnswer;
use super::headers::{Headers, MaskedKey};
use super::variables::Variables;
use crate::model::delivery::Problem;
use crate::retry::verdict::{Answer, Hold, RetryOn, TransportError, Verdict};
use crate::wire::words::shortened;
use bytes::Bytes;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, Request, StatusCode};
use std::time::Duration;
use url::Url;

/// Where event logs go, and how.
#[derive(Debug)]
pub struct EventLogs {
    client: Client,
    url: Url,
    headers: HeaderMap,
    retry_on: RetryOn,
    timeout: Duration,
    key: MaskedKey,
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
    /// A destination. `key` is masked wherever an answer repeats it; `jobs` connections stay open.
    pub fn new(
        url: Url,
        headers: Headers,
        key: MaskedKey,
        retry_on: RetryOn,
        timeout: Duration,
        jobs: usize,
    ) -> EventLogs {
        let limits = ClientLimits {
            // Shorter than the whole, to distinguish a connection that was never made from an
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

    /// The same destination, with the proxy variables of the environment.
    #[must_use]
    pub fn with_variables(self, variables: Variables) -> EventLogs {
        EventLogs {
            client: self.client.with_variables(variables),
            ..self
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
            answer::read(response, wanted, &mut said).await;
            Ok::<_, reqwest::Error>(())
        };
        let ended = tokio::time::timeout(self.timeout, exchange).await;
        match (head, ended) {
            // The head has the verdict; a body that breaks off or never ends changes nothing.
            (Some((status, headers)), _) => self.judge(status, &headers, &said),
            (None, Ok(Err(error))) => self.broken(&error).await,
            (None, _) => {
                let title = format!("no answer within {}", plain(self.timeout));
                self.fault(TransportError::Unknown, title, None)
            }
        }
    }

    fn request(&self, body: Bytes) -> Request {
        let mut request = Request::new(Method::PUT, self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = Some(body.into());
        request
    }

    fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Reply {
        let said = answer::words(headers, body);
        let answer = Answer {
            status: status.as_u16(),
            kind: said.kind.as_deref(),
            type_code: said.type_code.as_deref(),
            retry_after: answer::retry_after(headers),
        };
        let verdict = self.retry_on.judge(&answer);
        let problem = (verdict != Verdict::Delivered).then(|| {
            let redirect = headers
                .get(LOCATION)
                .filter(|_| status.is_redirection())
                .map(|to| {
                    format!(
                        "the server redirects to {}; redirects are never followed, because the key would be sent along",
                        String::from_utf8_lossy(to.as_bytes())
                    )
                });
            let usual = answer::named(status);
            // Where a redirect leads is what there is to know: its page repeats the status.
            let words = said.detail.filter(|words| *words != usual);
            let detail = match (redirect, words) {
                (Some(redirect), Some(words)) => Some(format!("{redirect}; it says: {words}")),
                (redirect, words) => redirect.or(words),
            };
            Problem {
                title: self.mask(said.title.unwrap_or(usual)),
                detail: detail.map(|text| self.mask(text)),
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

    async fn broken(&self, error: &reqwest::Error) -> Reply {
        let NoAnswer {
            fault,
            title,
            cause,
        } = NoAnswer::of(error, &self.client, &self.url).await;
        self.fault(fault, title, Some(cause))
    }

    fn fault(&self, fault: TransportError, title: String, detail: Option<String>) -> Reply {
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

    /// As much of a server's text as is shown. One that repeats the key must not make us show or
    /// keep it.
    fn mask(&self, text: String) -> String {
        shortened(self.key.mask(text))
    }
}

fn unsendable(unusable: RequestError) -> Reply {
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

fn plain(duration: Duration) -> String {
    crate::model::duration::plain_duration(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs() -> EventLogs {
        EventLogs::new(
            Url::parse("http://127.0.0.1:1/x").unwrap(),
            Headers::default(),
            MaskedKey::new("canary"),
            RetryOn::default(),
            Duration::from_secs(1),
            1,
        )
    }

    #[test]
    fn a_problem_is_reported_in_the_servers_words_with_the_key_masked() {
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
    fn a_body_that_is_no_problem_leaves_the_title_to_the_status() {
        for (body, detail) in [
            (&b"<html>canary</html>"[..], None),
            (b"", None),
            (b"{\"error\":\"no canary\"}", Some("no ***")),
            (b"text", Some("text")),
            (b"\xff", None),
        ] {
            let reply = logs().judge(StatusCode::BAD_REQUEST, &HeaderMap::new(), body);
            let problem = reply.problem.unwrap();
            assert_eq!(problem.title, "400 Bad Request");
            assert_eq!(problem.detail.as_deref(), detail);
        }
    }

    #[test]
    fn a_key_that_is_cut_off_is_masked_all_the_same() {
        let text = format!("{}canary", "x".repeat(297));
        let reply = logs().judge(StatusCode::BAD_REQUEST, &HeaderMap::new(), text.as_bytes());
        let detail = reply.problem.unwrap().detail.unwrap();
        assert!(!detail.contains("can"), "{detail}");
    }
}
