//! The addresses of the emulator and what every answer has in common.

use super::listener::{Breaker, Connection};
use super::problem::{Kind, Problem};
use super::story::Story;
use super::{
    EVENT_LOG_PATH, EVENTS_PATH, LOGIN_PATH, RENEW_PATH, control, event_log, inject_faults, login,
    page, stream,
};
use crate::serve;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use futures_core::Stream;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What the handlers share.
pub type Shared = Arc<super::State>;

/// How long the head of a request may take to arrive; longer than clients keep idle connections.
const HEAD_PATIENCE: Duration = Duration::from_secs(120);
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);
/// How much of a body that is too large is still read, so that its sender sees the answer.
const POLITENESS: usize = 16 << 20;

/// Serves connections and plays the story until it is dropped.
pub async fn serve(listener: std::net::TcpListener, state: Shared) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let router = routes(Arc::clone(&state));
    let meet = |stream, address| {
        let (connection, breaker) = Connection::new(stream);
        let peer = ConnectInfo(Peer { address, breaker });
        let router = Router::new().fallback_service(router.clone());
        (connection, router.layer(Extension(peer)))
    };
    let limits = serve::Limits {
        connections: state.options.max_connections,
        head: HEAD_PATIENCE,
    };
    serve::serve(listener, limits, meet, play(&state)).await;
}

fn routes(state: Shared) -> Router {
    let own = Router::new()
        .route("/_sandbox/logs", get(control::logs).delete(control::reset))
        .route("/_sandbox/journeys", get(control::show_journeys))
        .route("/_sandbox/events", post(control::events))
        .route("/", get(page::page))
        .route("/_sandbox/fragment", get(page::fragment))
        .route("/_sandbox/news", get(page::news))
        .route("/_sandbox/page.css", get(page::css))
        .route("/_sandbox/page.js", get(page::script))
        .route("/_sandbox/icon.svg", get(page::icon));
    let automation = Router::new()
        .route(EVENTS_PATH, get(stream::events))
        .route(LOGIN_PATH, post(login::login))
        .route(RENEW_PATH, post(login::renew))
        .route_layer(axum::middleware::from_fn_with_state(
            Arc::clone(&state),
            inject_faults::inject_faults,
        ));
    Router::new()
        .merge(own)
        .merge(automation)
        .route(EVENT_LOG_PATH, any(event_log::receive))
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_here)
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(&state),
            control::guard,
        ))
        .with_state(state)
}

async fn wrong_method(State(state): State<Shared>) -> Response {
    let detail = "this address takes other methods";
    refuse(&state, &Problem::new(Kind::MethodNotAllowed, detail))
}

async fn nothing_here(State(state): State<Shared>, uri: Uri) -> Response {
    let detail = format!(
        "there is nothing at {}; event logs go to {EVENT_LOG_PATH}, events come from {EVENTS_PATH}",
        uri.path()
    );
    refuse(&state, &Problem::new(Kind::NotFound, detail))
}

/// Plays the story from the first listener on, at its own pace.
async fn play(state: &Shared) {
    state.history.listened().await;
    let rate = state.options.rate;
    if rate.is_nan() || rate <= 0.0 {
        return std::future::pending().await;
    }
    let begin = state.now();
    let started = tokio::time::Instant::now();
    let mut story = Story::new(state.options.seed, rate, begin);
    loop {
        let happening = story.next();
        tokio::time::sleep_until(started + happening.offset).await;
        let at = begin.plus(happening.offset);
        state.history.add(happening, at);
    }
}

/// The answer to a request that is not taken.
pub fn refuse(state: &Shared, problem: &Problem) -> Response {
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
pub async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let detail = format!("the body has more than {limit} bytes");
        Problem::new(Kind::TooLarge, detail)
    };
    let polite = POLITENESS.max(limit);
    if body.size_hint().lower() > polite as u64 {
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
                Problem::new(
                    Kind::Status(400),
                    "the body ended before its announced length",
                )
            })?;
            length += piece.len();
            if length > polite {
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
    tokio::time::timeout(BODY_PATIENCE, reading)
        .await
        .unwrap_or_else(|_| {
            let detail = format!(
                "the body did not arrive within {} s",
                BODY_PATIENCE.as_secs()
            );
            Err(Problem::new(Kind::Timeout, detail))
        })
}

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    address: SocketAddr,
    /// Breaks the connection.
    pub breaker: Breaker,
}

impl Peer {
    /// The address without the port.
    pub fn ip(&self) -> String {
        self.address.ip().to_string()
    }
}
