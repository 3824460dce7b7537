//! An HTTP receiver for what an event trigger's flow sends: answers at once, in order, bounded.
//!
//! It works on a thread of its own, so that a reader who stalls the showing does not stall the
//! answers: a flow waits for them.

use crate::serve::{self, page};
use crate::wire::posted::{LARGEST_BODY, Posted, Unreadable};
use crate::wire::words::shortened;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use zeroize::Zeroizing;

/// How many requests wait to be shown, at most.
const QUEUE: usize = 1024;

/// How many bytes of bodies are held, at most: those that wait and those that are being read.
const ROOM: usize = 2 * LARGEST_BODY;

/// How much of a body that is too large is still read, so that its sender sees the answer.
const POLITENESS: usize = 2 * LARGEST_BODY;

/// How long a body may take once its head was read.
const PATIENCE: Duration = Duration::from_secs(30);

/// What connections may cost.
const LIMITS: serve::Limits = serve::Limits {
    connections: 256,
    head: Duration::from_secs(30),
};

/// How long answers that are on their way are waited for in the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// How requests are judged.
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// The one path that is taken; none for any.
    pub path: Option<String>,
    /// The header that must carry the shared secret.
    pub secret_header: String,
    /// The shared secret, if there is one.
    pub secret: Option<Zeroizing<String>>,
}

/// A receiver that is bound but does not serve yet.
pub struct Listener {
    socket: TcpListener,
    gate: Arc<Gate>,
    queue: mpsc::Receiver<Received>,
}

struct Gate {
    options: Options,
    /// Where the envelope is in each value.
    envelope: String,
    room: Arc<Semaphore>,
    queue: mpsc::Sender<Received>,
}

/// A request that was answered.
pub struct Received {
    /// What came of it.
    pub outcome: Outcome,
    _room: Option<OwnedSemaphorePermit>,
}

/// What came of a request.
pub enum Outcome {
    /// It was taken: these are its JSON values, whose events can be read.
    Taken(Vec<Vec<u8>>),
    /// It was refused, and why.
    Refused(String),
}

/// What is received, for as long as this is kept.
pub struct Receiving {
    /// The requests in the order in which they came.
    pub requests: mpsc::Receiver<Received>,
    /// Why no more will come, should that happen.
    pub failed: oneshot::Receiver<io::Error>,
    open: Option<oneshot::Sender<()>>,
    gone: std::sync::mpsc::Receiver<()>,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.open = None;
        let _ = self.gone.recv_timeout(FAREWELL);
    }
}

impl Listener {
    /// Binds the address; the events stand at `envelope` in what is sent.
    pub fn bind(options: Options, envelope: &str) -> io::Result<Listener> {
        let socket = TcpListener::bind(options.address)?;
        socket.set_nonblocking(true)?;
        let (sender, queue) = mpsc::channel(QUEUE);
        Ok(Listener {
            socket,
            gate: Arc::new(Gate {
                options,
                envelope: envelope.to_owned(),
                room: Arc::new(Semaphore::new(ROOM)),
                queue: sender,
            }),
            queue,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Begins to receive.
    pub fn serve(self) -> io::Result<Receiving> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let router = Router::new().fallback(receive).with_state(self.gate);
        let (failure, failed) = oneshot::channel();
        let (open, closed) = oneshot::channel::<()>();
        let serving = async move {
            let socket = tokio::net::TcpListener::from_std(self.socket)?;
            let meet = |stream, _| (stream, router.clone());
            serve::serve(socket, LIMITS, meet, async { drop(closed.await) }).await;
            Ok(())
        };
        let (going, gone) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("receiver".into())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serving) {
                    // Whoever does not listen any more does not care.
                    let _ = failure.send(error);
                }
                drop(going);
            })?;
        Ok(Receiving {
            requests: self.queue,
            failed,
            open: Some(open),
            gone,
        })
    }
}

async fn receive(
    State(gate): State<Arc<Gate>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = match gate.judge(&method, &uri, &headers) {
        Ok(()) => gate.take(&headers, body).await,
        Err(refusal) => Err(refusal),
    };
    match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            gate.report(&method, &uri, &refusal);
            refusal.into_response()
        }
    }
}

/// Why a request is not taken.
struct Refusal {
    status: StatusCode,
    reason: String,
    /// What the sender can do about it.
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<String>) -> Refusal {
        Refusal {
            status,
            reason: reason.into(),
            header: None,
        }
    }

    fn with(mut self, name: HeaderName, value: &str) -> Refusal {
        self.header = HeaderValue::from_str(value).ok().map(|value| (name, value));
        self
    }

    /// The sender may try again soon.
    fn behind() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the reader is behind").with(RETRY_AFTER, "1")
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Refusal {
        match unreadable {
            Unreadable::Malformed(why) => Refusal::new(StatusCode::BAD_REQUEST, why),
            Unreadable::TooLarge(why) => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why),
            Unreadable::Unsupported(why) => Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
                .with(ACCEPT_ENCODING, "gzip, deflate"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.reason }).to_string() + "\n";
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(CONTENT_TYPE, json)], body).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}

