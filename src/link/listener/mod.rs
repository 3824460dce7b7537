//! An HTTP receiver for what an event trigger's flow sends: answers at once, in order, bounded.
//!
//! It works on a thread of its own, so that a reader who stalls the showing does not stall the
//! answers: a flow waits for them.

mod gate;
mod intake;
mod received;
mod rejection;

use crate::serve;
use crate::wire::envelope::Layout;
use crate::wire::posted::Posted;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use gate::RequestGate;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

pub use gate::ListenerOptions;
pub use received::{ReceivedRequest, RequestOutcome, ValueBatch};

/// How many batches of events wait to be shown, at most.
const QUEUE: usize = 1024;

/// What connections may cost.
const LIMITS: serve::ServerLimits = serve::ServerLimits {
    connections: 1200,
    head: Duration::from_secs(30),
};

/// How long a shutdown waits for answers that are being written.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// A receiver that is bound but does not serve yet.
pub struct Listener {
    socket: TcpListener,
    gate: Arc<RequestGate>,
    queue: mpsc::Receiver<ReceivedRequest>,
}

/// The requests that are received, until it is dropped.
pub struct Receiving {
    /// The requests in the order in which they came.
    pub requests: mpsc::Receiver<ReceivedRequest>,
    /// Why no more will come, should that happen.
    pub failed: oneshot::Receiver<io::Error>,
    open: Option<oneshot::Sender<()>>,
    gone: std::sync::mpsc::Receiver<()>,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.open = None;
        let _ = self.gone.recv_timeout(SHUTDOWN_GRACE);
    }
}

impl Listener {
    /// Binds the address; `layout` says how the values of a body are laid out.
    pub fn bind(options: ListenerOptions, layout: Layout) -> io::Result<Listener> {
        let socket = TcpListener::bind(options.address)?;
        socket.set_nonblocking(true)?;
        let (sender, queue) = mpsc::channel(QUEUE);
        Ok(Listener {
            socket,
            gate: Arc::new(RequestGate::new(options, layout, sender)),
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
            let accept = |stream, _| (stream, router.clone());
            serve::serve(socket, LIMITS, accept, async { drop(closed.await) }).await;
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
    State(gate): State<Arc<RequestGate>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let accepted = match gate.judge(&method, &uri, &headers) {
        Ok(()) => intake::read_body(&gate, posted(&headers), body).await,
        Err(rejection) => Err(rejection),
    };
    match accepted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(rejection) => {
            gate.report(&method, &uri, &rejection);
            rejection.into_response()
        }
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
