//! An automation server: how requests are sent to it, and what it means when they fail.

use super::address::{RequestError, shown};
use super::answer::{self, LONGEST_BODY};
use super::auth::Auth;
use super::client::{Client, Limits};
use super::fault::NoAnswer;
use super::headers::{Headers, Key};
use super::identify;
use super::network_thread;
use super::polling::Polling;
use super::variables::Variables;
use super::websocket::Dialogue;
use crate::retry::verdict::{self, RetryAfter};
use crate::wire::feed::Framing;
use crate::wire::foreign::{self, Foreign};
use crate::wire::words::shortened;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, LOCATION};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::cell::Cell;
use std::time::Duration;
use url::Url;

/// How long a connection and the head of its answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server whose events are followed.
#[derive(Debug)]
pub struct Server {
    pub(super) client: Client,
    pub(super) headers: Headers,
    /// Where the events are.
    pub events: Url,
    /// How they are carried; none when the content type is to tell.
    pub framing: Option<Framing>,
    /// The query parameter that carries the position in a request for a document.
    pub cursor: Option<String>,
    /// How a token is carried.
    pub auth: Auth,
    /// What is agreed on and said first over a WebSocket.
    pub dialogue: Dialogue,
    pub(super) polling: Polling,
    /// Whether it has ever answered.
    is_known: Cell<bool>,
}

/// Why there is no connection, or none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server answered with another status than 200.
    Status {
        /// The status.
        code: u16,
        /// What it said, in one line.
        said: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It answered with something that holds no events.
    NotEvents(String),
    /// There was no answer.
    NoAnswer(NoAnswer),
    /// The request cannot be made at all.
    Unusable(RequestError),
    /// The network or the server failed.
    Broken(String),
}

impl Server {
    /// A server; nothing is connected yet.
    pub fn new(events: Url, headers: Headers, framing: Option<Framing>) -> Server {
        let limits = Limits {
            connect: Duration::from_secs(10),
            read: None,
            idle: 1,
        };
        let mut client = Client::new(&events, limits);
        if framing == Some(Framing::Messages) {
            client = client.upgradable();
        }
        Server {
            client,
            headers,
            events,
            framing,
            cursor: None,
            auth: Auth::default(),
            dialogue: Dialogue::default(),
            polling: Polling::default(),
            is_known: Cell::new(false),
        }
    }

    /// The same server, heeding the variables of other programs.
    #[must_use]
    pub fn heeding(self, variables: Variables) -> Server {
        Server {
            client: self.client.heeding(variables),
            ..self
        }
    }

    /// Sends a request and waits for the head of the answer, whose status must be one of these. A
    /// server that repeats the secret must not make us show it.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        wanted: &[u16],
        to: &Url,
        secret: &str,
    ) -> Result<Response, Fault> {
        let sent = tokio::time::timeout(PATIENCE, network_thread::run(request.send()))
            .await
            .map_err(|_| Fault::Broken(format!("no answer from {}", shown(to))));
        match sent {
            Ok(Ok(response)) => {
                self.is_known.set(true);
                if wanted.contains(&response.status().as_u16()) {
                    Ok(response)
                } else {
                    Err(refused(response, to, secret).await)
                }
            }
            Ok(Err(error)) => {
                let none = NoAnswer::of(&error, &self.client, to).await;
                let met = matches!(none.fault, verdict::Fault::Unknown | verdict::Fault::Tls);
                self.named(met, to).await?;
                Err(Fault::NoAnswer(none))
            }
            Err(fault) => {
                self.named(true, to).await?;
                Err(fault)
            }
        }
    }

    /// Names what listens there, if it is something else than a web server. One that has answered
    /// before is not asked.
    async fn named(&self, is_met: bool, to: &Url) -> Result<(), Fault> {
        if !is_met || self.is_known.get() || self.client.has_proxy() {
            return Ok(());
        }
        match identify::ask(to).await {
            Some(what) => Err(Fault::NotEvents(format!("{}: {what}", shown(to)))),
            None => Ok(()),
        }
    }

    /// How an answer carries events: as was asked for, unless it is plainly something else.
    pub(super) fn framing_of(&self, content_type: &str) -> Option<Framing> {
        match &self.framing {
            None => Framing::of(content_type),
            Some(wanted) => Some(wanted.clone()).filter(|one| one.may_come_as(content_type)),
        }
    }

    /// What an answer is that carries no events.
    pub(super) async fn other(&self, response: Response) -> Fault {
        let content_type = answer::content_type(response.headers()).to_owned();
        let (shown, body) = (shown(&self.events), beginning(response).await.1);
        let what = match (foreign::named(&body), content_type.as_str()) {
            (Some(Foreign::Protocol(said)), _) => {
                return Fault::NotEvents(format!("{shown}: {said}"));
            }
            (Some(Foreign::Page(page)), "") => {
                return Fault::NotEvents(format!("{shown} answers with {page}"));
            }
            (Some(Foreign::Page(page)), other) => {
                let other = shortened(other.to_owned());
                return Fault::NotEvents(format!("{shown} answers with '{other}', {page}"));
            }
            (None, "") => "no content type".to_owned(),
            (None, other) => format!("'{}'", shortened(other.to_owned())),
        };
        Fault::NotEvents(format!(
            "{shown} answers with {what}, which is not an event stream"
        ))
    }

    /// What is wanted, the best first.
    pub(super) fn accepted(&self) -> &'static str {
        match self.framing {
            Some(Framing::Document | Framing::Page(_)) => "application/json, */*;q=0.1",
            Some(Framing::Lines) => "application/x-ndjson, application/json;q=0.5, */*;q=0.1",
            _ => "text/event-stream, application/x-ndjson, application/json;q=0.5",
        }
    }
}

