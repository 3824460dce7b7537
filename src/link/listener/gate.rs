//! Whose requests are accepted, and how much all of them may hold together.

use super::received::{ReceivedRequest, RequestOutcome};
use super::rejection::Rejection;
use crate::serve::page;
use crate::wire::envelope::Layout;
use crate::wire::words::shortened;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{ALLOW, AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use zeroize::Zeroizing;

/// How many bodies may hold more than that at once: an incomplete value of up to 1 MiB, and what
/// is not handed on yet.
const LARGE_BODIES: usize = 6;

/// How many bytes of values wait to be shown, at most.
const WAITING: usize = 8 << 20;

/// Which requests are accepted.
pub struct ListenerOptions {
    /// Where to listen.
    pub address: SocketAddr,
    /// The only accepted path; none for any.
    pub path: Option<String>,
    /// The header that must carry the shared secret.
    pub secret_header: String,
    /// The shared secret, if there is one.
    pub secret: Option<Zeroizing<String>>,
    /// Whether an answer waits until the values are durable.
    pub confirmed: bool,
}

pub(super) struct RequestGate {
    pub(super) options: ListenerOptions,
    /// How the values in a body are laid out.
    pub(super) layout: Layout,
    pub(super) memory: MemoryBudget,
    pub(super) queue: mpsc::Sender<ReceivedRequest>,
}

impl RequestGate {
    pub(super) fn new(
        options: ListenerOptions,
        layout: Layout,
        queue: mpsc::Sender<ReceivedRequest>,
    ) -> RequestGate {
        RequestGate {
            options,
            layout,
            memory: MemoryBudget::default(),
            queue,
        }
    }

    /// What a request must be before its body is looked at.
    pub(super) fn judge(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), Rejection> {
        let options = &self.options;
        if page::is_foreign(method, headers, options.address.ip().is_loopback()) {
            let why = "events are not accepted from web pages, nor under another name than this machine's";
            return Err(Rejection::new(StatusCode::FORBIDDEN, why));
        }
        let path = options.path.as_deref();
        if path.is_some_and(|path| path != uri.path()) {
            let why = "events are not accepted at this path";
            return Err(Rejection::new(StatusCode::NOT_FOUND, why));
        }
        if !matches!(*method, Method::POST | Method::PUT) {
            let why = "send events with POST or PUT";
            let rejection = Rejection::new(StatusCode::METHOD_NOT_ALLOWED, why);
            return Err(rejection.with(ALLOW, "POST, PUT"));
        }
        if self.is_authorised(headers) {
            return Ok(());
        }
        let why = format!(
            "the shared secret in {} is missing or wrong",
            options.secret_header
        );
        let scheme = "Basic realm=\"hivelog\"";
        Err(Rejection::new(StatusCode::UNAUTHORIZED, why).with(WWW_AUTHENTICATE, scheme))
    }

    /// Whether a request carries the shared secret: in its header, as a bearer token, or as the
    /// password (or user name and password) of basic authentication.
    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let Some(secret) = &self.options.secret else {
            return true;
        };
        let secret = secret.as_bytes();
        let bytes = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let header = bytes(&self.options.secret_header);
        let authorization = bytes(AUTHORIZATION.as_str());
        let bearer = authorization.and_then(|value| credentials(value, b"bearer"));
        let basic = authorization
            .and_then(|value| credentials(value, b"basic"))
            .and_then(|coded| BASE64_STANDARD.decode(coded).ok())
            .map(Zeroizing::new);
        let password = basic.as_ref().and_then(|pair| {
            let colon = pair.iter().position(|byte| *byte == b':')?;
            Some(&pair[colon + 1..])
        });
        let given = [
            header,
            bearer,
            basic.as_deref().map(Vec::as_slice),
            password,
        ];
        given.into_iter().flatten().any(|given| same(given, secret))
    }

    /// Reports a rejection on our side as well. A reader that is behind knows it.
    pub(super) fn report(&self, method: &Method, uri: &Uri, rejection: &Rejection) {
        if rejection.status == StatusCode::SERVICE_UNAVAILABLE {
            return;
        }
        let (path, status) = (shortened(uri.path().to_owned()), rejection.status.as_u16());
        let message = format!("refused {method} {path} ({status}): {}", rejection.reason);
        // Where the queue is full, events matter more.
        let _ = self.queue.try_send(ReceivedRequest {
            outcome: RequestOutcome::Rejected(message),
            written: None,
            _permit: None,
        });
    }
}

/// The credentials that follow the name of an authentication scheme.
fn credentials<'h>(value: &'h [u8], scheme: &[u8]) -> Option<&'h [u8]> {
    let (name, rest) = value.split_at_checked(scheme.len())?;
    let named = name.eq_ignore_ascii_case(scheme) && rest.starts_with(b" ");
    named.then(|| rest.trim_ascii())
}

/// Compares in a time that depends neither on where the difference is nor on the length of the
/// secret.
fn same(given: &[u8], secret: &[u8]) -> bool {
    let [given, secret] = [given, secret].map(|bytes| digest(&SHA256, bytes));
    verify_slices_are_equal(given.as_ref(), secret.as_ref()).is_ok()
}

/// What all bodies may hold together.
pub(super) struct MemoryBudget {
    /// For bodies that hold more than a little while they arrive.
    pub(super) large: Arc<Semaphore>,
    /// For values that wait to be shown, in bytes.
    pub(super) waiting: Arc<Semaphore>,
}

impl Default for MemoryBudget {
    fn default() -> MemoryBudget {
        MemoryBudget {
            large: Arc::new(Semaphore::new(LARGE_BODIES)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}
