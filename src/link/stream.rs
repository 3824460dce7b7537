//! The event stream of an automation server: one connection, and the bytes that come over it.

use super::client::{Client, Headers, Limits, Unusable, causes, shown};
use crate::model::timestamp::Timestamp;
use crate::wire::feed::Carrier;
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
#[derive(Debug)]
pub struct Connection {
    response: Response,
    /// How it carries events.
    pub carrier: Carrier,
}

impl Server {
    /// A server; nothing is connected yet.
    pub fn new(events: Url, headers: Headers, carrier: Option<Carrier>) -> Server {
        let limits = Limits {
            connect: Duration::from_secs(10),
            read: None,
            idle: 1,
        };
        Server {
            client: Client::new(&events, limits),
            headers,
            events,
            carrier,
        }
    }

    /// The address, as it may be shown.
    pub fn shown(&self) -> String {
        shown(&self.events)
    }

    /// Connects, from a position on if there is one.
    pub async fn open(
        &self,
        token: Option<&str>,
        position: Option<&str>,
    ) -> Result<Connection, Fault> {
        let client = self.client.get().map_err(Fault::Unusable)?;
        let mut request = client
            .get(self.events.clone())
            .headers(self.headers.map().clone())
            .header(
                ACCEPT,
                "text/event-stream, application/x-ndjson, application/json;q=0.5",
            )
            // A compressed stream would hold events back.
            .header(ACCEPT_ENCODING, "identity")
            .header(CACHE_CONTROL, "no-store");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(position) = position {
            request = request.header("Last-Event-ID", position.as_bytes());
        }
        let response = self.send(request).await?;
        let carrier = match self.carrier {
            Some(carrier) => carrier,
            None => told(&response)?,
        };
        Ok(Connection { response, carrier })
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Fault> {
        let response = tokio::time::timeout(PATIENCE, request.send())
            .await
            .map_err(|_| Fault::Broken(format!("no answer from {}", self.shown())))?
            .map_err(|error| self.broken(&error))?;
        if response.status() == 200 {
            return Ok(response);
        }
        Err(Fault::Status {
            code: response.status().as_u16(),
            said: format!("{} from {}", response.status(), shown(response.url())),
            retry_after: retry_after(&response),
        })
    }

    fn broken(&self, error: &reqwest::Error) -> Fault {
        let shown = self.shown();
        let causes = causes(error);
        if is_tls(error) {
            Fault::Tls(format!("the secure connection to {shown} failed: {causes}"))
        } else if error.is_connect() {
            Fault::Broken(format!("cannot connect to {shown}: {causes}"))
        } else {
            Fault::Broken(format!("the connection to {shown} broke: {causes}"))
        }
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
    /// The next bytes; none when the server has ended the stream as it should. May be dropped
    /// and called again without losing anything.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, String> {
        self.response.chunk().await.map_err(|error| causes(&error))
    }
}
