//! Data references: the object in `dataId` that ties an event log to data in SyncHive.

use serde::{Deserialize, Serialize};

/// The only `@type` a data reference may have.
pub const TYPE: &str = "DataReference";

/// The members a data reference is known to have (event logging, the two `dataId` samples;
/// `keys` and `label` are documented for references in general).
pub static MEMBERS: [&str; 7] = [
    "@type",
    "schemaName",
    "shapeName",
    "iri",
    "externalIdentities",
    "keys",
    "label",
];

/// What an IRI of the documented form names: `https://…/<schemaName>/<shapeName>#<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IriNames<'a> {
    /// The last but one part of the path.
    pub schema: &'a str,
    /// The last part of the path.
    pub shape: &'a str,
}

/// Reads the schema and shape names out of an IRI of the documented form.
///
/// The fragment is never judged: its format has changed before.
pub fn iri_names(iri: &str) -> Option<IriNames<'_>> {
    let (address, _fragment) = iri.split_once('#')?;
    let (_scheme, rest) = address.split_once("://")?;
    let mut parts = rest.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(schema), Some(shape), None) if !schema.is_empty() && !shape.is_empty() => {
            Some(IriNames { schema, shape })
        }
        _ => None,
    }
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
        let names = iri_names(iri).expect("the documented form");
        assert_eq!((names.schema, names.shape), ("limber", "Product"));
        for other in [
            "urn:x:y#1",
            "https://host/limber/Product",
            "https://host/a/b/c#1",
            "https://host#1",
        ] {
            assert_eq!(iri_names(other), None, "{other}");
        }
    }
}
