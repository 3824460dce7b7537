//! The rules about the data reference in `dataId`.

use super::fields::{Values, at, is_blank, name_of};
use super::rule::Rule;
use super::subject::{Place, Subject};
use crate::model::reference::{TYPE, iri_names};
use crate::model::stage::Direction;
use crate::model::vocabulary::Word;
use crate::wire::json::Kind;

/// Judges the data reference, if there is an object to judge.
pub fn check(subject: &mut Subject<'_>, values: &Values) {
    let Some(reference) = values.get(at::DATA_ID) else {
        return;
    };
    if subject.node(reference).kind != Kind::Object {
        return;
    }
    let members = Members::of(subject, reference);
    complete(subject, reference, &members);
    let outbound = values.direction == Some(Direction::Outbound);
    if outbound && !members.has_iri && subject.document.is_whole_in(reference) {
        subject.report(
            Rule::OutboundNeedsIri,
            Place::Value(reference),
            "dataId has no iri, which direction OUTBOUND needs",
        );
    }
    if members.keys.is_some() && !members.has_iri && members.identities.is_none() {
        subject.report(
            Rule::KeysOnlyReference,
            Place::Value(reference),
            "keys are the only identifier of dataId",
        );
    }
    foreign_identities(subject, values, &members);
    names(subject, values, &members);
}

/// The members of a data reference; null counts as absent.
#[derive(Default)]
struct Members {
    kind: Option<usize>,
    schema: Option<usize>,
    shape: Option<usize>,
    iri: Option<usize>,
    has_iri: bool,
    identities: Option<usize>,
    keys: Option<usize>,
}

impl Members {
    fn of(subject: &Subject<'_>, reference: usize) -> Members {
        let mut members = Members::default();
        for (name, value) in subject.document.members(reference) {
            if subject.node(value).kind == Kind::Null {
                continue;
            }
            let slot = match subject.word(name) {
                Some(Word::KIND) => &mut members.kind,
                Some(Word::SCHEMA_NAME) => &mut members.schema,
                Some(Word::SHAPE_NAME) => &mut members.shape,
                Some(Word::IRI) => &mut members.iri,
                Some(Word::EXTERNAL_IDENTITIES) => &mut members.identities,
                Some(Word::KEYS) => &mut members.keys,
                _ => continue,
            };
            *slot = slot.or(Some(value));
        }
        members.has_iri = members.iri.is_some_and(|iri| {
            matches!(subject.node(iri).kind, Kind::Text | Kind::Escaped) && !is_blank(subject, iri)
        });
        members
    }
}

fn incomplete(subject: &mut Subject<'_>, place: Place, message: impl Into<String>) {
    subject.report(Rule::IncompleteReference, place, message);
}

fn complete(subject: &mut Subject<'_>, reference: usize, members: &Members) {
    match members.kind {
        Some(kind) if subject.document.is_text(subject.text(), kind, TYPE) => {}
        Some(kind) => incomplete(
            subject,
            Place::Value(kind),
            format!("dataId's @type is not {TYPE}"),
        ),
        None if subject.document.is_whole_in(reference) => {
            incomplete(
                subject,
                Place::Value(reference),
                format!("dataId has no \"@type\": \"{TYPE}\""),
            );
        }
        None => {}
    }
    named_text(subject, reference, members.schema, "dataId", "schemaName");
    named_text(subject, reference, members.shape, "dataId", "shapeName");
    if let Some(iri) = members.iri {
        named_text(subject, reference, Some(iri), "dataId", "iri");
    }
    for (list, name) in [
        (members.identities, "externalIdentities"),
        (members.keys, "keys"),
    ] {
        if let Some(list) = list {
            identifiers(subject, list, name);
        }
    }
    let none = members.iri.is_none() && members.identities.is_none() && members.keys.is_none();
    if none && subject.document.is_whole_in(reference) {
        incomplete(
            subject,
            Place::Value(reference),
            "dataId has no identifier: no iri, no externalIdentities, no keys",
        );
    }
}

/// A member that must be text with something in it.
fn named_text(
    subject: &mut Subject<'_>,
    object: usize,
    value: Option<usize>,
    owner: &str,
    name: &str,
) {
    match value {
        None if subject.document.is_whole_in(object) => {
            incomplete(
                subject,
                Place::Value(object),
                format!("{owner} has no {name}"),
            );
        }
        None => {}
        Some(value) => match subject.node(value).kind {
            Kind::Broken => {}
            Kind::Text | Kind::Escaped => {
                if is_blank(subject, value) {
                    incomplete(
                        subject,
                        Place::Value(value),
                        format!("{owner}'s {name} is empty"),
                    );
                }
            }
            kind => {
                let message = format!("{owner}'s {name} is {} where text is needed", name_of(kind));
                subject.report(Rule::WrongType, Place::Value(value), message);
            }
        },
    }
}

