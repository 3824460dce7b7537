//! Which proxy leads to an address, and what it says when it does not connect.

use super::address::RequestError;
use super::variables::Variables;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Host, Url};

/// How much of a proxy's answer is looked at for its status.
const STATUS_LINE: usize = 256;

/// How an encrypted connection is made.
#[derive(Debug)]
pub(super) enum Route {
    /// No variable says anything: as the operating system is set up.
    Unset,
    /// Without a proxy.
    Direct,
    /// Through this one.
    Through(Proxy),
}

/// A proxy that makes tunnels.
pub(super) struct Proxy {
    url: Url,
}

impl Variables {
    /// The way to an address.
    pub(super) fn route(&self, to: &Url) -> Result<Route, RequestError> {
        let Some((name, value)) = &self.proxy else {
            return Ok(Route::Unset);
        };
        let excepted = self.no_proxy.as_deref().unwrap_or_default();
        let mut entries = excepted.split([',', ' ']).filter(|entry| !entry.is_empty());
        if entries.any(|entry| excepts(entry, to)) {
            return Ok(Route::Direct);
        }
        Proxy::read(name, value).map(Route::Through)
    }
}

impl Proxy {
    /// Reads a variable's value, which is not repeated: it may hold a password.
    fn read(name: &str, value: &str) -> Result<Proxy, RequestError> {
        let advice = "use http://host:port or https://host:port, or except the address in NO_PROXY";
        let whole = if value.contains("://") {
            value.to_owned()
        } else {
            format!("http://{value}")
        };
        let url = Url::parse(&whole).map_err(|error| {
            RequestError::new(format!(
                "the variable {name} does not name a proxy: {error}"
            ))
            .hint(advice)
        })?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Proxy { url }),
            other => Err(RequestError::new(format!(
                "the variable {name} names a proxy with the scheme '{other}', which is not supported"
            ))
            .hint(advice)),
        }
    }

    /// The proxy as the client takes it.
    pub(super) fn setting(&self) -> reqwest::Result<reqwest::Proxy> {
        reqwest::Proxy::https(self.url.clone())
    }

    /// The address without a password.
    pub(super) fn shown(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}://{host}:{port}", self.url.scheme())
    }

    /// Asks once more for a tunnel, to learn the status that the client does not report. Over an
    /// encrypted connection it stays unknown.
    pub(super) async fn status(
        &self,
        client: &reqwest::Client,
        to: &Url,
        limit: Duration,
    ) -> Option<u16> {
        let asking = async {
            let host = self
                .url
                .host_str()
                .filter(|_| self.url.scheme() == "http")?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let port = self.url.port_or_known_default()?;
            let mut stream = TcpStream::connect((host, port)).await.ok()?;
            let target = format!("{}:{}", to.host_str()?, to.port_or_known_default()?);
            let mut request =
                format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
            if let Some(credentials) = self.credentials(client) {
                request.extend_from_slice(b"Proxy-Authorization: ");
                request.extend_from_slice(credentials.as_bytes());
                request.extend_from_slice(b"\r\n");
            }
            request.extend_from_slice(b"\r\n");
            stream.write_all(&request).await.ok()?;
            let mut said = Vec::new();
            let mut start = stream.take(STATUS_LINE as u64);
            while !said.contains(&b'\n') && start.read_buf(&mut said).await.ok()? > 0 {}
            status(&said)
        };
        tokio::time::timeout(limit, asking).await.ok().flatten()
    }

    /// User name and password of the address, as the client writes them into a header.
    fn credentials(&self, client: &reqwest::Client) -> Option<HeaderValue> {
        let request = client.get(self.url.clone()).build().ok()?;
        request.headers().get(AUTHORIZATION).cloned()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.shown())
    }
}

/// The status of an answer that begins with these bytes.
fn status(bytes: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(bytes).ok()?;
    let code = line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    code.trim_end().parse().ok()
}

/// Whether an entry of `NO_PROXY` takes in an address: `*`, a host or domain with what lies below
/// it, an IP address or a network, each with or without a port.
fn excepts(entry: &str, to: &Url) -> bool {
    if entry == "*" {
        return true;
    }
    let (name, port) = without_port(entry);
    if port.is_some_and(|port| Some(port) != to.port_or_known_default()) {
        return false;
    }
    match to.host() {
        Some(Host::Domain(host)) => is_below(host, name),
        Some(Host::Ipv4(ip)) => contains(name, IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => contains(name, IpAddr::V6(ip)),
        None => false,
    }
}

/// An entry in two: `[::1]:8080`, `host:8080`, or without a port.
fn without_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        // An IPv6 address has colons of its own, and no port unless it is in brackets.
        Some((name, port)) if name.ends_with(']') || !name.contains(':') => {
            (unbracketed(name), port.parse().ok())
        }
        _ => (unbracketed(entry), None),
    }
}

