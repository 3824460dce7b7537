//! The rules about the data reference in `dataId`.

use super::fields::{Resolved, name_of};
use super::record::{EventLog, FieldValue, Identifier, Identifiers, Reference};
use super::rule::Rule;
use super::sink::{Judged, Sink};
use crate::model::event_log::Field;
use crate::model::reference::{MEMBERS, TYPE, iri_names};
use crate::model::stage::Direction;
use crate::model::text::nearest;
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
            let meant = meant(&reference.unknown, "iri");
            format!("dataId has no iri, which direction OUTBOUND needs{meant}")
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
    let unknown = &reference.unknown;
    let named = |value: Option<&FieldValue<'_>>, name, sink: &mut _| {
        named_text(object, value, unknown, "dataId", name, sink)
    };
    named(reference.schema.as_ref(), "schemaName", sink)?;
    named(reference.shape.as_ref(), "shapeName", sink)?;
    if reference.iri.is_some() {
        named(reference.iri.as_ref(), "iri", sink)?;
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
            let meant = ["iri", "externalIdentities", "keys"].map(|name| meant(unknown, name));
            let meant = meant.concat();
            format!("dataId has no identifier: no iri, no externalIdentities, no keys{meant}")
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
    unknown: &[FieldValue<'_>],
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
        None if object.is_whole => incomplete(object, sink, || {
            format!("{owner} has no {name}{}", meant(unknown, name))
        }),
        Some(value) if value.kind != Kind::Broken => sink.found_in(Rule::WrongType, value, || {
            let kind = name_of(value.kind);
            format!("{owner}'s {name} is {kind} where text is needed")
        }),
        None | Some(_) => Ok(()),
    }
}

/// Which of the unknown members may be meant for one that is missing.
#[cold]
fn meant(unknown: &[FieldValue<'_>], missing: &str) -> String {
    let typed = unknown
        .iter()
        .map(|name| String::from_utf8_lossy(name.bytes));
    let mut alike = typed.filter(|typed| nearest(typed, MEMBERS) == Some(missing));
    alike.next().map_or_else(String::new, |typed| {
        format!("; {typed} may be meant for {missing}")
    })
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
    named_text(&entry.object, key, &[], OWNER, "integrationKey", sink)?;
    named_text(&entry.object, id, &[], OWNER, "externalId", sink)
}

#[inline]
fn foreign_identities(
    log: &EventLog<'_>,
    reference: &Reference<'_>,
    sink: &mut impl Sink,
) -> Judged {
    let (Some(own), Some(identities)) = (log.text(Field::IntegrationKey), &reference.identities)
    else {
        return Ok(());
    };
    for entry in &identities.entries {
        if let Some(key) = &entry.integration_key
            && key.is_text()
            && key.bytes != own
            && !own.trim_ascii().is_empty()
        {
            sink.found_in(Rule::ForeignIntegrationKey, key, || {
                let (other, own) = (written(key.bytes), written(own));
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
    let Some(own) = log.text(field) else {
        return Ok(());
    };
    let mismatch = referenced.filter(|other| other.is_text() && other.bytes != own);
    let in_iri = in_iri.filter(|(_, other)| *other != own);
    if (mismatch.is_none() && in_iri.is_none()) || own.trim_ascii().is_empty() {
        return Ok(());
    }
    let name = field.name();
    if let Some(other) = mismatch {
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

fn written(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
