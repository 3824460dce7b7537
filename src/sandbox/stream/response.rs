//! Answers whose body is pushed piece by piece.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::Response;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// An answer whose pieces are pushed.
pub fn pushed(content_type: &'static str, pieces: mpsc::Receiver<io::Result<Bytes>>) -> Response {
    stream_response(content_type, Body::from_stream(PushedBody(pieces)))
}

pub fn stream_response(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(content_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    response
}

/// A body whose pieces are pushed.
struct PushedBody(mpsc::Receiver<io::Result<Bytes>>);

impl futures_core::Stream for PushedBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
