//! An HTTP/1.1 server for whoever connects: bounded in connections and in the time that the head
//! of a request may take.

pub mod page;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
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
/// `meet` says, for each connection, what is spoken over and which routes answer.
pub async fn serve<I>(
    listener: TcpListener,
    limits: ServerLimits,
    mut meet: impl FnMut(TcpStream, SocketAddr) -> (I, Router),
    stop: impl Future<Output = ()>,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut stop = pin!(stop);
    let mut crowd = Crowd::default();
    let (closing, closed) = watch::channel(());
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
            () = crowd.make_room(limits.connections) => {}
        }
        let _ = stream.set_nodelay(true);
        let (io, router) = meet(stream, peer);
        crowd.add(limits.head, io, router, closed.clone());
    }
    drop(closing);
    while crowd.connections.join_next().await.is_some() {}
}

/// The connections there are.
#[derive(Default)]
struct Crowd {
    connections: JoinSet<()>,
    /// Those that may not have sent a whole request yet, oldest first.
    waiting: Vec<(AbortHandle, Arc<AtomicBool>)>,
}

impl Crowd {
    /// Waits until there is room for one more. Connections that never ask for anything must not
    /// keep others out, so the oldest of them makes room.
    async fn make_room(&mut self, most: usize) {
        while self.connections.try_join_next().is_some() {}
        self.waiting
            .retain(|(task, asked)| !asked.load(Ordering::Relaxed) && !task.is_finished());
        if self.connections.len() >= most {
            if !self.waiting.is_empty() {
                self.waiting.remove(0).0.abort();
            }
            self.connections.join_next().await;
        }
    }

    fn add<I>(&mut self, head: Duration, io: I, router: Router, mut closed: watch::Receiver<()>)
    where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let asked = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&asked);
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |request: Request<Incoming>| {
            noted.store(true, Ordering::Relaxed);
            router.call(request)
        });
        let task = self.connections.spawn(async move {
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
                _ = closed.changed() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
        self.waiting.push((task, asked));
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
        let meet = move |stream, _| (stream, router.clone());
        tokio::spawn(serve(listener, limits, meet, std::future::pending()));
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