/// The headers of an answer and the beginning of its body, decoded, as far as that comes in time.
async fn beginning(mut response: Response) -> (HeaderMap, Vec<u8>) {
    let mut headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, answer::read(response, LONGEST_BODY, &mut body)).await;
    if let Ok(Some(coding)) = answer::coding(&headers) {
        body = coding.beginning(&body, LONGEST_BODY).0;
        headers.remove(CONTENT_ENCODING);
    }
    (headers, body)
}

/// What an answer with another status says, in one line.
async fn refused(response: Response, to: &Url, secret: &str) -> Fault {
    let status = response.status();
    let mut said = format!("{} from {}", answer::named(status), shown(to));
    let (headers, body) = beginning(response).await;
    if let Some(what) = elsewhere(status, &headers, to).or_else(|| match foreign::named(&body)? {
        Foreign::Protocol(said) => Some(said),
        Foreign::Page(_) => None,
    }) {
        return Fault::NotEvents(format!("{said}: {what}"));
    }
    if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        // Once somebody has done that, the next attempt succeeds.
        said.push_str(": the network wants a login first (captive portal): open any page in a browser on this machine");
    }
    let words = answer::words(&headers, &body);
    for part in [words.title, words.detail].into_iter().flatten() {
        said.push_str(": ");
        said.push_str(&shortened(Key::new(secret).mask(part)));
    }
    Fault::Status {
        code: status.as_u16(),
        said,
        retry_after: answer::retry_after(&headers).map(RetryAfter::wait),
    }
}

/// Where an answer sends us, and why that is not followed.
fn elsewhere(status: StatusCode, headers: &HeaderMap, to: &Url) -> Option<String> {
    if status == StatusCode::UPGRADE_REQUIRED {
        return Some("it wants a WebSocket: --transport websocket".to_owned());
    }
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return None;
    }
    let target = to.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let leads = format!(
        "it redirects to {}, which is not followed",
        shortened(shown(&target))
    );
    let path = target.path().to_ascii_lowercase();
    let is_login = ["login", "signin", "sign-in", "sign_in", "auth", "sso"]
        .iter()
        .any(|word| path.contains(word));
    Some(match (target.host_str() == to.host_str(), to.scheme()) {
        _ if is_login => format!(
            "{leads}: it looks like a login; give a token (HIVELOG_SERVER_TOKEN), or a user name with the path of the login (login_path in the profile)"
        ),
        (false, "http" | "ws") => format!(
            "{leads}: perhaps the network wants a login first (captive portal); open any page in a browser on this machine"
        ),
        _ => format!(
            "{leads}: give that address with --server and --events-path if it is the right one"
        ),
    })
}
