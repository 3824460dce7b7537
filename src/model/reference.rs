//! Data references: the object in `dataId` that ties an event log to data in SyncHive.

use serde::{Deserialize, Serialize};

/// The only `@type` a data reference may have.
pub const TYPE: &str = "DataReference";

/// The members of a data reference.
pub const MEMBERS: [&str; 6] = [
    "@type",
    "schemaName",
    "shapeName",
    "iri",
    "externalIdentities",
    "keys",
];

/// What an IRI of the documented form names: `https://…/<schemaName>/<shapeName>#<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IriNames<'a> {
    /// The last but one part of the path.
    pub schema: &'a [u8],
    /// The last part of the path.
    pub shape: &'a [u8],
}

/// Reads the schema and shape names out of an IRI of the documented form.
///
/// The fragment is never judged: its format has changed before.
pub fn iri_names(iri: &[u8]) -> Option<IriNames<'_>> {
    let address = &iri[..memchr::memchr(b'#', iri)?];
    let colon = memchr::memchr(b':', address)?;
    let rest = address[colon..].strip_prefix(b"://")?;
    let mut slashes = memchr::memchr_iter(b'/', rest);
    let (before, between) = (slashes.next()?, slashes.next()?);
    let (schema, shape) = (&rest[before + 1..between], &rest[between + 1..]);
    let is_whole = slashes.next().is_none() && !schema.is_empty() && !shape.is_empty();
    is_whole.then_some(IriNames { schema, shape })
}

/// The id of a thing in one integration's own system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalIdentity {
    /// The integration that knows the id.
    pub integration_key: String,
    /// The id in that integration's system.
    pub external_id: String,
}

/// A data reference as `hivelog` composes it from flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataReference {
    /// Always [`TYPE`].
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// The schema, for example `limber`.
    pub schema_name: String,
    /// The shape, for example `Product`.
    pub shape_name: String,
    /// The thing's address in SyncHive; required for OUTBOUND.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// Ids in external systems; allowed for INBOUND.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_identities: Vec<ExternalIdentity>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iri_names_are_read_from_the_documented_form_only() {
        let iri = "https://schema.limbergraph.com/limber/Product#366821d6";
        let names = iri_names(iri.as_bytes()).expect("the documented form");
        assert_eq!(
            (names.schema, names.shape),
            (&b"limber"[..], &b"Product"[..])
        );
        for other in [
            "urn:x:y#1",
            "https://host/limber/Product",
            "https://host/a/b/c#1",
            "https://host#1",
        ] {
            assert_eq!(iri_names(other.as_bytes()), None, "{other}");
        }
    }
}
