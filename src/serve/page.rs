//! Web pages in a browser on this machine, which may send requests to it on behalf of others.

use axum::http::{HeaderMap, Method, header};
use std::net::IpAddr;

/// Whether a request comes from a page that another site has sent, or was made under a name that
/// such a site has pointed at this machine. `local` says that only this machine is served.
pub fn is_foreign(method: &Method, headers: &HeaderMap, local: bool) -> bool {
    let text = |name| {
        let value = headers.get(name);
        value.map(|value| value.to_str().unwrap_or("?"))
    };
    let host = text(header::HOST);
    let other_name = local && host.is_some_and(|host| !is_loopback(host));
    let other_page = text(header::ORIGIN).is_some_and(|origin| {
        let from = origin.split_once("://").map(|(_, from)| from);
        from.is_none() || from != host
    });
    let site = headers.get("sec-fetch-site");
    let other_site = site.is_some_and(|site| site != "same-origin" && site != "none");
    // Following a link shows the page to its reader, and to nobody else.
    let is_link = *method == Method::GET
        && headers
            .get("sec-fetch-mode")
            .is_some_and(|mode| mode == "navigate");
    other_name || other_page || (other_site && !is_link)
}

/// Whether the value of a `Host` header names this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<IpAddr>();
    // What lies below `localhost` is this machine as well (RFC 6761).
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for own in [
            "localhost",
            "LOCALHOST:80",
            "api.LocalHost:80",
            "127.0.0.1:4000",
            "127.9.9.9",
            "[::1]:5",
            "[::1]",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "localhost.evil.example:80",
            "evillocalhost",
            "10.0.0.1",
            "[::2]",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_known_by_any_of_its_marks() {
        let foreign = |method: Method, local: bool, headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            is_foreign(&method, &map, local)
        };
        let host = ("host", "localhost:80");
        for own in [
            &[][..],
            &[host],
            &[host, ("origin", "http://localhost:80")],
            &[host, ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "none")],
        ] {
            assert!(!foreign(Method::POST, true, own), "{own:?}");
        }
        for other in [
            &[("host", "evil.example")][..],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "http://localhost:81")],
            &[host, ("origin", "null")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[
                host,
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
            ],
        ] {
            assert!(foreign(Method::POST, true, other), "{other:?}");
        }
        let link = [
            host,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ];
        assert!(!foreign(Method::GET, true, &link));
        assert!(!foreign(Method::POST, false, &[("host", "build.example")]));
    }
}
