//! What requests and answers of the emulator have in common.

use super::listener::Breaker;
use super::problem::{ProblemKind, SandboxProblem};
use super::state::SharedState;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_core::Stream;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is still read, so that its sender sees the answer.
const LARGEST_DRAINED: usize = 16 << 20;

/// The answer to a request that is rejected.
pub fn refuse(state: &SharedState, problem: &SandboxProblem) -> Response {
    let uuid = state.ledger().uuid();
    let mut response = Response::new(Body::from(problem.body(&uuid).to_string()));
    *response.status_mut() =
        StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// Reads a body of at most `limit` bytes in a bounded time.
pub async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, SandboxProblem> {
    let too_large = || {
        let detail = format!("the body has more than {limit} bytes");
        SandboxProblem::new(ProblemKind::TooLarge, detail)
    };
    let drained = LARGEST_DRAINED.max(limit);
    if body.size_hint().lower() > drained as u64 {
        return Err(too_large());
    }
    let reading = async {
        let mut pieces = pin!(body.into_data_stream());
        let mut bytes = Vec::new();
        let mut length = 0;
        while let Some(piece) =
            std::future::poll_fn(|context| pieces.as_mut().poll_next(context)).await
        {
            let piece = piece.map_err(|_| {
                SandboxProblem::new(
                    ProblemKind::Status(400),
                    "the body ended before its announced length",
                )
            })?;
            length += piece.len();
            if length > drained {
                break;
            }
            if length <= limit {
                bytes.extend_from_slice(&piece);
            }
        }
        if length > limit {
            return Err(too_large());
        }
        Ok(bytes)
    };
    tokio::time::timeout(BODY_TIMEOUT, reading)
        .await
        .unwrap_or_else(|_| {
            let detail = format!(
                "the body did not arrive within {} s",
                BODY_TIMEOUT.as_secs()
            );
            Err(SandboxProblem::new(ProblemKind::Timeout, detail))
        })
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(super) address: SocketAddr,
    /// Breaks the connection.
    pub breaker: Breaker,
}

impl Peer {
    /// The address without the port.
    pub fn ip(&self) -> String {
        self.address.ip().to_string()
    }
}
