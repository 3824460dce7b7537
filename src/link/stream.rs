//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::address::{over_http, shown};
use super::answer;
use super::body;
use super::handshake;
use super::headers::header_value;
use super::login::{Login, Token};
pub use super::polling::Next;
use super::server::{Fault, Server};
use super::websocket::{Socket, SocketEnd, Wire};
use crate::wire::envelope::LIMIT;
use crate::wire::feed::{Feed, Framing, StreamItem};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL};
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

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
    async fn open_socket(
        &self,
        request: RequestBuilder,
        secret: &str,
        position: &str,
    ) -> Result<Connection, Fault> {
        let (request, key) = handshake::request(request, &self.dialogue);
        let response = self.send(request, &[101], &self.events, secret).await?;
        handshake::check(&response, &key, &self.dialogue).map_err(|why| {
            let shown = self.shown();
            Fault::NotEvents(format!("{shown} does not speak WebSocket: {why}"))
        })?;
        let socket = Socket::upgrade(response, LIMIT).await;
        let mut socket = socket.map_err(Fault::Broken)?;
        socket.begin(&self.dialogue, secret, position);
        Ok(Connection {
            body: Body::Socket(Box::new(socket)),
            framing: Framing::Messages,
        })
    }

    async fn open_stream(
        &self,
        request: RequestBuilder,
        asked: &Url,
        secret: &str,
    ) -> Result<Connection, Fault> {
        let request = request.header(ACCEPT, self.accepted());
        let is_paged = self.polling.is_paged() || self.framing.as_ref().is_some_and(Framing::ends);
        let wanted: &[u16] = if is_paged { &[200, 204, 304] } else { &[200] };
        let response = self.send(request, wanted, &self.events, secret).await?;
        let headers = response.headers();
        if response.status() != StatusCode::OK {
            self.polling.unchanged();
            return Ok(Connection {
                body: Body::Nothing,
                framing: Framing::Document,
            });
        }
        let Some(framing) = self.framing_of(answer::content_type(headers)) else {
            return Err(self.other(response).await);
        };
        self.polling.answered(asked, framing.ends(), headers);
        let coding = answer::coding(headers)
            .map_err(|error| Fault::NotEvents(format!("{}: {error}", self.shown())))?;
        let body = Box::new(body::Body::of(response, coding));
        Ok(Connection {
            body: Body::Stream(body, Feed::new(&framing)),
            framing,
        })
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
            self.open_socket(request, secret, position.unwrap_or_default())
                .await
        } else {
            self.open_stream(request, &events, secret).await
        }
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
                Err(SocketEnd::Closed(why)) => Read::Broken(why),
                Err(SocketEnd::NotEvents(why)) => Read::NotEvents(why),
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
