//! An HTTP receiver for what an event trigger's flow sends: answers at once, in order, bounded.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use zeroize::Zeroizing;

/// What is waiting to be shown, at most.
const QUEUE: usize = 1024;

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
    queue: mpsc::Receiver<Bytes>,
}

struct Gate {
    options: Options,
    queue: mpsc::Sender<Bytes>,
}

impl Listener {
    /// Binds the address.
    pub async fn bind(options: Options) -> io::Result<Listener> {
        let socket = TcpListener::bind(options.address).await?;
        let (sender, queue) = mpsc::channel(QUEUE);
        Ok(Listener {
            socket,
            gate: Arc::new(Gate {
                options,
                queue: sender,
            }),
            queue,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Splits it into the bodies that come and the work of receiving them.
    pub fn serve(self) -> (mpsc::Receiver<Bytes>, impl Future<Output = io::Result<()>>) {
        let router = Router::new().fallback(receive).with_state(self.gate);
        let serving = async move { axum::serve(self.socket, router).await };
        (self.queue, serving)
    }
}

async fn receive(
    State(gate): State<Arc<Gate>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match gate.judge(&method, &uri, &headers) {
        Err(refusal) => refusal.into_response(),
        Ok(()) => match axum::body::to_bytes(body, gate.options.limit).await {
            Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "the event is too large\n").into_response(),
            Ok(bytes) => gate.take(bytes),
        },
    }
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
    fn take(&self, bytes: Bytes) -> Response {
        match self.queue.try_send(bytes) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(TrySendError::Full(_)) => {
                let wait = [("retry-after", "1")];
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    wait,
                    "the reader is behind\n",
                )
                    .into_response()
            }
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
