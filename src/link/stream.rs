//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::address::{over_http, shown};
use super::answer;
use super::body;
use super::handshake;
use super::headers::header_value;
use super::login::{IssuedToken, LoginRequest};
pub use super::polling::Next;
use super::server::{EventServer, StreamFault};
use super::websocket::{Socket, SocketEnd, Wire};
use crate::wire::envelope::LIMIT;
use crate::wire::feed::{FeedDecoder, Framing, StreamItem};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL};
use reqwest::{RequestBuilder, StatusCode};
use url::Url;

/// An open connection.
pub struct StreamConnection {
    body: StreamBody,
    /// How it carries events.
    pub framing: Framing,
}

enum StreamBody {
    /// There is nothing new.
    Nothing,
    Stream(Box<body::ResponseBody>, FeedDecoder),
    Socket(Box<Socket>),
    /// Bytes that do not come over HTTP.
    Plain(Box<dyn Wire>, FeedDecoder),
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

/// Where connections come from: a server, or its replacement in a test.
pub trait EventSource {
    /// The address, as it may be shown.
    fn shown(&self) -> String;
    /// Connects, from a position on if there is one.
    fn open(
        &self,
        token: Option<&str>,
        position: Option<&str>,
    ) -> impl Future<Output = Result<StreamConnection, StreamFault>>;
    /// Logs in.
    fn log_in(
        &self,
        login: &LoginRequest,
    ) -> impl Future<Output = Result<IssuedToken, StreamFault>>;
    /// Exchanges a token that is still good for a new one.
    fn renew(
        &self,
        login: &LoginRequest,
        token: &str,
    ) -> impl Future<Output = Result<IssuedToken, StreamFault>>;
    /// A page has come whole: what is asked for after it.
    fn page_ended(&self) -> Next {
        Next::Later
    }
}

impl EventServer {
    async fn open_socket(
        &self,
        request: RequestBuilder,
        secret: &str,
        position: &str,
    ) -> Result<StreamConnection, StreamFault> {
        let (request, key) = handshake::request(request, &self.dialogue);
        let response = self.send(request, &[101], &self.events, secret).await?;
        handshake::check(&response, &key, &self.dialogue).map_err(|why| {
            let shown = self.shown();
            StreamFault::NotEvents(format!("{shown} does not speak WebSocket: {why}"))
        })?;
        let socket = Socket::upgrade(response, LIMIT).await;
        let mut socket = socket.map_err(StreamFault::Broken)?;
        socket.begin(&self.dialogue, secret, position);
        Ok(StreamConnection {
            body: StreamBody::Socket(Box::new(socket)),
            framing: Framing::Messages,
        })
    }

    async fn open_stream(
        &self,
        request: RequestBuilder,
        asked: &Url,
        secret: &str,
    ) -> Result<StreamConnection, StreamFault> {
        let request = request.header(ACCEPT, self.accepted());
        let is_paged = self.polling.is_paged() || self.framing.as_ref().is_some_and(Framing::ends);
        let wanted: &[u16] = if is_paged { &[200, 204, 304] } else { &[200] };
        let response = self.send(request, wanted, &self.events, secret).await?;
        let headers = response.headers();
        if response.status() != StatusCode::OK {
            self.polling.unchanged();
            return Ok(StreamConnection {
                body: StreamBody::Nothing,
                framing: Framing::Document,
            });
        }
        let Some(framing) = self.framing_of(answer::content_type(headers)) else {
            return Err(self.other(response).await);
        };
        self.polling.answered(asked, framing.ends(), headers);
        let coding = answer::coding(headers)
            .map_err(|error| StreamFault::NotEvents(format!("{}: {error}", self.shown())))?;
        let body = Box::new(body::ResponseBody::of(response, coding));
        Ok(StreamConnection {
            body: StreamBody::Stream(body, FeedDecoder::new(&framing)),
            framing,
        })
    }
}

impl EventSource for EventServer {
    fn shown(&self) -> String {
        shown(&self.events)
    }

    async fn open(
        &self,
        token: Option<&str>,
        position: Option<&str>,
    ) -> Result<StreamConnection, StreamFault> {
        let client = self.client.get().map_err(StreamFault::Unusable)?;
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
            let (name, value) = self.auth.header(token).map_err(StreamFault::Unusable)?;
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

    async fn log_in(&self, login: &LoginRequest) -> Result<IssuedToken, StreamFault> {
        login.log_in(self).await
    }

    async fn renew(&self, login: &LoginRequest, token: &str) -> Result<IssuedToken, StreamFault> {
        login.renew(self, token).await
    }

    fn page_ended(&self) -> Next {
        self.polling.ended()
    }
}

impl StreamConnection {
    /// Reads what comes over something that is not an HTTP connection.
    pub fn over(wire: Box<dyn Wire>, framing: Framing) -> StreamConnection {
        let body = if framing == Framing::Messages {
            StreamBody::Socket(Box::new(Socket::over(wire, LIMIT)))
        } else {
            StreamBody::Plain(wire, FeedDecoder::new(&framing))
        };
        StreamConnection { body, framing }
    }

    /// Waits for more and hands it over. May be dropped while it waits and called again without
    /// losing anything.
    pub async fn read(&mut self, take: &mut impl FnMut(StreamItem<'_>)) -> Read {
        match &mut self.body {
            StreamBody::Nothing => Read::End,
            StreamBody::Socket(socket) => match socket.read(take).await {
                Ok(()) => Read::More,
                Err(SocketEnd::Closed(why)) => Read::Broken(why),
                Err(SocketEnd::NotEvents(why)) => Read::NotEvents(why),
            },
            StreamBody::Stream(_, feed) if feed.is_finishing() => end(feed, take),
            StreamBody::Stream(body, feed) => match body.next().await {
                Ok(Some(bytes)) => {
                    feed.push(bytes, take);
                    Read::More
                }
                Ok(None) => end(feed, take),
                Err(why) => Read::Broken(why),
            },
            StreamBody::Plain(wire, feed) => {
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

fn end(feed: &mut FeedDecoder, take: &mut impl FnMut(StreamItem<'_>)) -> Read {
    if feed.is_cut() {
        return Read::Broken("the document ended early".to_owned());
    }
    if feed.finish(take) {
        Read::More
    } else {
        Read::End
    }
}
