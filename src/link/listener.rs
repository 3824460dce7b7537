//! An HTTP receiver for what an event trigger's flow sends: answers at once, in order, bounded.
//!
//! It works on a thread of its own, so that a reader who stalls the showing does not stall the
//! answers: a flow waits for them.

mod intake;

use crate::serve::{self, page};
use crate::wire::envelope::Layout;
use crate::wire::posted::{Posted, Unreadable};
use crate::wire::words::shortened;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
pub use intake::Batch;
use intake::Rooms;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use zeroize::Zeroizing;

/// How many batches of events wait to be shown, at most.
const QUEUE: usize = 1024;

/// What connections may cost.
const LIMITS: serve::Limits = serve::Limits {
    connections: 1200,
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
    /// Whether an answer waits until what was taken is confirmed.
    pub confirmed: bool,
}

/// A receiver that is bound but does not serve yet.
pub struct Listener {
    socket: TcpListener,
    gate: Arc<Gate>,
    queue: mpsc::Receiver<Received>,
}

struct Gate {
    options: Options,
    /// How the values in a body are laid out.
    layout: Layout,
    rooms: Rooms,
    queue: mpsc::Sender<Received>,
}

/// What came of a request, or of a part of a long one.
pub struct Received {
    /// What came of it.
    pub outcome: Outcome,
    /// Notified once it is written down, where an answer waits for that.
    pub written: Option<oneshot::Sender<()>>,
    _room: Option<OwnedSemaphorePermit>,
}

/// What came of a request.
pub enum Outcome {
    /// JSON values whose events can be read.
    Taken(Batch),
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
    /// Binds the address; what is sent is laid out like this.
    pub fn bind(options: Options, layout: Layout) -> io::Result<Listener> {
        let socket = TcpListener::bind(options.address)?;
        socket.set_nonblocking(true)?;
        let (sender, queue) = mpsc::channel(QUEUE);
        Ok(Listener {
            socket,
            gate: Arc::new(Gate {
                options,
                layout,
                rooms: Rooms::default(),
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
        Ok(()) => intake::take(&gate, posted(&headers), body).await,
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
    /// How many values of the body were taken all the same.
    taken: usize,
    /// What the sender can do about it.
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<String>) -> Refusal {
        Refusal {
            status,
            reason: reason.into(),
            taken: 0,
            header: None,
        }
    }

    fn with(mut self, name: HeaderName, value: &str) -> Refusal {
        self.header = HeaderValue::from_str(value).ok().map(|value| (name, value));
        self
    }

    fn after(mut self, taken: usize) -> Refusal {
        self.taken = taken;
        if taken > 0 {
            self.reason = format!("{} ({taken} values before it were taken)", self.reason);
        }
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
        let mut body = serde_json::json!({ "error": self.reason });
        if self.taken > 0 {
            body["taken"] = self.taken.into();
        }
        let body = body.to_string() + "\n";
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
        if self.is_authorised(headers) {
            return Ok(());
        }
        let why = format!(
            "the shared secret in {} is missing or wrong",
            options.secret_header
        );
        let scheme = "Basic realm=\"hivelog\"";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, why).with(WWW_AUTHENTICATE, scheme))
    }

    /// Whether a request carries the shared secret: in its header, as a bearer token, or as the
    /// password (or user name and password) of basic authentication.
    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let Some(secret) = &self.options.secret else {
            return true;
        };
        let secret = secret.as_bytes();
        let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let header = bytes(&self.options.secret_header);
        let authorization = bytes(AUTHORIZATION.as_str());
        let bearer = authorization.and_then(|value| credentials(value, b"bearer"));
        let basic = authorization
            .and_then(|value| credentials(value, b"basic"))
            .and_then(|coded| BASE64_STANDARD.decode(coded).ok())
            .map(Zeroizing::new);
        let password = basic.as_ref().and_then(|pair| {
            let colon = pair.iter().position(|byte| *byte == b':')?;
            Some(&pair[colon + 1..])
        });
        let given = [
            header,
            bearer,
            basic.as_deref().map(Vec::as_slice),
            password,
        ];
        given.into_iter().flatten().any(|given| same(given, secret))
    }

    /// Says on our side as well what was refused. A reader that is behind knows it.
    fn report(&self, method: &Method, uri: &Uri, refusal: &Refusal) {
        if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
            return;
        }
        let (path, status) = (shortened(uri.path().to_owned()), refusal.status.as_u16());
        let said = format!("refused {method} {path} ({status}): {}", refusal.reason);
        // Where the queue is full, events matter more.
        let _ = self.queue.try_send(Received {
            outcome: Outcome::Refused(said),
            written: None,
            _room: None,
        });
    }
}

/// What the headers say about the body.
fn posted(headers: &HeaderMap) -> Posted {
    // What is not UTF-8 was most likely sent as HTTP once had it: one byte a character.
    let text = |value: &HeaderValue| match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    };
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

/// What stands behind the name of an authentication scheme.
fn credentials<'h>(value: &'h [u8], scheme: &[u8]) -> Option<&'h [u8]> {
    let (name, rest) = value.split_at_checked(scheme.len())?;
    let named = name.eq_ignore_ascii_case(scheme) && rest.starts_with(b" ");
    named.then(|| rest.trim_ascii())
}

/// Compares without telling by the time it takes where the difference is, or how long the secret
/// is.
fn same(given: &[u8], secret: &[u8]) -> bool {
    let [given, secret] = [given, secret].map(|bytes| digest(&SHA256, bytes));
    verify_slices_are_equal(given.as_ref(), secret.as_ref()).is_ok()
}
