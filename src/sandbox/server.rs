//! The addresses of the emulator, and who answers at each.

use super::http::{Peer, refuse};
use super::listener::BreakableConnection;
use super::options::{EVENT_LOG_PATH, EVENTS_PATH, LOGIN_PATH, RENEW_PATH};
use super::problem::{ProblemKind, SandboxProblem};
use super::state::SharedState;
use super::story::SampleStory;
use super::{control, event_log, inject_faults, login, page, stream};
use crate::serve;
use axum::extract::{ConnectInfo, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long the head of a request may take to arrive; longer than clients keep idle connections.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// Serves connections and plays the story until it is dropped.
pub async fn serve(listener: std::net::TcpListener, state: SharedState) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let router = routes(Arc::clone(&state));
    let accept = |stream, address| {
        let (connection, breaker) = BreakableConnection::new(stream);
        let peer = ConnectInfo(Peer { address, breaker });
        let router = Router::new().fallback_service(router.clone());
        (connection, router.layer(Extension(peer)))
    };
    let limits = serve::ServerLimits {
        connections: state.options.max_connections,
        head: HEAD_TIMEOUT,
    };
    serve::serve(listener, limits, accept, play(&state)).await;
}

fn routes(state: SharedState) -> Router {
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

async fn wrong_method(State(state): State<SharedState>) -> Response {
    let detail = "this method is not allowed at this address";
    refuse(
        &state,
        &SandboxProblem::new(ProblemKind::MethodNotAllowed, detail),
    )
}

async fn nothing_here(State(state): State<SharedState>, uri: Uri) -> Response {
    let detail = format!(
        "there is nothing at {}; event logs go to {EVENT_LOG_PATH}, events come from {EVENTS_PATH}",
        uri.path()
    );
    refuse(&state, &SandboxProblem::new(ProblemKind::NotFound, detail))
}

/// Plays the story from the first listener on, at its own pace.
async fn play(state: &SharedState) {
    state.history.listened().await;
    let rate = state.options.rate;
    if rate.is_nan() || rate <= 0.0 {
        return std::future::pending().await;
    }
    let begin = state.now();
    let started = tokio::time::Instant::now();
    let mut story = SampleStory::new(state.options.seed, rate, begin);
    loop {
        let happening = story.next();
        tokio::time::sleep_until(started + happening.offset).await;
        let at = begin.plus(happening.offset);
        state.history.add(happening, at);
    }
}
