//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::ahead::Ahead;
use super::client::{Client, Headers, Limits, Unusable, causes, over_http, shown};
use super::login::{Login, Token};
use super::reactor;
#[cfg(test)]
use super::websocket::Wire;
use super::websocket::{self, Socket};
use crate::model::timestamp::Timestamp;
use crate::wire::envelope::LIMIT;
use crate::wire::feed::{Carrier, Feed, Said};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response};
use std::error::Error;
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
    pub carrier: Option<Carrier>,
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
    /// The secure connection could not be made.
    Tls(String),
    /// The request cannot be made at all.
    Unusable(Unusable),
    /// The network or the server failed.
    Broken(String),
}

/// A connection that stands.
pub struct Connection {
    body: Body,
    /// How it carries events.
    pub carrier: Carrier,
}

enum Body {
    Stream(Ahead, Feed),
    Socket(Box<Socket>),
    /// Bytes without a network, for tests.
    #[cfg(test)]
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
    pub fn new(events: Url, headers: Headers, carrier: Option<Carrier>) -> Server {
        let limits = Limits {
            connect: Duration::from_secs(10),
            read: None,
            idle: 1,
        };
        let mut client = Client::new(&events, limits);
        if carrier == Some(Carrier::Messages) {
            client = client.upgradable();
        }
        Server {
            client,
            headers,
            events,
            carrier,
            cursor: None,
        }
    }

    pub(super) async fn send(
        &self,
        request: RequestBuilder,
        wanted: u16,
        to: &Url,
    ) -> Result<Response, Fault> {
        let shown = shown(to);
        let response = tokio::time::timeout(PATIENCE, reactor::run(request.send()))
            .await
            .map_err(|_| Fault::Broken(format!("no answer from {shown}")))?
            .map_err(|error| broken(&error, &shown))?;
        if response.status() == wanted {
            return Ok(response);
        }
        Err(Fault::Status {
            code: response.status().as_u16(),
            said: format!("{} from {shown}", response.status()),
            retry_after: retry_after(&response),
        })
    }
}

fn broken(error: &reqwest::Error, shown: &str) -> Fault {
    let causes = causes(error);
    if is_tls(error) {
        Fault::Tls(format!("the secure connection to {shown} failed: {causes}"))
    } else if error.is_connect() {
        Fault::Broken(format!("cannot connect to {shown}: {causes}"))
    } else {
        Fault::Broken(format!("the connection to {shown} broke: {causes}"))
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
            request = request.bearer_auth(token);
        }
        if let (None, Some(position)) = (&self.cursor, position) {
            request = request.header("Last-Event-ID", position.as_bytes());
        }
        if self.carrier == Some(Carrier::Messages) {
            let (request, key) = websocket::request(request);
            let response = self.send(request, 101, &self.events).await?;
            websocket::check(&response, &key).map_err(|why| {
                let shown = self.shown();
                Fault::NotEvents(format!("{shown} does not speak WebSocket: {why}"))
            })?;
            return Ok(Connection {
                body: Body::Socket(Box::new(Socket::upgrade(response, LIMIT).await?)),
                carrier: Carrier::Messages,
            });
        }
        let wanted = "text/event-stream, application/x-ndjson, application/json;q=0.5";
        let response = self
            .send(request.header(ACCEPT, wanted), 200, &self.events)
            .await?;
        let carrier = match &self.carrier {
            Some(carrier) => carrier.clone(),
            None => told(&response)?,
        };
        Ok(Connection {
            body: Body::Stream(Ahead::of(response), Feed::new(&carrier)),
            carrier,
        })
    }

    async fn log_in(&self, login: &Login) -> Result<Token, Fault> {
        login.log_in(self).await
    }

    async fn renew(&self, login: &Login, token: &str) -> Result<Token, Fault> {
        login.renew(self, token).await
    }
}

fn told(response: &Response) -> Result<Carrier, Fault> {
    let header = response.headers().get(CONTENT_TYPE);
    let content_type = header.map_or("", |value| value.to_str().unwrap_or("?"));
    Carrier::of(content_type).ok_or_else(|| {
        let what = if content_type.is_empty() {
            "no content type".to_owned()
        } else {
            format!("'{content_type}'")
        };
        let shown = shown(response.url());
        Fault::NotEvents(format!(
            "{shown} answers with {what}, which is no event stream"
        ))
    })
}

/// The server's clock, if it told it.
pub(super) fn date(response: &Response) -> Option<Timestamp> {
    Timestamp::parse_http(response.headers().get(DATE)?.to_str().ok()?)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    let longest = Duration::from_secs(15 * 60);
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(longest));
    }
    // A date counts by the server's own clock.
    let millis = Timestamp::parse_http(text)?.millis_since(date(response)?);
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(longest))
}

fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let wrapped = inner
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>);
        if wrapped || inner.is::<rustls::Error>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

impl Connection {
    /// Reads what comes over a wire that is no network.
    #[cfg(test)]
    pub fn over(wire: Box<dyn Wire>, carrier: Carrier) -> Connection {
        let body = if carrier == Carrier::Messages {
            Body::Socket(Box::new(Socket::over(wire, LIMIT)))
        } else {
            Body::Plain(wire, Feed::new(&carrier))
        };
        Connection { body, carrier }
    }

    /// Waits for more and hands it over. May be dropped while it waits and called again without
    /// losing anything.
    pub async fn read(&mut self, take: &mut impl FnMut(Said<'_>)) -> Read {
        match &mut self.body {
            Body::Socket(socket) => match socket.read(take).await {
                Ok(()) => Read::More,
                Err(why) => Read::Broken(why),
            },
            Body::Stream(ahead, feed) => match ahead.next().await {
                Ok(Some(bytes)) => {
                    feed.push(bytes, take);
                    Read::More
                }
                Ok(None) => end(feed, take),
                Err(error) => Read::Broken(causes(&error)),
            },
            #[cfg(test)]
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

fn end(feed: &mut Feed, take: &mut impl FnMut(Said<'_>)) -> Read {
    if feed.is_cut() {
        return Read::Broken("the document broke off".to_owned());
    }
    feed.finish(take);
    Read::End
}
