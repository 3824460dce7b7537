//! The rules about the data reference in `dataId`.

use super::fields::{Resolved, name_of};
use super::record::{EventLog, FieldValue, Identifier, Identifiers, Reference};
use super::rule::Rule;
use super::sink::{Judged, Sink};
use crate::model::event_log::Field;
use crate::model::reference::{TYPE, iri_names};
use crate::model::stage::Direction;
use crate::wire::json::Kind;

/// Judges the data reference, if there is an object to judge.
#[inline]
pub fn check(log: &EventLog<'_>, resolved: &Resolved, sink: &mut impl Sink) -> Judged {
    let Some(reference) = &log.reference else {
        return Ok(());
    };
    complete(reference, sink)?;
    let (object, has_iri) = (&reference.object, reference.has_iri());
    if resolved.direction == Some(Direction::Outbound) && !has_iri && object.is_whole {
        sink.found_in(Rule::OutboundNeedsIri, object, || {
            "dataId has no iri, which direction OUTBOUND needs".to_owned()
        })?;
    }
    if reference.keys.is_some() && !has_iri && reference.identities.is_none() {
        sink.found_in(Rule::KeysOnlyReference, object, || {
            "keys are the only identifier of dataId".to_owned()
        })?;
    }
    foreign_identities(log, reference, sink)?;
    names(log, reference, sink)
}

#[inline]
fn complete(reference: &Reference<'_>, sink: &mut impl Sink) -> Judged {
    let object = &reference.object;
    match &reference.kind {
        Some(kind) if kind.is_text() && kind.bytes == TYPE.as_bytes() => {}
        Some(kind) => incomplete(kind, sink, || format!("dataId's @type is not {TYPE}"))?,
        None if object.is_whole => {
            incomplete(object, sink, || {
                format!("dataId has no \"@type\": \"{TYPE}\"")
            })?;
        }
        None => {}
    }
    named_text(
        object,
        reference.schema.as_ref(),
        "dataId",
        "schemaName",
        sink,
    )?;
    named_text(
        object,
        reference.shape.as_ref(),
        "dataId",
        "shapeName",
        sink,
    )?;
    if reference.iri.is_some() {
        named_text(object, reference.iri.as_ref(), "dataId", "iri", sink)?;
    }
    if let Some(identities) = &reference.identities {
        identifiers(identities, "externalIdentities", identity, sink)?;
    }
    if let Some(keys) = &reference.keys {
        identifiers(keys, "keys", |_, _| Ok(()), sink)?;
    }
    let none =
        reference.iri.is_none() && reference.identities.is_none() && reference.keys.is_none();
    if none && object.is_whole {
        incomplete(object, sink, || {
            "dataId has no identifier: no iri, no externalIdentities, no keys".to_owned()
        })?;
    }
    Ok(())
}

#[inline]
fn incomplete(
    value: &FieldValue<'_>,
    sink: &mut impl Sink,
    message: impl FnOnce() -> String,
) -> Judged {
    sink.found_in(Rule::IncompleteReference, value, message)
}

/// A member that must be text with something in it.
#[inline]
fn named_text(
    object: &FieldValue<'_>,
    value: Option<&FieldValue<'_>>,
    owner: &str,
    name: &str,
    sink: &mut impl Sink,
) -> Judged {
    match value {
        Some(value) if value.is_text() => {
            if value.is_blank() {
                incomplete(value, sink, || format!("{owner}'s {name} is empty"))?;
            }
            Ok(())
        }
        None if object.is_whole => incomplete(object, sink, || format!("{owner} has no {name}")),
        Some(value) if value.kind != Kind::Broken => sink.found_in(Rule::WrongType, value, || {
            let kind = name_of(value.kind);
            format!("{owner}'s {name} is {kind} where text is needed")
        }),
        None | Some(_) => Ok(()),
    }
}

