//! An HTTP receiver for what an event trigger's flow sends: answers at once, in order, bounded.
//!
//! It works on a thread of its own, so that a reader who stalls the showing does not stall the
//! answers: a flow waits for them.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use zeroize::Zeroizing;

/// How many bodies wait to be shown, at most.
const QUEUE: usize = 1024;

/// How many bytes of bodies are held, at most: those that wait and those that are being read.
const ROOM: usize = 16 << 20;

/// How long a body may take once its head was read.
const PATIENCE: Duration = Duration::from_secs(10);

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
    /// The largest body that is taken.
    pub limit: usize,
}

/// A receiver that is bound but does not serve yet.
pub struct Listener {
    socket: TcpListener,
    gate: Arc<Gate>,
    queue: mpsc::Receiver<Received>,
}

struct Gate {
    options: Options,
    room: Arc<Semaphore>,
    queue: mpsc::Sender<Received>,
}

/// A body that was taken.
pub struct Received {
    /// Its bytes.
    pub bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// What is received, for as long as this is kept.
pub struct Receiving {
    /// The bodies in the order in which they came.
    pub bodies: mpsc::Receiver<Received>,
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
    /// Binds the address.
    pub fn bind(options: Options) -> io::Result<Listener> {
        let socket = TcpListener::bind(options.address)?;
        socket.set_nonblocking(true)?;
        let (sender, queue) = mpsc::channel(QUEUE);
        Ok(Listener {
            socket,
            gate: Arc::new(Gate {
                options,
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
            axum::serve(socket, router)
                .with_graceful_shutdown(async { drop(closed.await) })
                .await
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
            bodies: self.queue,
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
    if let Err(refusal) = gate.judge(&method, &uri, &headers) {
        return refusal.into_response();
    }
    let limit = gate.options.limit;
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    // What does not say how long it is may be as long as is taken.
    let wanted = length.unwrap_or(limit).min(limit);
    let many = u32::try_from(wanted).unwrap_or(u32::MAX);
    let Ok(room) = Arc::clone(&gate.room).try_acquire_many_owned(many) else {
        return behind();
    };
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, limit)).await;
    match read {
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the event did not come\n").into_response(),
        Ok(Err(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "the event is too large\n").into_response(),
        Ok(Ok(bytes)) => gate.take(bytes, room),
    }
}

/// The sender may try again soon.
fn behind() -> Response {
    let wait = [("retry-after", "1")];
    let said = "the reader is behind\n";
    (StatusCode::SERVICE_UNAVAILABLE, wait, said).into_response()
}

impl Gate {
    fn judge(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), (StatusCode, &'static str)> {
        let options = &self.options;
        if options
            .path
            .as_deref()
            .is_some_and(|path| path != uri.path())
        {
            return Err((StatusCode::NOT_FOUND, "events are not taken at this path\n"));
        }
        if !matches!(*method, Method::POST | Method::PUT) {
            return Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "events come by POST or PUT\n",
            ));
        }
        if let Some(secret) = &options.secret {
            let given = headers
                .get(&options.secret_header)
                .map(axum::http::HeaderValue::as_bytes);
            if !given.is_some_and(|given| same(given, secret.as_bytes())) {
                return Err((
                    StatusCode::UNAUTHORIZED,
                    "the shared secret is missing or wrong\n",
                ));
            }
        }
        Ok(())
    }

    /// The sender waits for the answer, so it comes before the event is looked at.
    fn take(&self, bytes: Bytes, mut room: OwnedSemaphorePermit) -> Response {
        let over = room.num_permits().saturating_sub(bytes.len());
        drop(room.split(over));
        match self.queue.try_send(Received { bytes, _room: room }) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(TrySendError::Full(_)) => behind(),
            Err(TrySendError::Closed(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
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
