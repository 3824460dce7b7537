//! An HTTP/1.1 server for clients that nobody vouches for: bounded in connections and in the time
//! that the head of a request may take.

pub mod page;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// How many connections there may be at once.
    pub connections: usize,
    /// How long the head of a request may take; a connection may be idle as long.
    pub head: Duration,
}

/// How much of a connection is read ahead; the head of a request has to fit.
const BUFFER: usize = 32 << 10;

/// Serves connections until `stop` is ready, and then until their answers are written.
///
/// `accept` gives, for each connection, the stream that is spoken over and the routes that answer.
pub async fn serve<I>(
    listener: TcpListener,
    limits: ServerLimits,
    mut accept: impl FnMut(TcpStream, SocketAddr) -> (I, Router),
    stop: impl Future<Output = ()>,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut stop = pin!(stop);
    let mut connections = Connections::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file descriptors, most likely: trying at once would only spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = connections.make_room(limits.connections) => {}
        }
        let _ = stream.set_nodelay(true);
        let (io, router) = accept(stream, peer);
        connections.add(limits.head, io, router);
    }
    connections.finish().await;
}

/// The open connections.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    /// Those that were not asked to end, oldest first.
    open: Vec<OpenConnection>,
    /// Notified when a connection becomes idle.
    idle: Arc<Notify>,
}

struct OpenConnection {
    task: AbortHandle,
    activity: Arc<ConnectionActivity>,
    close: Arc<Notify>,
}

/// What a connection is used for.
#[derive(Default)]
struct ConnectionActivity {
    /// Whether a whole request has come.
    asked: AtomicBool,
    /// Whether an answer is being made or written.
    answering: AtomicBool,
}

impl Connections {
    /// Waits until there is room for one more. Connections that ask for nothing must not keep
    /// others out, so one of them makes room.
    async fn make_room(&mut self, most: usize) {
        while self.tasks.try_join_next().is_some() {}
        self.open
            .retain(|connection| !connection.task.is_finished());
        while self.tasks.len() >= most {
            self.close_one();
            let idle = Arc::clone(&self.idle);
            tokio::select! {
                _ = self.tasks.join_next() => {}
                () = idle.notified() => {}
            }
        }
    }

    /// Closes the oldest connection without a whole request, or else the oldest idle one.
    fn close_one(&mut self) {
        let is_silent = |one: &OpenConnection| !one.activity.asked.load(Ordering::Relaxed);
        let is_idle = |one: &OpenConnection| !one.activity.answering.load(Ordering::Relaxed);
        if let Some(silent) = self.open.iter().position(is_silent) {
            self.open.remove(silent).task.abort();
        } else if let Some(idle) = self.open.iter().position(is_idle) {
            self.open.remove(idle).close.notify_one();
        }
    }

    fn add<I>(&mut self, head: Duration, io: I, router: Router)
    where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Arc::new(ConnectionActivity::default());
        let close = Arc::new(Notify::new());
        let (noted, idle) = (Arc::clone(&activity), Arc::clone(&self.idle));
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |request: Request<Incoming>| {
            let answering = Answering::begin(&noted, &idle);
            let answer = router.call(request);
            async move { Ok::<_, Infallible>(answer.await?.map(|body| answering.until_end_of(body))) }
        });
        let closing = Arc::clone(&close);
        let task = self.tasks.spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(head)
                .max_buf_size(BUFFER)
                .serve_connection(TokioIo::new(io), service)
                .with_upgrades();
            let mut connection = pin!(connection);
            tokio::select! {
                // How a connection ends is its other side's affair.
                _ = connection.as_mut() => return,
                () = closing.notified() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
        self.open.push(OpenConnection {
            task,
            activity,
            close,
        });
    }

    /// Lets every connection write the answer it is at.
    async fn finish(mut self) {
        for connection in &self.open {
            connection.close.notify_one();
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

/// An answer that is being made or written. The connection is idle once this is dropped.
struct Answering {
    activity: Arc<ConnectionActivity>,
    idle: Arc<Notify>,
}

impl Answering {
    fn begin(activity: &Arc<ConnectionActivity>, idle: &Arc<Notify>) -> Answering {
        activity.asked.store(true, Ordering::Relaxed);
        activity.answering.store(true, Ordering::Relaxed);
        Answering {
            activity: Arc::clone(activity),
            idle: Arc::clone(idle),
        }
    }

    fn until_end_of(self, body: Body) -> Body {
        Body::new(AnsweringBody {
            body,
            _answering: self,
        })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.activity.answering.store(false, Ordering::Relaxed);
        self.idle.notify_one();
    }
}

/// A body that is dropped when it is written.
struct AnsweringBody {
    body: Body,
    _answering: Answering,
}

impl HttpBody for AnsweringBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn start(limits: ServerLimits) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "here" }));
        let accept = move |stream, _| (stream, router.clone());
        tokio::spawn(serve(listener, limits, accept, std::future::pending()));
        address
    }

    async fn send(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    const HALF: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n";

    #[tokio::test]
    async fn connections_that_ask_for_nothing_keep_nobody_out() {
        let address = start(ServerLimits {
            connections: 4,
            head: Duration::from_secs(3600),
        })
        .await;
        let mut half = Vec::new();
        for _ in 0..20 {
            half.push(send(address, HALF).await);
        }
        let mut whole = send(address, &format!("{HALF}Connection: close\r\n\r\n")).await;
        let mut answer = String::new();
        whole.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
        // The oldest had to leave; the youngest is still served.
        let _ = half[0]
            .read(&mut [0; 9])
            .await
            .map(|read| assert_eq!(read, 0));
        let mut last = half.pop().unwrap();
        last.write_all(b"Connection: close\r\n\r\n").await.unwrap();
        last.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn idle_connections_keep_nobody_out() {
        let address = start(ServerLimits {
            connections: 2,
            head: Duration::from_secs(3600),
        })
        .await;
        let mut idle = Vec::new();
        for _ in 0..5 {
            let mut stream = send(address, &format!("{HALF}\r\n")).await;
            let mut answer = Vec::new();
            while !answer.ends_with(b"here") {
                assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
            }
            idle.push(stream);
        }
        assert_eq!(idle[0].read(&mut [0; 9]).await.unwrap(), 0, "the oldest");
    }

    #[tokio::test]
    async fn a_head_that_takes_too_long_and_an_idle_connection_end() {
        let address = start(ServerLimits {
            connections: 4,
            head: Duration::from_millis(20),
        })
        .await;
        for text in ["", HALF, &format!("{HALF}\r\n")] {
            let mut stream = send(address, text).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
        }
    }
}
