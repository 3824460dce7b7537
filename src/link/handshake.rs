//! How a request becomes a WebSocket, and what is said first on it.

use super::address::RequestError;
use reqwest::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{RequestBuilder, Response};
use serde::de::IgnoredAny;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// What is agreed on, and what is said first.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    /// The subprotocol that is asked for.
    pub subprotocol: Option<String>,
    /// The first messages, with `{token}` and `{position}` where these belong.
    pub hello: Vec<String>,
}

impl Dialogue {
    /// Whether a first message carries this: `token` or `position`.
    pub fn mentions(&self, name: &str) -> bool {
        let place = format!("{{{name}}}");
        self.hello.iter().any(|text| text.contains(&place))
    }

    /// The first messages with token and position in their places.
    pub(super) fn messages(&self, token: &str, position: &str) -> impl Iterator<Item = String> {
        self.hello
            .iter()
            .map(move |text| filled(text, token, position))
    }
}

/// Refuses a subprotocol's name that is not a token (RFC 6455, 4.1).
pub fn check_subprotocol(name: &str) -> Result<(), RequestError> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    Err(RequestError::new(format!(
        "'{name}' is not the name of a WebSocket subprotocol"
    )))
}

/// Adds what a request for a WebSocket needs; the key comes back in the answer, disguised.
pub(super) fn request(request: RequestBuilder, dialogue: &Dialogue) -> (RequestBuilder, String) {
    let key = generate_key();
    let request = match &dialogue.subprotocol {
        Some(name) => request.header(SEC_WEBSOCKET_PROTOCOL, name),
        None => request,
    };
    let request = request
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    (request, key)
}

/// Whether a server has agreed to what was asked for, and to nothing else (RFC 6455, 4.1).
pub(super) fn check(
    response: &Response,
    key: &str,
    dialogue: &Dialogue,
) -> Result<(), &'static str> {
    let headers = response.headers();
    let accept = derive_accept_key(key.as_bytes());
    if !has_token(headers, &UPGRADE, "websocket") {
        return Err("its answer names another protocol");
    }
    if !has_token(headers, &CONNECTION, "upgrade") {
        return Err("its answer does not upgrade the connection");
    }
    if headers
        .get(SEC_WEBSOCKET_ACCEPT)
        .is_none_or(|given| given.as_bytes().trim_ascii() != accept.as_bytes())
    {
        return Err("its answer does not fit the request's key");
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("it uses an extension that was not asked for");
    }
    let mut chosen = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let asked = dialogue.subprotocol.as_deref().map(str::as_bytes);
    if chosen.any(|chosen| Some(chosen.as_bytes().trim_ascii()) != asked) {
        return Err("it chose a subprotocol that was not asked for");
    }
    Ok(())
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(token))
}

/// A first message with token and position in their places. In JSON they are escaped as text.
fn filled(text: &str, token: &str, position: &str) -> String {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let put = |value: &str| {
        let quoted = serde_json::Value::from(value).to_string();
        if is_json {
            quoted[1..quoted.len() - 1].to_owned()
        } else {
            value.to_owned()
        }
    };
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, place) = rest.split_at(at);
        filled.push_str(before);
        rest = if let Some(behind) = place.strip_prefix("{token}") {
            filled.push_str(&put(token));
            behind
        } else if let Some(behind) = place.strip_prefix("{position}") {
            filled.push_str(&put(position));
            behind
        } else {
            filled.push('{');
            &place[1..]
        };
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_and_position_stand_where_the_first_message_wants_them() {
        for (text, wanted) in [
            (
                r#"{"auth":"{token}","from":"{position}","x":{}}"#,
                r#"{"auth":"a\"{position}","from":"7","x":{}}"#,
            ),
            (
                "AUTH {token} {position} {other} {",
                "AUTH a\"{position} 7 {other} {",
            ),
            ("", ""),
        ] {
            assert_eq!(filled(text, "a\"{position}", "7"), wanted);
        }
    }
}
