//! Why a request had no answer: one classification for everything that makes requests.

use super::address::shown;
use super::causes::causes;
use super::client::Client;
use crate::retry::verdict::TransportError;
use rustls::AlertDescription;
use std::error::Error;
use std::fmt;
use std::io;
use url::{Position, Url};

/// A request that had no answer: what that means, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// What it means.
    pub fault: TransportError,
    /// What happened, with the address.
    pub title: String,
    /// Why.
    pub cause: String,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.cause)
    }
}

impl NoAnswer {
    /// Classifies an error of the HTTP client; a proxy that refused is asked for its reason.
    pub(super) async fn of(error: &reqwest::Error, client: &Client, to: &Url) -> NoAnswer {
        let fault = classify(error);
        let refused = is_said(error, "tunnel error: unsuccessful");
        let status = match fault {
            TransportError::ProxyLogin => Some(407),
            _ if refused => client.proxy_status().await,
            _ => None,
        };
        let fault = if refused {
            TransportError::of_proxy(status)
        } else {
            fault
        };
        let (title, mut cause) = match status {
            Some(status) => (
                format!(
                    "the proxy {} does not connect to {}",
                    client.proxy_shown(),
                    shown(to)
                ),
                format!("it answers {}", named(status)),
            ),
            None => (title(fault, error, to), causes(error)),
        };
        if let Some(advice) = advice(fault, error, client, to) {
            cause = format!("{cause} ({advice})");
        }
        NoAnswer {
            fault,
            title,
            cause,
        }
    }
}

/// What happened, where no proxy stands in between.
fn title(fault: TransportError, error: &reqwest::Error, address: &Url) -> String {
    let to = shown(address);
    match fault {
        TransportError::Tls => format!("the secure connection to {to} failed"),
        TransportError::Unsendable => format!("the request to {to} cannot be made"),
        TransportError::Local => format!("no further connection to {to} can be opened"),
        TransportError::Unknown => format!("the connection to {to} broke before the answer"),
        TransportError::NotSent if is_declined(error) => {
            format!("the server at {to} did not start to process the request")
        }
        TransportError::NotSent | TransportError::ProxyLogin | TransportError::ProxyRefused => {
            format!("cannot connect to {}", &address[..Position::BeforePath])
        }
    }
}

/// What a person can do about it.
fn advice(
    fault: TransportError,
    error: &reqwest::Error,
    client: &Client,
    address: &Url,
) -> Option<String> {
    let advice = match fault {
        TransportError::Tls if is_untrusted(error) => return client.trusted(),
        TransportError::Tls if is_no_tls(error) => {
            "what listens there does not speak TLS: should the address begin with http://?"
        }
        TransportError::Unknown if is_like_tls(error, address) => {
            "if what listens there speaks TLS, the address begins with https://"
        }
        TransportError::Local => "raise 'ulimit -n', or send fewer at once with --jobs",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// A status with its usual words.
fn named(status: u16) -> String {
    reqwest::StatusCode::from_u16(status).map_or_else(|_| status.to_string(), super::answer::named)
}

fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_builder() {
        return TransportError::Unsendable;
    }
    if error.is_connect() {
        return if is_out_of_descriptors(error) {
            TransportError::Local
        } else if is_said(error, "proxy authorization required") {
            TransportError::ProxyLogin
        } else if tls(error).is_some() {
            TransportError::Tls
        } else {
            TransportError::NotSent
        };
    }
    match tls(error) {
        // In TLS 1.3 the other side judges us only after our part of the handshake is over.
        Some(rustls::Error::AlertReceived(alert)) if is_distrust(*alert) => TransportError::Tls,
        None if is_declined(error) => TransportError::NotSent,
        // Anything else, of TLS as well, may have come after the request was read.
        _ => TransportError::Unknown,
    }
}

/// Whether an alert says that the other side does not accept who we are.
const fn is_distrust(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}

/// The TLS library's error among the causes, however deep it is wrapped.
fn tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        .and_then(|wrapped| tls(wrapped));
    wrapped
        .or_else(|| error.downcast_ref())
        .or_else(|| tls(error.source()?))
}

fn is_untrusted(error: &reqwest::Error) -> bool {
    matches!(
        tls(error),
        Some(rustls::Error::InvalidCertificate(
            rustls::CertificateError::UnknownIssuer
        ))
    )
}

/// Whether what came instead of the handshake is not TLS at all.
fn is_no_tls(error: &reqwest::Error) -> bool {
    matches!(
        tls(error),
        Some(rustls::Error::InvalidMessage(
            rustls::InvalidMessage::InvalidContentType
        ))
    )
}

/// Whether a server of TLS may have met a plain request: it hangs up, or answers with an alert,
/// which is not HTTP.
fn is_like_tls(error: &reqwest::Error, address: &Url) -> bool {
    let is_plain = matches!(address.scheme(), "http" | "ws");
    is_plain
        && (is_said(error, "connection closed before message completed")
            || is_said(error, "invalid HTTP version parsed"))
}

/// Whether one of the causes is worded so; some have no type that can be named.
fn is_said(error: &(dyn Error + 'static), words: &str) -> bool {
    error.to_string().ends_with(words) || error.source().is_some_and(|cause| is_said(cause, words))
}

/// Whether the server has said that it did not look at the request: it refused the stream, or
/// left with an earlier one as its last.
fn is_declined(error: &(dyn Error + 'static)) -> bool {
    let declined = error.downcast_ref::<h2::Error>().is_some_and(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (refused || error.is_go_away())
    });
    declined || error.source().is_some_and(is_declined)
}

/// Whether this process, or the whole machine, has no file descriptor left.
fn is_out_of_descriptors(error: &(dyn Error + 'static)) -> bool {
    // ENFILE and EMFILE, on every Unix.
    let here = error.downcast_ref::<io::Error>();
    here.is_some_and(|error| matches!(error.raw_os_error(), Some(23 | 24)))
        || error.source().is_some_and(is_out_of_descriptors)
}
