//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::answer::{self, LONGEST_BODY};
use super::body;
use super::client::{
    Client, Headers, Key, Limits, Unusable, bearer, header_value, over_http, shown,
};
use super::fault::NoAnswer;
use super::login::{Login, Token};
use super::reactor;
use super::variables::Variables;
use super::websocket::{self, Socket, Wire};
use crate::retry::verdict::RetryAfter;
use crate::wire::envelope::LIMIT;
use crate::wire::feed::{Feed, Framing, StreamItem};
use crate::wire::words::shortened;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL};
use reqwest::{RequestBuilder, Response};
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

    /// Sends a request and waits for the head of the answer, whose status must be this one. A
    /// server that repeats the secret must not make us show it.
    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        wanted: u16,
        to: &Url,
        secret: &str,
    ) -> Result<Response, Fault> {
        let sent = tokio::time::timeout(PATIENCE, reactor::run(request.send()))
            .await
            .map_err(|_| Fault::Broken(format!("no answer from {}", shown(to))))?;
        match sent {
            Ok(response) if response.status() == wanted => Ok(response),
            Ok(response) => Err(refused(response, to, secret).await),
            Err(error) => Err(Fault::NoAnswer(
                NoAnswer::of(&error, &self.client, to).await,
            )),
        }
    }

    /// How an answer carries events: as was asked for, unless it is plainly something else.
    fn framing_of(&self, response: &Response) -> Result<Framing, Fault> {
        let content_type = answer::content_type(response.headers());
        let framing = match &self.framing {
            None => Framing::of(content_type),
            Some(wanted) => Some(wanted.clone()).filter(|one| one.may_come_as(content_type)),
        };
        framing.ok_or_else(|| {
            let what = if content_type.is_empty() {
                "no content type".to_owned()
            } else {
                format!("'{}'", shortened(content_type.to_owned()))
            };
            Fault::NotEvents(format!(
                "{} answers with {what}, which is not an event stream",
                self.shown()
            ))
        })
    }
}

/// What an answer with another status says, in one line.
async fn refused(mut response: Response, to: &Url, secret: &str) -> Fault {
    let headers = std::mem::take(response.headers_mut());
    let status = response.status();
    let mut said = format!("{status} from {}", shown(to));
    let mut body = Vec::new();
    // An explanation that does not come in time is done without.
    let _ = tokio::time::timeout(PATIENCE, answer::read(response, LONGEST_BODY, &mut body)).await;
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
        let mut request = client
            .get(events)
            .headers(self.headers.map().clone())
            // A compressed stream would hold events back.
            .header(ACCEPT_ENCODING, "identity")
            .header(CACHE_CONTROL, "no-store");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, bearer(token).map_err(Fault::Unusable)?);
        }
        // A position that no header can hold was never one.
        if let (None, Some(position)) = (&self.cursor, position)
            && let Ok(position) = header_value("the position", position)
        {
            request = request.header("Last-Event-ID", position);
        }
        let secret = token.unwrap_or_default();
        if self.framing == Some(Framing::Messages) {
            let (request, key) = websocket::request(request);
            let response = self.send(request, 101, &self.events, secret).await?;
            websocket::check(&response, &key).map_err(|why| {
                let shown = self.shown();
                Fault::NotEvents(format!("{shown} does not speak WebSocket: {why}"))
            })?;
            return Ok(Connection {
                body: Body::Socket(Box::new(Socket::upgrade(response, LIMIT).await?)),
                framing: Framing::Messages,
            });
        }
        let wanted = "text/event-stream, application/x-ndjson, application/json;q=0.5";
        let request = request.header(ACCEPT, wanted);
        let response = self.send(request, 200, &self.events, secret).await?;
        let framing = self.framing_of(&response)?;
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
            Body::Socket(socket) => match socket.read(take).await {
                Ok(()) => Read::More,
                Err(why) => Read::Broken(why),
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
