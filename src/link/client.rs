//! Addresses, headers and the HTTP client: what every request has in common.

use super::proxy::{Proxy, Route};
use super::variables::Variables;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;
use url::{Host, Url};
use zeroize::Zeroizing;

/// Something about a request that cannot be, told before any connection is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unusable {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Unusable {
    pub(super) fn new(message: impl Into<String>) -> Unusable {
        Unusable {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Unusable {
        self.hint = Some(hint.into());
        self
    }
}

/// Reads an address: `https://`, or `http://` to this machine, or to any with `allow_http`.
pub fn address(text: &str, allow_http: bool) -> Result<Url, Unusable> {
    checked(text, allow_http, false)
}

/// Reads the address of an automation server, which may be `wss://` or `ws://` as well.
pub fn server_address(text: &str, allow_http: bool) -> Result<Url, Unusable> {
    checked(text, allow_http, true)
}

fn checked(text: &str, allow_http: bool, sockets: bool) -> Result<Url, Unusable> {
    // What stands before an `@` may be a password.
    let repeatable = !text.contains('@');
    let url = Url::parse(text).map_err(|error| match error {
        _ if !repeatable => Unusable::new(format!("the address is not a URL: {error}")),
        url::ParseError::RelativeUrlWithoutBase => {
            Unusable::new(format!("'{text}' is not a URL: it has no scheme"))
                .hint(format!("did you mean https://{text}?"))
        }
        _ => Unusable::new(format!("'{text}' is not a URL: {error}")),
    })?;
    // Said without the address, which holds the password.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unusable::new(
            "the address contains a user name or password, which is not sent",
        )
        .hint("give the key in its variable, file or command"));
    }
    let encrypted = match url.scheme() {
        "http" | "https" => "https",
        "ws" | "wss" if sockets => "wss",
        _ if !repeatable => {
            return Err(Unusable::new("the address is not a web address")
                .hint("an address begins with https:// and contains no user name or password"));
        }
        // `localhost:8080` parses as a scheme with a path.
        other => {
            return Err(Unusable::new(format!(
                "'{text}' is not a web address: its scheme is '{other}'"
            ))
            .hint("an address begins with https://"));
        }
    };
    if url.scheme() != encrypted && !allow_http && !is_loopback(&url) {
        return Err(Unusable::new(format!(
            "{} is not encrypted: the key and the records could be read on the way",
            shown(&url)
        ))
        .hint(format!(
            "use {encrypted}://, or --allow-http if this network is trusted"
        )));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Unusable::new(format!(
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

/// Whether an address leads to this machine. The names are never looked up, see [`Client::get`].
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Headers that the connection, the body or the connector's own setting decides, beside those
/// that begin with `proxy-`.
const RESERVED: [&str; 11] = [
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "limber-connector",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn is_reserved(name: &HeaderName) -> bool {
    RESERVED.contains(&name.as_str()) || name.as_str().starts_with("proxy-")
}

/// How we call ourselves.
const AGENT: &str = concat!("hivelog/", env!("CARGO_PKG_VERSION"));

/// The headers of every request, judged as they are added.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    map: HeaderMap,
    key: Option<HeaderName>,
}

impl Headers {
    /// Sets a header of our own.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Unusable> {
        let (name, value) = header(name, value)?;
        self.map.insert(name, value);
        Ok(())
    }

    /// Sets the header that carries the key. Its value is never shown, not even in part.
    pub fn set_key(&mut self, name: &str, value: &str) -> Result<(), Unusable> {
        let (name, mut value) = header(name, value)?;
        if is_reserved(&name) {
            return Err(
                Unusable::new(format!("the header {name} cannot carry the key"))
                    .hint("give the name of the connector's own header with --key-header"),
            );
        }
        value.set_sensitive(true);
        self.map.insert(name.clone(), value);
        self.key = Some(name);
        Ok(())
    }

    /// Sets a header the user asked for; those that decide where a request goes, how long it is
    /// or who sends it have settings of their own.
    pub fn set_extra(&mut self, name: &str, value: &str) -> Result<(), Unusable> {
        self.insert_extra(name, value, false)
    }

    /// The same for a header whose value is not shown.
    pub fn set_masked(&mut self, name: &str, value: &str) -> Result<(), Unusable> {
        self.insert_extra(name, value, true)
    }

    fn insert_extra(&mut self, name: &str, value: &str, masked: bool) -> Result<(), Unusable> {
        let (name, mut value) = header(name, value)?;
        if is_reserved(&name) || name == AUTHORIZATION || self.key.as_ref() == Some(&name) {
            return Err(Unusable::new(format!(
                "the header {name} cannot be set as an extra header"
            ))
            .hint("the address, the connector and the key have settings of their own"));
        }
        value.set_sensitive(masked);
        self.map.insert(name, value);
        Ok(())
    }

    /// Names and values in order; a secret has no value.
    pub fn shown(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.map.iter().map(|(name, value)| {
            let open = !value.is_sensitive();
            (name.as_str(), value.to_str().ok().filter(|_| open))
        })
    }

    pub(super) fn map(&self) -> &HeaderMap {
        &self.map
    }

    /// Everything a request carries, with room for what the connection adds, so that a copy of
    /// it travels as it is.
    pub(super) fn complete(self) -> HeaderMap {
        let mut all = HeaderMap::with_capacity(2 * (self.map.len() + 4));
        all.extend(self.map);
        all.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        all.entry(USER_AGENT)
            .or_insert(HeaderValue::from_static(AGENT));
        all
    }
}

/// The name of a header that is to carry credentials.
pub(super) fn credentials_header(name: &str) -> Result<HeaderName, Unusable> {
    let (name, _) = header(name, "")?;
    if is_reserved(&name) {
        return Err(Unusable::new(format!(
            "the header {name} cannot carry credentials"
        )));
    }
    Ok(name)
}

/// The longest value of one header; servers take 8 KiB for all of them together, or little more.
const LONGEST_VALUE: usize = 8 * 1024;

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Unusable> {
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Unusable::new(format!("'{name}' is not a header name")))?;
    let value = header_value(&format!("the value of the header {name}"), value)?;
    Ok((name, value))
}

/// A header's value from text that may be anything; `what` names it. The text is not repeated: it
/// may be the key.
pub(super) fn header_value(what: &str, text: &str) -> Result<HeaderValue, Unusable> {
    if text.len() > LONGEST_VALUE {
        return Err(Unusable::new(format!(
            "{what} is longer than {LONGEST_VALUE} bytes"
        )));
    }
    if !text.chars().all(|c| c == '\t' || !c.is_control()) {
        return Err(Unusable::new(format!(
            "{what} contains a line break or another control character"
        )));
    }
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| Unusable::new(format!("{what} cannot stand in a header")))
}