impl Gate {
    /// What a request must be before its body is looked at.
    fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let options = &self.options;
        if page::is_foreign(method, headers, options.address.ip().is_loopback()) {
            let why =
                "events are not taken from web pages, nor under another name than this machine's";
            return Err(Refusal::new(StatusCode::FORBIDDEN, why));
        }
        let path = options.path.as_deref();
        if path.is_some_and(|path| path != uri.path()) {
            let why = "events are not taken at this path";
            return Err(Refusal::new(StatusCode::NOT_FOUND, why));
        }
        if !matches!(*method, Method::POST | Method::PUT) {
            let why = "events come by POST or PUT";
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why);
            return Err(refusal.with(ALLOW, "POST, PUT"));
        }
        let Some(secret) = &options.secret else {
            return Ok(());
        };
        let name = &options.secret_header;
        let given = headers.get(name).map(HeaderValue::as_bytes);
        if given.is_some_and(|given| same(given, secret.as_bytes())) {
            return Ok(());
        }
        let why = format!("the shared secret in {name} is missing or wrong");
        let scheme = format!("SharedSecret realm=\"hivelog\", header=\"{name}\"");
        Err(Refusal::new(StatusCode::UNAUTHORIZED, why).with(WWW_AUTHENTICATE, &scheme))
    }

    /// Takes the events of a request, all of them or none.
    async fn take(&self, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
        let (bytes, mut room) = tokio::time::timeout(PATIENCE, self.read(body))
            .await
            .map_err(|_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not come"))??;
        let values = posted(headers).events(&bytes, &self.envelope)?;
        let held: usize = values.iter().map(Vec::len).sum();
        match held.checked_sub(room.num_permits()) {
            Some(more) => room.merge(self.reserve(more)?),
            None => drop(room.split(room.num_permits() - held)),
        }
        let received = Received {
            outcome: Outcome::Taken(values),
            _room: Some(room),
        };
        self.queue.try_send(received).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::behind(),
            TrySendError::Closed(_) => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "nothing more is taken")
            }
        })
    }

    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let many = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(many);
        room.map_err(|_| Refusal::behind())
    }

    /// Reads a body, and holds room for it.
    async fn read(&self, body: Body) -> Result<(Vec<u8>, OwnedSemaphorePermit), Refusal> {
        let too_large = || {
            let why = format!("the body has more than {} MiB", LARGEST_BODY >> 20);
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why))
        };
        if body.size_hint().lower() > POLITENESS as u64 {
            return too_large();
        }
        let mut pieces = pin!(body.into_data_stream());
        let (mut bytes, mut room, mut length) = (Vec::new(), self.reserve(0)?, 0);
        while let Some(piece) =
            std::future::poll_fn(|context| pieces.as_mut().poll_next(context)).await
        {
            let piece = piece.map_err(|_| {
                let why = "the body ended before its announced length";
                Refusal::new(StatusCode::BAD_REQUEST, why)
            })?;
            length += piece.len();
            if length > POLITENESS {
                break;
            }
            if length <= LARGEST_BODY {
                room.merge(self.reserve(piece.len())?);
                bytes.extend_from_slice(&piece);
            }
        }
        if length > LARGEST_BODY {
            return too_large();
        }
        Ok((bytes, room))
    }

    /// Says on our side as well what was refused. A reader that is behind need not be told.
    fn report(&self, method: &Method, uri: &Uri, refusal: &Refusal) {
        if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
            return;
        }
        let (path, status) = (shortened(uri.path().to_owned()), refusal.status.as_u16());
        let said = format!("refused {method} {path} ({status}): {}", refusal.reason);
        // Where the queue is full, events matter more.
        let _ = self.queue.try_send(Received {
            outcome: Outcome::Refused(said),
            _room: None,
        });
    }
}

/// What the headers say about the body.
fn posted(headers: &HeaderMap) -> Posted {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let joined = |name: HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
        values.join(", ")
    };
    Posted {
        content_type: joined(CONTENT_TYPE),
        coding: joined(CONTENT_ENCODING),
        attributes: headers
            .iter()
            .filter_map(|(name, value)| {
                let name = name.as_str().strip_prefix("ce-")?;
                Some((name.to_owned(), text(value)))
            })
            .collect(),
    }
}

/// Compares without telling by the time it takes where the difference is.
fn same(given: &[u8], secret: &[u8]) -> bool {
    given.len() == secret.len()
        && given
            .iter()
            .zip(secret)
            .fold(0, |differences, (a, b)| differences | (a ^ b))
            == 0
}
