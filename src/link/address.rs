//! Addresses: which are valid, how they are joined, and how they may be shown.

use url::{Host, Url};

/// A request that cannot be made, reported before any connection is opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RequestError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl RequestError {
    pub(super) fn new(message: impl Into<String>) -> RequestError {
        RequestError {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> RequestError {
        self.hint = Some(hint.into());
        self
    }
}

/// Refuses an address without a scheme, and names the scheme that it most likely has.
fn without_scheme(text: &str) -> RequestError {
    let local = Url::parse(&format!("http://{text}")).is_ok_and(|url| is_loopback(&url));
    let scheme = if local { "http" } else { "https" };
    RequestError::new(format!("'{text}' is not a URL: it has no scheme"))
        .hint(format!("did you mean {scheme}://{text}?"))
}

/// Reads an address: `https://`, or `http://` to this machine, or to any with `allow_http`.
pub fn parse(text: &str, allow_http: bool) -> Result<Url, RequestError> {
    checked(text, allow_http, false)
}

/// Reads the address of an automation server, which may be `wss://` or `ws://` as well.
pub fn parse_server(text: &str, allow_http: bool) -> Result<Url, RequestError> {
    checked(text, allow_http, true)
}

fn checked(text: &str, allow_http: bool, sockets: bool) -> Result<Url, RequestError> {
    // The part before an `@` may be a password.
    let repeatable = !text.contains('@');
    let url = Url::parse(text).map_err(|error| match error {
        _ if !repeatable => RequestError::new(format!("the address is not a URL: {error}")),
        url::ParseError::RelativeUrlWithoutBase => without_scheme(text),
        _ => RequestError::new(format!("'{text}' is not a URL: {error}")),
    })?;
    // Said without the address, which holds the password.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RequestError::new(
            "the address contains a user name or password, which is not sent",
        )
        .hint("give the key in its variable, file or command"));
    }
    let encrypted = match url.scheme() {
        "http" | "https" => "https",
        "ws" | "wss" if sockets => "wss",
        _ if !repeatable => {
            return Err(RequestError::new("the address is not a web address")
                .hint("an address begins with https:// and contains no user name or password"));
        }
        // `localhost:8080` parses as a scheme with a path.
        _ if !text.contains("://") => return Err(without_scheme(text)),
        other => {
            return Err(RequestError::new(format!(
                "'{text}' is not a web address: its scheme is '{other}'"
            ))
            .hint("an address begins with https://"));
        }
    };
    if url.scheme() != encrypted && !allow_http && !is_loopback(&url) {
        return Err(RequestError::new(format!(
            "{} is not encrypted: the key and the records could be read on the way",
            shown(&url)
        ))
        .hint(format!(
            "use {encrypted}://, or --allow-http if this network is trusted"
        )));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(RequestError::new(format!(
            "the address {} has a query or a fragment, which is not allowed here",
            shown(&url)
        )));
    }
    Ok(url)
}

/// The address that a request is sent to: a WebSocket begins as a request like any other.
pub fn over_http(url: &Url) -> Url {
    let mut url = url.clone();
    let scheme = match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        _ => return url,
    };
    // All of them are schemes of the web, so one can take the place of another.
    let _ = url.set_scheme(scheme);
    url
}

/// An address with a path behind it, which may carry a query; a prefix of the address stays.
pub fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/');
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    url.set_path(&format!("{prefix}/{}", path.trim_start_matches('/')));
    url.set_query(query);
    url
}

/// An address as it may be shown: without user info, query and fragment.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for addresses that cannot have such parts.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Whether an address leads to this machine. The names are never looked up, see `Client::get`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_unless_allowed() {
        for (text, allowed, fine) in [
            ("https://staging.example.com/prefix", false, true),
            ("http://127.0.0.1:8080", false, true),
            ("http://127.9.9.9", false, true),
            ("http://[::1]:8080/x", false, true),
            ("http://localhost", false, true),
            ("http://api.localhost:1", false, true),
            ("http://localhost.example.com", false, false),
            ("http://example.com", false, false),
            ("http://example.com", true, true),
            ("http://0.0.0.0", false, false),
            ("ftp://example.com", true, false),
            ("example.com", true, false),
            ("localhost:8080", true, false),
            ("https://example.com/?x=1", true, false),
            ("https://", true, false),
        ] {
            let read = parse(text, allowed);
            assert_eq!(read.is_ok(), fine, "{text}: {read:?}");
        }
    }

    #[test]
    fn an_address_without_a_scheme_is_shown_with_one() {
        for (text, meant) in [
            ("example.com/prefix", "https://example.com/prefix"),
            ("127.0.0.1:7930", "http://127.0.0.1:7930"),
            ("localhost:7930", "http://localhost:7930"),
        ] {
            let refused = parse(text, false).unwrap_err();
            let shown = format!("{refused:?}");
            assert!(shown.contains(&format!("did you mean {meant}?")), "{shown}");
        }
    }

    #[test]
    fn user_info_is_refused_without_repeating_it() {
        for text in [
            "https://user:canary@example.com",
            "https://user:canary@exa mple.com",
            "user:canary@example.com",
            "canary@example.com",
            "canary:word@example.com",
        ] {
            let refused = parse(text, false).unwrap_err();
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
    }

    #[test]
    fn a_prefix_of_the_address_stays() {
        for (base, whole) in [
            ("https://h", "https://h/data-service/v1/eventLog"),
            ("https://h/a/b/", "https://h/a/b/data-service/v1/eventLog"),
        ] {
            let base = parse(base, false).unwrap();
            assert_eq!(join(&base, "/data-service/v1/eventLog").as_str(), whole);
        }
    }

    #[test]
    fn the_query_of_a_path_stays_as_it_was_written() {
        let base = parse("https://h/prefix", false).unwrap();
        for (path, whole) in [
            ("/x?topic=a", "https://h/prefix/x?topic=a"),
            ("x?a=b&c=%20?d", "https://h/prefix/x?a=b&c=%20?d"),
            ("/a%2Fb", "https://h/prefix/a%2Fb"),
            ("/x?", "https://h/prefix/x?"),
        ] {
            assert_eq!(join(&base, path).as_str(), whole);
        }
    }

    #[test]
    fn a_websocket_is_an_address_of_an_automation_server_alone() {
        assert!(parse("wss://example.com", true).is_err());
        let refused = parse_server("ws://example.com/x", false).unwrap_err();
        assert!(
            refused
                .message
                .starts_with("ws://example.com/x is not encrypted")
        );
        for (text, request) in [
            ("wss://example.com:443/x", "https://example.com/x"),
            ("WS://localhost:81", "http://localhost:81/"),
            ("https://example.com", "https://example.com/"),
        ] {
            let url = parse_server(text, false).unwrap();
            assert_eq!(over_http(&url).as_str(), request);
        }
    }
}
