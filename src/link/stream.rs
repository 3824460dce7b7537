//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::answer::{self, LONGEST_BODY};
use super::auth::Auth;
use super::body;
use super::client::{Client, Headers, Key, Limits, Unusable, header_value, over_http, shown};
use super::fault::NoAnswer;
use super::knock;
use super::login::{Login, Token};
pub use super::polling::Next;
use super::polling::Polling;
use super::reactor;
use super::variables::Variables;
use super::websocket::{self, Dialogue, Socket, Wire};
use crate::retry::verdict::{self, RetryAfter};
use crate::wire::envelope::LIMIT;
use crate::wire::feed::{Feed, Framing, StreamItem};
use crate::wire::foreign;
use crate::wire::words::shortened;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, HeaderMap, LOCATION,
};
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
    polling: Polling,
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
    Unusable(Unusable),
    /// The network or the server failed.
    Broken(String),
}

/// A connection that stands.
pub struct Connection {
    body: Body,
    /// How it carries events.
    pub framing: Framing,
}

enum Body {
    /// There is nothing new.
    Nothing,
    Stream(Box<body::Body>, Feed),
    Socket(Box<Socket>),
    /// Bytes that do not come over HTTP.
    Plain(Box<dyn Wire>, Feed),
}

/// What came of waiting for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Something was handed over.
    More,
    /// The other side has ended the connection as it should.
    End,
    /// The connection broke, or a WebSocket was closed; with the reason.
    Broken(String),
    /// What comes is something else than events: why.
    NotEvents(String),
}