/// The header that carries a token.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, Unusable> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Unusable::new(
            "the token contains a blank, a line break or a character that is not ASCII",
        )
        .hint("a token is one word; check the variable, file or command it comes from"));
    }
    let mut value = header_value("the token", &format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The key that requests carry, for masking it in what comes back. It cannot be printed and is
/// wiped when dropped.
#[derive(Clone)]
pub struct Key(Zeroizing<String>);

impl Key {
    /// Takes a key as it stands.
    pub fn new(key: &str) -> Key {
        Key(Zeroizing::new(key.to_owned()))
    }

    /// The text with every occurrence of the key replaced.
    pub fn mask(&self, text: String) -> String {
        if self.0.is_empty() || !text.contains(self.0.as_str()) {
            text
        } else {
            text.replace(self.0.as_str(), "***")
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Bounds of a client.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest wait for a connection, name look-up and TLS included.
    pub connect: Duration,
    /// The longest silence while an answer is read; `None` for streams that may be silent.
    pub read: Option<Duration>,
    /// How many idle connections are kept.
    pub idle: usize,
}

/// A client that is built when the first request is made.
#[derive(Debug)]
pub struct Client {
    url: Url,
    limits: Limits,
    variables: Variables,
    upgradable: bool,
    built: OnceLock<reqwest::Client>,
}

impl Client {
    /// A client for one destination.
    pub fn new(url: &Url, limits: Limits) -> Client {
        Client {
            url: url.clone(),
            limits,
            variables: Variables::default(),
            upgradable: false,
            built: OnceLock::new(),
        }
    }

    /// The same client, heeding the variables of other programs.
    #[must_use]
    pub fn heeding(self, variables: Variables) -> Client {
        Client { variables, ..self }
    }

    /// The same client for connections that become something else: only HTTP/1.1 lets them.
    #[must_use]
    pub fn upgradable(self) -> Client {
        Client {
            upgradable: true,
            ..self
        }
    }

    /// The client itself.
    pub fn get(&self) -> Result<&reqwest::Client, Unusable> {
        if let Some(client) = self.built.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.built.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, Unusable> {
        // A redirect would carry the key to another host, and attempts are ours to count.
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            .user_agent(AGENT)
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(self.limits.idle)
            .pool_idle_timeout(Duration::from_secs(30));
        if let Some(silence) = self.limits.read {
            builder = builder.read_timeout(silence);
        }
        if self.is_encrypted() {
            self.variables.check_certificates()?;
            // Already installed is as good; two providers without a choice would panic.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        } else {
            // Without TLS no certificate store is needed, and where there is none the client
            // could not be built.
            builder = builder.tls_certs_only([]);
        }
        if self.upgradable {
            builder = builder.http1_only();
        }
        builder = match self.route()? {
            Route::Unset => builder,
            Route::Direct => builder.no_proxy(),
            Route::Through(proxy) => {
                builder.proxy(proxy.setting().map_err(|error| failed(&error))?)
            }
        };
        if let Some(Host::Domain(name)) = self.url.host()
            && is_loopback(&self.url)
        {
            // Whatever a resolver says: what is trusted to stay on this machine does.
            let loopback: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
            builder = builder.resolve_to_addrs(name, &loopback.map(|ip| SocketAddr::new(ip, 0)));
        }
        builder.build().map_err(|error| failed(&error))
    }

    /// How connections are made. A proxy sees nothing of what is encrypted, and all of what is
    /// not.
    fn route(&self) -> Result<Route, Unusable> {
        if !self.is_encrypted() || is_loopback(&self.url) {
            Ok(Route::Direct)
        } else {
            self.variables.route(&self.url)
        }
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.url.scheme(), "https" | "wss")
    }

    fn proxy(&self) -> Option<Proxy> {
        match self.route() {
            Ok(Route::Through(proxy)) => Some(proxy),
            _ => None,
        }
    }

    /// Whether a proxy is on the way.
    pub(super) fn has_proxy(&self) -> bool {
        self.proxy().is_some()
    }

    /// The proxy on the way, as it may be shown.
    pub(super) fn proxy_shown(&self) -> String {
        self.proxy()
            .map_or_else(|| "on the way".to_owned(), |proxy| proxy.shown())
    }

    /// The status with which the proxy on the way refuses to connect.
    pub(super) async fn proxy_status(&self) -> Option<u16> {
        let (proxy, client) = (self.proxy()?, self.get().ok()?);
        proxy.status(client, &self.url, self.limits.connect).await
    }

    /// What to look at when a certificate is not trusted.
    pub(super) fn trusted(&self) -> Option<String> {
        self.variables.trusted()
    }
}

fn failed(error: &reqwest::Error) -> Unusable {
    Unusable::new(format!("cannot set up the HTTP client: {}", causes(error)))
        .hint("SSL_CERT_FILE names the certificates to trust where the system has none")
}

/// An error with its causes, each said once, without the address.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = plain(inner);
        // The client library's own wrapping says nothing.
        if !text.starts_with("client error") && text != "tcp connect error" {
            said.retain(|outer| !outer.contains(&text) && !text.contains(outer.as_str()));
            said.push(text);
        }
        cause = inner.source();
    }
    if said.is_empty() {
        said.push(error.to_string());
    }
    said.join(": ")
}

/// An error in words; of the system's own, without the number and in the midst of a sentence.
fn plain(error: &(dyn std::error::Error + 'static)) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => {
            let mut chars = words.chars();
            let first = chars.next().into_iter().flat_map(char::to_lowercase);
            first.chain(chars).collect()
        }
        None => text,
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
            let read = address(text, allowed);
            assert_eq!(read.is_ok(), fine, "{text}: {read:?}");
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
            let refused = address(text, false).unwrap_err();
            assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
        }
    }

    #[test]
    fn a_prefix_of_the_address_stays() {
        for (base, whole) in [
            ("https://h", "https://h/data-service/v1/eventLog"),
            ("https://h/a/b/", "https://h/a/b/data-service/v1/eventLog"),
        ] {
            let base = address(base, false).unwrap();
            assert_eq!(join(&base, "/data-service/v1/eventLog").as_str(), whole);
        }
    }

    /// What comes from outside may hold anything: every control character, what is not ASCII,
    /// separators, and far too much of it.
    fn from_outside() -> impl Iterator<Item = String> {
        let each = (0..=0x2ff).chain([0x2028, 0x202e, 0xfeff, 0x1_f600]);
        let each = each.filter_map(char::from_u32);
        let around = each.flat_map(|c| [c.to_string(), format!("a{c}b"), format!("{c}a")]);
        around.chain([String::new(), "a".repeat(9 * 1024), "é".repeat(9 * 1024)])
    }

    #[test]
    fn whatever_comes_from_outside_is_refused_or_stays_in_its_place() {
        let base = Url::parse("https://h.example/prefix").unwrap();
        for text in from_outside() {
            let is_clean = |value: &HeaderValue| {
                let clean = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
                value.as_bytes().iter().all(clean) && value.len() <= LONGEST_VALUE
            };
            if let Ok(value) = header_value("it", &text) {
                assert!(
                    is_clean(&value) && value.as_bytes() == text.as_bytes(),
                    "{text:?}"
                );
            }
            if let Ok(value) = bearer(&text) {
                let one_word = text.bytes().all(|byte| byte.is_ascii_graphic());
                assert!(
                    is_clean(&value) && one_word && value.is_sensitive(),
                    "{text:?}"
                );
            }
            if Headers::default().set(&text, "x").is_ok() {
                assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
                assert!(!text.contains([':', '/', '"']), "{text:?}");
            }
            let joined = join(&base, &text);
            assert_eq!(joined.host_str(), base.host_str(), "{text:?}");
            assert!(joined.path().starts_with("/prefix"), "{text:?}");
            assert!(
                joined.as_str().bytes().all(|byte| byte.is_ascii_graphic()),
                "{text:?}"
            );
            if let Ok(url) = address(&text, true) {
                assert!(
                    url.as_str().bytes().all(|byte| byte.is_ascii_graphic()),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn the_query_of_a_path_stays_as_it_was_written() {
        let base = address("https://h/prefix", false).unwrap();
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
        assert!(address("wss://example.com", true).is_err());
        let refused = server_address("ws://example.com/x", false).unwrap_err();
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
            let url = server_address(text, false).unwrap();
            assert_eq!(over_http(&url).as_str(), request);
        }
    }

    #[test]
    fn header_values_cannot_break_out_and_some_headers_are_not_for_the_asking() {
        let mut headers = Headers::default();
        headers.set_key("X-Shop-Connector-Key", "canary").unwrap();
        for value in ["a\r\nb: c", "a\nb", "a\0b", "\u{7f}"] {
            let refused = headers.set_key("X-Key", value).unwrap_err();
            assert!(refused.message.contains("line break"), "{value:?}");
        }
        for name in [
            "Host",
            "content-LENGTH",
            "Content-Type",
            "Authorization",
            "x-shop-connector-key",
        ] {
            assert!(headers.set_extra(name, "x").is_err(), "{name}");
        }
        assert!(headers.set_extra("bad name", "x").is_err());
        headers.set_extra("X-Trace", "1").unwrap();
        let shown: Vec<_> = headers.shown().collect();
        assert!(shown.contains(&("x-shop-connector-key", None)), "{shown:?}");
        assert!(!format!("{headers:?}").contains("canary"));
    }
}
