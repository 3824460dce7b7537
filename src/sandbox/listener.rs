//! Connections: how many there may be, and how one is broken on purpose.

use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Accepts connections while there is room for them.
pub struct Doorkeeper {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

impl Doorkeeper {
    /// Guards a listening socket; beyond so many, connections wait to be accepted.
    pub fn new(listener: TcpListener, connections: usize) -> Doorkeeper {
        Doorkeeper {
            listener,
            room: Arc::new(Semaphore::new(connections)),
        }
    }
}

impl Listener for Doorkeeper {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let place = Arc::clone(&self.room).acquire_owned().await.ok();
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let connection = Connection {
                        stream,
                        breaker: Breaker::default(),
                        _place: place,
                    };
                    return (connection, peer);
                }
                // Out of file descriptors, most likely: trying at once would only spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Lets a handler break the connection it is answering on.
#[derive(Clone, Debug, Default)]
pub struct Breaker(Arc<AtomicBool>);

impl Breaker {
    /// The next byte that would be written resets the connection instead.
    pub fn trip(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The one of a connection.
    pub fn of(stream: &IncomingStream<'_, Doorkeeper>) -> Breaker {
        stream.io().breaker.clone()
    }
}

/// A connection that can be broken.
pub struct Connection {
    stream: TcpStream,
    breaker: Breaker,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn broken(&self) -> Option<io::Error> {
        self.breaker.0.load(Ordering::Relaxed).then(|| {
            // Without lingering, closing sends a reset.
            let _ = self.stream.set_zero_linger();
            io::ErrorKind::ConnectionReset.into()
        })
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken().is_some() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
