//! The headers of a request, each judged before it is made.

use super::address::RequestError;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use std::fmt;
use zeroize::Zeroizing;

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
pub(super) const AGENT: &str = concat!("hivelog/", env!("CARGO_PKG_VERSION"));

/// The headers of every request, judged as they are added.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    map: HeaderMap,
    key: Option<HeaderName>,
}

impl Headers {
    /// Sets a header of our own.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        let (name, value) = header(name, value)?;
        self.map.insert(name, value);
        Ok(())
    }

    /// Sets the header that carries the key. Its value is never shown, not even in part.
    pub fn set_key(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        let (name, mut value) = header(name, value)?;
        if is_reserved(&name) {
            return Err(
                RequestError::new(format!("the header {name} cannot carry the key"))
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
    pub fn set_extra(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        self.insert_extra(name, value, false)
    }

    /// The same for a header whose value is not shown.
    pub fn set_masked(&mut self, name: &str, value: &str) -> Result<(), RequestError> {
        self.insert_extra(name, value, true)
    }

    fn insert_extra(&mut self, name: &str, value: &str, masked: bool) -> Result<(), RequestError> {
        let (name, mut value) = header(name, value)?;
        if is_reserved(&name) || name == AUTHORIZATION || self.key.as_ref() == Some(&name) {
            return Err(RequestError::new(format!(
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
pub(super) fn credentials_header(name: &str) -> Result<HeaderName, RequestError> {
    let (name, _) = header(name, "")?;
    if is_reserved(&name) {
        return Err(RequestError::new(format!(
            "the header {name} cannot carry credentials"
        )));
    }
    Ok(name)
}

/// The longest value of one header; servers take 8 KiB for all of them together, or little more.
const LONGEST_VALUE: usize = 8 * 1024;

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), RequestError> {
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| RequestError::new(format!("'{name}' is not a header name")))?;
    let value = header_value(&format!("the value of the header {name}"), value)?;
    Ok((name, value))
}

/// A header's value from text that may be anything; `what` names it. The text is not repeated: it
/// may be the key.
pub(super) fn header_value(what: &str, text: &str) -> Result<HeaderValue, RequestError> {
    if text.len() > LONGEST_VALUE {
        return Err(RequestError::new(format!(
            "{what} is longer than {LONGEST_VALUE} bytes"
        )));
    }
    if !text.chars().all(|c| c == '\t' || !c.is_control()) {
        return Err(RequestError::new(format!(
            "{what} contains a line break or another control character"
        )));
    }
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| RequestError::new(format!("{what} is not valid in a header")))
}

/// The header that carries a token.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, RequestError> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(RequestError::new(
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
pub struct MaskedKey(Zeroizing<String>);

impl MaskedKey {
    /// Wraps a key as it is.
    pub fn new(key: &str) -> MaskedKey {
        MaskedKey(Zeroizing::new(key.to_owned()))
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

impl fmt::Debug for MaskedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::address::{join, parse};
    use url::Url;

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
            if let Ok(url) = parse(&text, true) {
                assert!(
                    url.as_str().bytes().all(|byte| byte.is_ascii_graphic()),
                    "{text:?}"
                );
            }
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