fn identifiers(subject: &mut Subject<'_>, list: usize, name: &str) {
    match subject.node(list).kind {
        Kind::Array => {}
        Kind::Broken => return,
        kind => {
            let message = format!(
                "dataId's {name} is {} where an array is needed",
                name_of(kind)
            );
            subject.report(Rule::WrongType, Place::Value(list), message);
            return;
        }
    }
    let document = subject.document;
    let mut empty = true;
    for entry in document.elements(list) {
        empty = false;
        match subject.node(entry).kind {
            Kind::Object if name == "externalIdentities" => {
                for member in [Word::INTEGRATION_KEY, Word::EXTERNAL_ID] {
                    let value = subject.member(entry, member);
                    named_text(subject, entry, value, "an external identity", member.name());
                }
            }
            Kind::Object | Kind::Broken => {}
            kind => {
                let message = format!(
                    "an entry of {name} is {} where an object is needed",
                    name_of(kind)
                );
                subject.report(Rule::WrongType, Place::Value(entry), message);
            }
        }
    }
    if empty {
        incomplete(
            subject,
            Place::Value(list),
            format!("dataId's {name} is empty"),
        );
    }
}

fn foreign_identities(subject: &mut Subject<'_>, values: &Values, members: &Members) {
    let (Some(own), Some(list)) = (values.get(at::INTEGRATION_KEY), members.identities) else {
        return;
    };
    let Some(own) = subject
        .bytes(own)
        .filter(|own| !own.trim_ascii().is_empty())
    else {
        return;
    };
    let document = subject.document;
    for entry in document.elements(list) {
        let Some(key) = subject.member(entry, Word::INTEGRATION_KEY) else {
            continue;
        };
        if subject.bytes(key).is_some_and(|other| other != own) {
            let other = subject.string(key).unwrap_or_default();
            let own = String::from_utf8_lossy(&own);
            let message = format!("the external identity belongs to {other}, the record to {own}");
            subject.report(Rule::ForeignIntegrationKey, Place::Value(key), message);
        }
    }
}

/// Schema and shape are named up to three times: by the record, its reference and the iri.
fn names(subject: &mut Subject<'_>, values: &Values, members: &Members) {
    if !subject.wants(Rule::ReferenceNameMismatch) {
        return;
    }
    let iri = members.iri.and_then(|iri| subject.bytes(iri));
    let in_iri = iri.as_deref().and_then(iri_names);
    let (schema, shape) = (
        in_iri.map(|names| names.schema),
        in_iri.map(|names| names.shape),
    );
    named_alike(
        subject,
        (values.get(at::SCHEMA_NAME), Word::SCHEMA_NAME),
        members,
        members.schema,
        schema,
    );
    named_alike(
        subject,
        (values.get(at::SHAPE_NAME), Word::SHAPE_NAME),
        members,
        members.shape,
        shape,
    );
}

/// One of them: the record's own value, the reference's and the iri's.
fn named_alike(
    subject: &mut Subject<'_>,
    (own, name): (Option<usize>, Word),
    members: &Members,
    referenced: Option<usize>,
    in_iri: Option<&[u8]>,
) {
    let Some(own) = own.and_then(|value| subject.bytes(value)) else {
        return;
    };
    let name = name.name();
    let written = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let other = referenced.and_then(|value| Some((value, subject.bytes(value)?)));
    let mismatch = other.filter(|(_, other)| *other != own);
    let in_iri = in_iri.zip(members.iri).filter(|(other, _)| **other != *own);
    if (mismatch.is_none() && in_iri.is_none()) || own.trim_ascii().is_empty() {
        return;
    }
    let own = written(&own);
    if let Some((value, other)) = mismatch {
        let message = format!(
            "dataId's {name} is {}, the record's is {own}",
            written(&other)
        );
        subject.report(Rule::ReferenceNameMismatch, Place::Value(value), message);
    }
    if let Some((other, value)) = in_iri {
        let message = format!(
            "the iri names {}, the record's {name} is {own}",
            written(other)
        );
        subject.report(Rule::ReferenceNameMismatch, Place::Value(value), message);
    }
}
