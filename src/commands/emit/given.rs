//! The fields of one event log as the command line gives them.

use super::compose::{Fields, LEFT_OUT, json_mistake};
use crate::failure::Failure;
use crate::host::read_whole_text;
use crate::model::event_log::Field;
use crate::model::reference::ExternalIdentity;
use crate::model::timestamp::{Timestamp, Zone};
use std::fs::File;

/// The fields of one event log as they were typed.
#[derive(Clone, Debug, Default)]
pub struct GivenFields {
    /// The values of flags, where `@FILE` is not read yet.
    pub values: Vec<(Field, String)>,
    /// The parts of a detail: state, cause and action.
    pub detail: Vec<String>,
    /// The IRI of the data reference.
    pub data_iri: Option<String>,
    /// External identities, as `INTEGRATION=ID`.
    pub external_ids: Vec<String>,
}

impl GivenFields {
    /// Whether the detail is left to be written.
    pub fn has_no_detail(&self) -> bool {
        self.detail.is_empty() && self.values.iter().all(|(field, _)| *field != Field::Detail)
    }

    /// The fields with files read and parts put together.
    pub fn read(self, now: Timestamp, zone: Zone) -> Result<Fields, Failure> {
        let mut fields = Fields::default();
        for (field, value) in self.values {
            fields[field] = Some(value_of(field, value, now, zone)?);
        }
        if !self.detail.is_empty() {
            fields[Field::Detail] = Some(self.detail.join("\n"));
        }
        fields.data_iri = self.data_iri;
        let identities = self.external_ids.iter().map(|text| identity(text));
        fields.external_ids = identities.collect::<Result<_, _>>()?;
        Ok(fields)
    }
}

/// What a flag gives for a field.
fn value_of(field: Field, value: String, now: Timestamp, zone: Zone) -> Result<String, Failure> {
    let flag = field.row().flag;
    match field {
        Field::Detail | Field::TechnicalInfo => text(flag, value),
        Field::CustomData | Field::LinkIdentities => json(flag, value),
        // A documented form is sent as it was typed.
        Field::GeneratedAt if value == LEFT_OUT || Timestamp::parse(&value).is_some() => Ok(value),
        Field::GeneratedAt => Timestamp::parse_user(&value, now, zone)
            .map(|instant| instant.at(zone).rfc3339())
            .map_err(|complaint| Failure::usage(format!("{flag}: {complaint}"))),
        _ => Ok(value),
    }
}

/// A text, or with `@` the content of a file.
fn text(flag: &str, value: String) -> Result<String, Failure> {
    let Some(path) = value.strip_prefix('@') else {
        return Ok(value);
    };
    let content = if path == "-" {
        read_whole_text(std::io::stdin())
    } else {
        File::open(path).and_then(read_whole_text)
    };
    let mut content =
        content.map_err(|error| Failure::io(format!("{flag}: cannot read {path}"), error))?;
    // The line break at the end belongs to the file, not to the text.
    if content.ends_with('\n') {
        content.pop();
        if content.ends_with('\r') {
            content.pop();
        }
    }
    Ok(content)
}

fn json(flag: &str, value: String) -> Result<String, Failure> {
    let content = text(flag, value)?;
    let json = content.trim();
    match json_mistake(json) {
        None => Ok(json.to_owned()),
        Some(mistake) => Err(Failure::usage(format!("{flag} is not JSON: {mistake}"))
            .hint("text needs double quotes inside the single quotes of the shell: '\"text\"'")),
    }
}

fn identity(text: &str) -> Result<ExternalIdentity, Failure> {
    match text.split_once('=') {
        Some((key, id)) if !key.is_empty() && !id.is_empty() => Ok(ExternalIdentity {
            integration_key: key.to_owned(),
            external_id: id.to_owned(),
        }),
        _ => Err(Failure::usage(format!(
            "--external-id '{text}' is not INTEGRATION=ID, such as ShopifyNZ=9217354452632"
        ))),
    }
}
