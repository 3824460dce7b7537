//! Events over a WebSocket, one JSON value a message.

use super::BATCH;
use super::lifetime::{Lifetime, moment};
use crate::sandbox::state::SharedState;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};

/// One JSON value a message, until the listener leaves or its token expires.
pub async fn talk(state: SharedState, mut socket: WebSocket, mut place: u64, end: Lifetime) {
    let mut news = state.history.news();
    loop {
        news.mark_unchanged();
        let (events, _) = state.history.after(place, BATCH);
        for event in &events {
            place = event.number;
            let message = Message::Text(event.text.as_str().into());
            if socket.send(message).await.is_err() {
                return;
            }
        }
        // There may be more already, of which no news will come.
        if events.len() == BATCH && !end.is_reached() {
            continue;
        }
        let beat = tokio::select! {
            _ = news.changed() => None,
            () = tokio::time::sleep(state.options.heartbeat) => Some(Message::Ping(Bytes::new())),
            () = moment(end.expiry) => Some(closing(4401, "the token has expired")),
            // Dropped without a word, as when a network goes away.
            () = moment(end.cut) => return,
            message = socket.recv() => match message {
                Some(Ok(_)) => None,
                _ => return,
            },
        };
        let last = matches!(beat, Some(Message::Close(_)));
        if let Some(beat) = beat
            && (socket.send(beat).await.is_err() || last)
        {
            return;
        }
    }
}

fn closing(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: reason.into(),
    }))
}