fn unbracketed(name: &str) -> &str {
    name.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a host is this domain or lies below it; `.domain` and `*.domain` mean the same.
fn is_below(host: &str, domain: &str) -> bool {
    let domain = domain.trim_start_matches('*').trim_start_matches('.');
    let (host, domain) = (host.trim_end_matches('.'), domain.trim_end_matches('.'));
    let Some(at) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (below, end) = host.split_at_checked(at).unwrap_or_default();
    !domain.is_empty()
        && end.eq_ignore_ascii_case(domain)
        && (below.is_empty() || below.ends_with('.'))
}

/// Whether a network such as `10.0.0.0/8`, or a single address, contains an address.
fn contains(network: &str, ip: IpAddr) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, length.parse().ok()),
        None => (network, Some(128)),
    };
    let same = |base: u128, ip: u128, width: u32, length: u32| {
        let ignored = width - length.min(width);
        base.checked_shr(ignored).unwrap_or(0) == ip.checked_shr(ignored).unwrap_or(0)
    };
    match (base.parse(), ip, length) {
        (Ok(IpAddr::V4(base)), IpAddr::V4(ip), Some(length)) => {
            same(base.to_bits().into(), ip.to_bits().into(), 32, length)
        }
        (Ok(IpAddr::V6(base)), IpAddr::V6(ip), Some(length)) => {
            same(base.to_bits(), ip.to_bits(), 128, length)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(proxy: &str, no_proxy: &str, to: &str) -> Result<String, RequestError> {
        let variables = Variables::read(|name| match name {
            "https_proxy" => Some(proxy),
            "NO_PROXY" => Some(no_proxy),
            _ => None,
        });
        let way = variables.route(&Url::parse(to).unwrap())?;
        Ok(match way {
            Route::Unset => "unset".to_owned(),
            Route::Direct => "direct".to_owned(),
            Route::Through(proxy) => proxy.shown(),
        })
    }

    #[test]
    fn no_proxy_takes_hosts_addresses_networks_and_ports() {
        for (no_proxy, to, direct) in [
            ("*", "https://h.example", true),
            ("*", "https://192.0.2.1", true),
            ("*", "https://[2001:db8::1]", true),
            ("a.example, h.example", "https://H.example", true),
            ("a.example h.example", "https://h.example", true),
            ("example", "https://h.example", true),
            (".example", "https://h.example", true),
            ("*.example", "https://h.example", true),
            ("example.", "https://h.example", true),
            ("ample", "https://h.example", false),
            ("h.example:443", "https://h.example", true),
            ("h.example:8443", "https://h.example:8443", true),
            ("h.example:8443", "https://h.example", false),
            ("192.0.2.1", "https://192.0.2.1", true),
            ("192.0.2.1:443", "https://192.0.2.1", true),
            ("192.0.2.1:444", "https://192.0.2.1", false),
            ("192.0.2.0/24", "https://192.0.2.77", true),
            ("192.0.2.0/24", "https://192.0.3.77", false),
            ("0.0.0.0/0", "https://192.0.3.77", true),
            ("192.0.2.0/x", "https://192.0.2.0", false),
            ("2001:db8::/32", "https://[2001:db8::1]", true),
            ("[2001:db8::1]:443", "https://[2001:db8::1]", true),
            ("2001:db8::1", "https://[2001:db8::2]", false),
            ("", "https://h.example", false),
            (",", "https://h.example", false),
        ] {
            let way = route("http://p:3128", no_proxy, to).unwrap();
            let expected = if direct { "direct" } else { "http://p:3128" };
            assert_eq!(way, expected, "{no_proxy} {to}");
        }
    }

    #[test]
    fn a_variable_that_names_no_usable_proxy_is_refused_by_name() {
        let to = "https://h.example";
        for (proxy, expected) in [
            ("p:3128", Ok("http://p:3128")),
            ("http://user:canary@p", Ok("http://p:80")),
            ("https://p", Ok("https://p:443")),
            ("::::", Err("does not name a proxy")),
            ("http://", Err("does not name a proxy")),
            ("socks5://user:canary@p:1080", Err("'socks5'")),
            ("ftp://p", Err("'ftp'")),
        ] {
            let way = route(proxy, "", to);
            match expected {
                Ok(shown) => assert_eq!(way.as_deref(), Ok(shown), "{proxy}"),
                Err(part) => {
                    let message = format!("{:?}", way.unwrap_err());
                    assert!(
                        message.contains(part) && message.contains("https_proxy"),
                        "{message}"
                    );
                    assert!(!message.contains("canary"), "{message}");
                }
            }
            assert_eq!(route(proxy, "*", to).as_deref(), Ok("direct"), "{proxy}");
        }
    }

    #[test]
    fn the_status_of_a_proxy_is_read_from_its_first_line() {
        assert_eq!(status(b"HTTP/1.1 403 Forbidden\r\n"), Some(403));
        assert_eq!(status(b"HTTP/1.0 401\r\n"), Some(401));
        assert_eq!(status(b"SSH-2.0-x 403\r\n"), None);
        assert_eq!(status(b""), None);
    }
}
