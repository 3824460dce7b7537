//! Under which identity a record was accepted: what makes two destinations one.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A destination: address and sender together. Two that differ in either are two destinations,
/// and neither sends the other's records.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The address.
    pub url: String,
    /// Who sends; `None` for a record of the first format, which noted the address only.
    #[serde(flatten)]
    pub sender: Option<Sender>,
}

/// Who sends, without any secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// The connector's key, which is its name.
    pub connector: String,
    /// The header that carries the API key.
    pub key_header: String,
    /// The names of further headers.
    pub headers: Vec<String>,
    /// A digest of the further headers; their values may be secret.
    digest: String,
}

impl Identity {
    /// An identity. Header names are compared without regard to case.
    pub fn new(
        url: String,
        connector: &str,
        key_header: &str,
        headers: &BTreeMap<String, String>,
    ) -> Identity {
        Identity {
            url,
            sender: Some(Sender {
                connector: connector.to_owned(),
                key_header: key_header.to_ascii_lowercase(),
                headers: headers.keys().cloned().collect(),
                digest: summary(headers),
            }),
        }
    }

    /// Reads what is stored with a record: JSON, or the address alone.
    pub fn read(text: &str) -> Identity {
        serde_json::from_str(text).unwrap_or_else(|_| Identity {
            url: text.to_owned(),
            sender: None,
        })
    }

    /// What is stored with a record. Equal identities have the same text.
    pub fn text(&self) -> String {
        match &self.sender {
            // Members in the order of the declaration: this cannot fail.
            Some(_) => serde_json::to_string(self).unwrap_or_default(),
            None => self.url.clone(),
        }
    }
}

/// SHA-256 in hexadecimal; empty where there is nothing to compare.
fn summary(headers: &BTreeMap<String, String>) -> String {
    if headers.is_empty() {
        return String::new();
    }
    let canonical = serde_json::to_vec(headers).unwrap_or_default();
    let mut text = String::new();
    for byte in digest(&SHA256, &canonical).as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(connector: &str, key_header: &str, headers: &[(&str, &str)]) -> Identity {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Identity::new("https://h/x".to_owned(), connector, key_header, &headers)
    }

    #[test]
    fn every_part_tells_two_identities_apart_and_no_value_is_stored() {
        let one = identity("a", "X-Key", &[("x-tenant", "canary")]);
        assert_eq!(one, identity("a", "x-key", &[("x-tenant", "canary")]));
        for other in [
            identity("b", "X-Key", &[("x-tenant", "canary")]),
            identity("a", "X-Other", &[("x-tenant", "canary")]),
            identity("a", "X-Key", &[("x-tenant", "else")]),
            identity("a", "X-Key", &[]),
        ] {
            assert_ne!(one.text(), other.text());
            assert_eq!(Identity::read(&other.text()), other);
        }
        assert!(one.text().contains("x-tenant") && !one.text().contains("canary"));
    }

    #[test]
    fn an_address_alone_names_no_sender() {
        let old = Identity::read("https://h/x");
        assert_eq!((old.url.as_str(), &old.sender), ("https://h/x", &None));
        assert_eq!(old.text(), "https://h/x");
    }
}