#[inline]
fn identifiers<S: Sink>(
    identifiers: &Identifiers<'_>,
    name: &str,
    check: impl Fn(&Identifier<'_>, &mut S) -> Judged,
    sink: &mut S,
) -> Judged {
    let list = &identifiers.list;
    match list.kind {
        Kind::Array => {}
        Kind::Broken => return Ok(()),
        kind => {
            return sink.found_in(Rule::WrongType, list, || {
                let kind = name_of(kind);
                format!("dataId's {name} is {kind} where an array is needed")
            });
        }
    }
    for entry in &identifiers.entries {
        match entry.object.kind {
            Kind::Object => check(entry, sink)?,
            Kind::Broken => {}
            kind => sink.found_in(Rule::WrongType, &entry.object, || {
                let kind = name_of(kind);
                format!("an entry of {name} is {kind} where an object is needed")
            })?,
        }
    }
    if identifiers.entries.is_empty() {
        incomplete(list, sink, || format!("dataId's {name} is empty"))?;
    }
    Ok(())
}

#[inline]
fn identity(entry: &Identifier<'_>, sink: &mut impl Sink) -> Judged {
    const OWNER: &str = "an external identity";
    let (key, id) = (entry.integration_key.as_ref(), entry.external_id.as_ref());
    named_text(&entry.object, key, OWNER, "integrationKey", sink)?;
    named_text(&entry.object, id, OWNER, "externalId", sink)
}

#[inline]
fn foreign_identities(
    log: &EventLog<'_>,
    reference: &Reference<'_>,
    sink: &mut impl Sink,
) -> Judged {
    let (Some(own), Some(identities)) =
        (named(log.get(Field::IntegrationKey)), &reference.identities)
    else {
        return Ok(());
    };
    for entry in &identities.entries {
        if let Some(key) = named(entry.integration_key.as_ref())
            && key.bytes != own.bytes
        {
            sink.found_in(Rule::ForeignIntegrationKey, key, || {
                let (other, own) = (written(key.bytes), written(own.bytes));
                format!("the external identity belongs to {other}, the record to {own}")
            })?;
        }
    }
    Ok(())
}

/// Schema and shape are named up to three times: by the record, its reference and the iri.
#[inline]
fn names(log: &EventLog<'_>, reference: &Reference<'_>, sink: &mut impl Sink) -> Judged {
    if !sink.wants(Rule::ReferenceNameMismatch) {
        return Ok(());
    }
    let iri = reference.iri.as_ref().filter(|iri| iri.is_text());
    let in_iri = iri.and_then(|iri| Some((iri, iri_names(iri.bytes)?)));
    let schema = in_iri.map(|(iri, names)| (iri, names.schema));
    let shape = in_iri.map(|(iri, names)| (iri, names.shape));
    named_alike(
        log,
        Field::SchemaName,
        reference.schema.as_ref(),
        schema,
        sink,
    )?;
    named_alike(log, Field::ShapeName, reference.shape.as_ref(), shape, sink)
}

/// One of them: the record's own value, the reference's and the iri's.
#[inline]
fn named_alike(
    log: &EventLog<'_>,
    field: Field,
    referenced: Option<&FieldValue<'_>>,
    in_iri: Option<(&FieldValue<'_>, &[u8])>,
    sink: &mut impl Sink,
) -> Judged {
    let Some(own) = named(log.get(field)).map(|own| own.bytes) else {
        return Ok(());
    };
    let in_iri = in_iri.filter(|(_, other)| *other != own);
    let name = field.name();
    if let Some(other) = named(referenced).filter(|other| other.bytes != own) {
        sink.found_in(Rule::ReferenceNameMismatch, other, || {
            let (other, own) = (written(other.bytes), written(own));
            format!("dataId's {name} is {other}, the record's is {own}")
        })?;
    }
    if let Some((iri, other)) = in_iri {
        sink.found_in(Rule::ReferenceNameMismatch, iri, || {
            let (other, own) = (written(other), written(own));
            format!("the iri names {other}, the record's {name} is {own}")
        })?;
    }
    Ok(())
}

/// A name that says something; one that is blank has its own finding.
#[inline]
fn named<'v, 'a>(value: Option<&'v FieldValue<'a>>) -> Option<&'v FieldValue<'a>> {
    value.filter(|value| value.is_text() && !value.is_blank())
}

fn written(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