/// Where connections come from: a server, or what stands for one in a test.
pub trait Source {
    /// The address, as it may be shown.
    fn shown(&self) -> String;
    /// Connects, from a position on if there is one.
    fn open(
        &self,
        token: Option<&str>,
        position: Option<&str>,
    ) -> impl Future<Output = Result<Connection, Fault>>;
    /// Logs in.
    fn log_in(&self, login: &Login) -> impl Future<Output = Result<Token, Fault>>;
    /// Exchanges a token that is still good for a new one.
    fn renew(&self, login: &Login, token: &str) -> impl Future<Output = Result<Token, Fault>>;
    /// A page has come whole: what is asked for after it.
    fn page_ended(&self) -> Next {
        Next::Later
    }
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
        let sent = tokio::time::timeout(PATIENCE, reactor::run(request.send()))
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
        match knock::ask(to).await {
            Some(what) => Err(Fault::NotEvents(format!("{}: {what}", shown(to)))),
            None => Ok(()),
        }
    }

    /// How an answer carries events: as was asked for, unless it is plainly something else.
    fn framing_of(&self, content_type: &str) -> Option<Framing> {
        match &self.framing {
            None => Framing::of(content_type),
            Some(wanted) => Some(wanted.clone()).filter(|one| one.may_come_as(content_type)),
        }
    }

    /// What an answer is that carries no events.
    async fn other(&self, response: Response) -> Fault {
        let content_type = answer::content_type(response.headers()).to_owned();
        let (shown, body) = (self.shown(), beginning(response).await.1);
        let what = match (foreign::named(&body), content_type.as_str()) {
            (Some(what), _) if what.starts_with("it ") => {
                return Fault::NotEvents(format!("{shown}: {what}"));
            }
            (Some(what), "") => return Fault::NotEvents(format!("{shown} answers with {what}")),
            (Some(what), other) => {
                let other = shortened(other.to_owned());
                return Fault::NotEvents(format!("{shown} answers with '{other}', {what}"));
            }
            (None, "") => "no content type".to_owned(),
            (None, other) => format!("'{}'", shortened(other.to_owned())),
        };
        Fault::NotEvents(format!(
            "{shown} answers with {what}, which is not an event stream"
        ))
    }

    /// What is wanted, the best first.
    fn accepted(&self) -> &'static str {
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
    let mut said = format!("{status} from {}", shown(to));
    let (headers, body) = beginning(response).await;
    if let Some(what) = elsewhere(status, &headers, to).or_else(|| {
        let what = foreign::named(&body)?;
        what.starts_with("it ").then_some(what)
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

impl Source for Server {
    fn shown(&self) -> String {
        shown(&self.events)
    }

    async fn open(&self, token: Option<&str>, position: Option<&str>) -> Result<Connection, Fault> {
        let client = self.client.get().map_err(Fault::Unusable)?;
        let mut events = over_http(&self.events);
        if let (Some(name), Some(position)) = (&self.cursor, position) {
            events.query_pairs_mut().append_pair(name, position);
        }
        let (events, conditions) = self.polling.request(events);
        let mut request = client
            .get(events.clone())
            .headers(self.headers.map().clone())
            .headers(conditions)
            // A compressed stream would hold events back.
            .header(ACCEPT_ENCODING, "identity")
            .header(CACHE_CONTROL, "no-store");
        if let Some(token) = token {
            let (name, value) = self.auth.header(token).map_err(Fault::Unusable)?;
            request = request.header(name, value);
        }
        // A position that no header can hold was never one.
        if let (None, Some(position)) = (&self.cursor, position)
            && let Ok(position) = header_value("the position", position)
        {
            request = request.header("Last-Event-ID", position);
        }
        let secret = token.unwrap_or_default();
        if self.framing == Some(Framing::Messages) {
            let (request, key) = websocket::request(request, &self.dialogue);
            let response = self.send(request, &[101], &self.events, secret).await?;
            websocket::check(&response, &key, &self.dialogue).map_err(|why| {
                let shown = self.shown();
                Fault::NotEvents(format!("{shown} does not speak WebSocket: {why}"))
            })?;
            let mut socket = Socket::upgrade(response, LIMIT).await?;
            socket.begin(&self.dialogue, secret, position.unwrap_or_default());
            return Ok(Connection {
                body: Body::Socket(Box::new(socket)),
                framing: Framing::Messages,
            });
        }
        let request = request.header(ACCEPT, self.accepted());
        let is_paged = self.polling.is_paged() || self.framing.as_ref().is_some_and(Framing::ends);
        let wanted: &[u16] = if is_paged { &[200, 204, 304] } else { &[200] };
        let response = self.send(request, wanted, &self.events, secret).await?;
        if response.status() != StatusCode::OK {
            self.polling.unchanged();
            return Ok(Connection {
                body: Body::Nothing,
                framing: Framing::Document,
            });
        }
        let Some(framing) = self.framing_of(answer::content_type(response.headers())) else {
            return Err(self.other(response).await);
        };
        self.polling
            .answered(&events, framing.ends(), response.headers());
        let coding = answer::coding(response.headers())
            .map_err(|error| Fault::NotEvents(format!("{}: {error}", self.shown())))?;
        Ok(Connection {
            body: Body::Stream(
                Box::new(body::Body::of(response, coding)),
                Feed::new(&framing),
            ),
            framing,
        })
    }

    async fn log_in(&self, login: &Login) -> Result<Token, Fault> {
        login.log_in(self).await
    }

    async fn renew(&self, login: &Login, token: &str) -> Result<Token, Fault> {
        login.renew(self, token).await
    }

    fn page_ended(&self) -> Next {
        self.polling.ended()
    }
}

impl Connection {
    /// Reads what comes over something that is not an HTTP connection.
    pub fn over(wire: Box<dyn Wire>, framing: Framing) -> Connection {
        let body = if framing == Framing::Messages {
            Body::Socket(Box::new(Socket::over(wire, LIMIT)))
        } else {
            Body::Plain(wire, Feed::new(&framing))
        };
        Connection { body, framing }
    }

    /// Waits for more and hands it over. May be dropped while it waits and called again without
    /// losing anything.
    pub async fn read(&mut self, take: &mut impl FnMut(StreamItem<'_>)) -> Read {
        match &mut self.body {
            Body::Nothing => Read::End,
            Body::Socket(socket) => match socket.read(take).await {
                Ok(()) => Read::More,
                Err(websocket::Ended::Closed(why)) => Read::Broken(why),
                Err(websocket::Ended::NotEvents(why)) => Read::NotEvents(why),
            },
            Body::Stream(_, feed) if feed.is_finishing() => end(feed, take),
            Body::Stream(body, feed) => match body.next().await {
                Ok(Some(bytes)) => {
                    feed.push(bytes, take);
                    Read::More
                }
                Ok(None) => end(feed, take),
                Err(why) => Read::Broken(why),
            },
            Body::Plain(wire, feed) => {
                let mut block = [0; 512];
                match tokio::io::AsyncReadExt::read(wire, &mut block).await {
                    Ok(0) => end(feed, take),
                    Ok(read) => {
                        feed.push(&block[..read], take);
                        Read::More
                    }
                    Err(error) => Read::Broken(error.to_string()),
                }
            }
        }
    }
}

fn end(feed: &mut Feed, take: &mut impl FnMut(StreamItem<'_>)) -> Read {
    if feed.is_cut() {
        return Read::Broken("the document broke off".to_owned());
    }
    if feed.finish(take) {
        Read::More
    } else {
        Read::End
    }
}
