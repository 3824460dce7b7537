//! A page of metrics for Prometheus and the like: `GET /metrics`.

use crate::serve;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// More at once than any collector needs.
const LIMITS: serve::ServerLimits = serve::ServerLimits {
    connections: 16,
    head: Duration::from_secs(10),
};

/// What the page says now, or why that is not known.
pub type MetricsPage = dyn Fn() -> Result<String, String> + Send + Sync;

/// Serves the page on an address until the process ends; where that is.
pub fn serve(address: SocketAddr, page: Arc<MetricsPage>) -> io::Result<SocketAddr> {
    let socket = TcpListener::bind(address)?;
    socket.set_nonblocking(true)?;
    let bound = socket.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let router = Router::new().route("/metrics", get(move || answer(Arc::clone(&page))));
    std::thread::Builder::new()
        .name("metrics".into())
        .spawn(move || {
            runtime.block_on(async move {
                if let Ok(socket) = tokio::net::TcpListener::from_std(socket) {
                    let accept = |stream, _| (stream, router.clone());
                    serve::serve(socket, LIMITS, accept, std::future::pending()).await;
                }
            });
        })?;
    Ok(bound)
}

async fn answer(page: Arc<MetricsPage>) -> Response {
    // It asks the storage, which takes its time.
    let said = tokio::task::spawn_blocking(move || page()).await;
    match said {
        Ok(Ok(text)) => {
            let kind = [(
                header::CONTENT_TYPE,
                "text/plain; version=0.0.4; charset=utf-8",
            )];
            (kind, text).into_response()
        }
        Ok(Err(why)) => (StatusCode::SERVICE_UNAVAILABLE, why + "\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
