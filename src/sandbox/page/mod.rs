//! The page at `/`: what was received, as a person wants to see it.
//!
//! Everything is rendered here, so the page shows the current state without a script; the script
//! only asks for the same pieces again when there is news. What others wrote is hostile: it
//! passes [`escape`] and nothing else reaches the page, and the policy allows no inline script.

mod events;
mod journeys;
mod verdict;

use super::control::LogQuery;
use super::journey::journeys as group;
use super::state::SharedState;
use crate::render::html::{self, escape};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::fmt::Write;
use std::time::Duration;

const SCRIPT: &str = include_str!("page.js");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How many journeys are shown.
const JOURNEYS: usize = 100;
/// How many events are shown.
const EVENTS: usize = 60;
/// The shortest time between two pieces of news.
const BREATH: Duration = Duration::from_millis(250);

/// What the page is asked to show.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    /// Only journeys that contain this.
    #[serde(default)]
    q: String,
}

/// The whole page.
pub async fn page(State(state): State<SharedState>, Query(query): Query<PageQuery>) -> Response {
    let _ = state.history.present();
    let body = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>hivelog sandbox</title>
<link rel="icon" href="/_sandbox/icon.svg">
<link rel="stylesheet" href="/_sandbox/page.css">
<script src="/_sandbox/page.js" defer></script>
</head>
<body>
<header>
<h1><img src="/_sandbox/icon.svg" alt="" width="28" height="28">hivelog sandbox</h1>
<form method="get" action="/" role="search">
<label for="q">Filter</label>
<input id="q" name="q" type="search" value="{query}" placeholder="code, id, outcome, text …" autocomplete="off">
</form>
<p id="live" role="status">reload for news</p>
</header>
<main id="state">
{state}
</main>
</body>
</html>
"#,
        query = escape(&query.q),
        state = pieces(&state, &query),
    );
    guarded("text/html; charset=utf-8", body)
}

/// The changing part of the page.
pub async fn fragment(
    State(state): State<SharedState>,
    Query(query): Query<PageQuery>,
) -> Response {
    guarded("text/html; charset=utf-8", pieces(&state, &query))
}

/// The style sheet.
pub async fn css() -> Response {
    guarded("text/css; charset=utf-8", html::CSS.to_owned())
}

/// The script.
pub async fn script() -> Response {
    guarded("text/javascript; charset=utf-8", SCRIPT.to_owned())
}

/// The icon.
pub async fn icon() -> Response {
    guarded("image/svg+xml", html::ICON.to_owned())
}

/// A stream that says that something is new, not what.
pub async fn news(State(state): State<SharedState>) -> Response {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let Ok(seat) = std::sync::Arc::clone(&state.seats).try_acquire_owned() else {
        return axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    tokio::spawn(async move {
        let (mut logs, mut events) = (state.received.subscribe(), state.history.news());
        logs.mark_changed();
        loop {
            let beat = tokio::select! {
                _ = logs.changed() => "data: news\n\n",
                _ = events.changed() => "data: news\n\n",
                () = tokio::time::sleep(state.options.heartbeat) => ": heartbeat\n\n",
                () = sender.closed() => break,
            };
            if sender.send(Ok(beat.into())).await.is_err() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        drop(seat);
    });
    super::stream::pushed("text/event-stream", receiver)
}

fn guarded(content_type: &'static str, body: String) -> Response {
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        body,
    )
        .into_response()
}

fn pieces(state: &SharedState, query: &PageQuery) -> String {
    let ledger = state.ledger();
    let tally = ledger.tally();
    let grouped = group(
        ledger
            .entries()
            .filter(|entry| LogQuery::default().takes(entry)),
    );
    drop(ledger);
    let mut html = String::with_capacity(64 * 1024);
    if let Some((verdict, good)) = state.verdict().as_ref() {
        html.push_str(&verdict::section(verdict, *good));
    }
    let _ = write!(
        html,
        r#"<section id="journeys" aria-labelledby="journeys-title">
<h2 id="journeys-title">Journeys <span class="count">{}</span></h2>
<ul class="tally" aria-label="event logs">
<li class="good"><b>{}</b> accepted</li><li class="error"><b>{}</b> refused</li><li class="warning"><b>{}</b> warnings</li><li class="hint"><b>{}</b> hints</li>
</ul>
"#,
        grouped.len(),
        tally.accepted,
        tally.refused,
        tally.warnings,
        tally.hints,
    );
    let words: Vec<String> = query.q.split_whitespace().map(str::to_lowercase).collect();
    let mut shown = 0;
    for journey in grouped.iter().rev() {
        if shown == JOURNEYS {
            break;
        }
        let article = journeys::article(journey);
        let text = article.to_lowercase();
        if words.iter().all(|word| text.contains(&escape(word))) {
            html.push_str(&article);
            shown += 1;
        }
    }
    if grouped.is_empty() {
        html.push_str(journeys::EMPTY);
    } else if shown == 0 {
        html.push_str("<p class=\"empty\">No journey contains that.</p>\n");
    } else if shown == JOURNEYS && grouped.len() > JOURNEYS {
        let _ = writeln!(
            html,
            "<p class=\"empty\">These are the latest {JOURNEYS}; /_sandbox/logs has all of them.</p>"
        );
    }
    html.push_str("</section>\n");
    html.push_str(&events::section(state, EVENTS));
    html
}
