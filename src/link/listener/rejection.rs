//! Why a request is rejected, as its answer says it.

use crate::wire::posted::Unreadable;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A request that is not accepted, or not to its end.
pub(super) struct Rejection {
    pub(super) status: StatusCode,
    pub(super) reason: String,
    /// How many values of the body were accepted all the same.
    accepted: usize,
    /// What the sender can do about it.
    header: Option<(HeaderName, HeaderValue)>,
}

impl Rejection {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Rejection {
        Rejection {
            status,
            reason: reason.into(),
            accepted: 0,
            header: None,
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Rejection {
        self.header = HeaderValue::from_str(value).ok().map(|value| (name, value));
        self
    }

    pub(super) fn after(mut self, accepted: usize) -> Rejection {
        self.accepted = accepted;
        if accepted > 0 {
            self.reason = format!(
                "{} ({accepted} values before it were accepted)",
                self.reason
            );
        }
        self
    }

    /// The sender may try again soon.
    pub(super) fn behind() -> Rejection {
        Rejection::new(StatusCode::SERVICE_UNAVAILABLE, "the reader is behind")
            .with(RETRY_AFTER, "1")
    }
}

impl From<Unreadable> for Rejection {
    fn from(unreadable: Unreadable) -> Rejection {
        match unreadable {
            Unreadable::Malformed(why) => Rejection::new(StatusCode::BAD_REQUEST, why),
            Unreadable::TooLarge(why) => Rejection::new(StatusCode::PAYLOAD_TOO_LARGE, why),
            Unreadable::Unsupported(why) => Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
                .with(ACCEPT_ENCODING, "gzip, deflate"),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut body = serde_json::json!({ "error": self.reason });
        if self.accepted > 0 {
            body["taken"] = self.accepted.into();
        }
        let body = body.to_string() + "\n";
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(CONTENT_TYPE, json)], body).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}
