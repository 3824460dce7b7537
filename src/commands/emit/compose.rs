//! One event log from flags, with everything derived that can be.

use crate::check::known_code::near;
use crate::commands::emit::edit::Edit;
use crate::failure::Failure;
use crate::model::code::Code;
use crate::model::event_log::{FIELDS, Field, Shape};
use crate::model::reference::{self, DataReference, ExternalIdentity};
use crate::model::stage::{Direction, Stage};
use crate::model::text::{self, did_you_mean, did_you_mean_one_of};
use crate::model::timestamp::Timestamp;
use crate::settings::{Settings, plain};
use crate::wire::json::{Document, SyntaxErrorKind};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::ops::{Index, IndexMut};
use uuid::Uuid;

/// What `--generated-at` says to leave the field out.
pub const LEFT_OUT: &str = "none";

/// The fields as they were given; `@FILE` texts are read already.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Text, or the JSON of a field that takes any. The data reference has members of its own.
    values: [Option<String>; FIELDS.len()],
    /// The IRI of the data reference.
    pub data_iri: Option<String>,
    /// The external identities of the data reference.
    pub external_ids: Vec<ExternalIdentity>,
    /// Whether the data reference is given in another way.
    reference_elsewhere: bool,
}

impl Index<Field> for Fields {
    type Output = Option<String>;

    fn index(&self, field: Field) -> &Option<String> {
        &self.values[field as usize]
    }
}

impl IndexMut<Field> for Fields {
    fn index_mut(&mut self, field: Field) -> &mut Option<String> {
        &mut self.values[field as usize]
    }
}

impl Fields {
    /// Takes what `--set` and `--default` give for what no flag gives, so that it is not missing.
    pub fn fill(&mut self, edits: &[Edit]) {
        for edit in edits {
            let (name, text) = edit.whole_text();
            match Field::find(name) {
                Some(Field::DataId) => self.reference_elsewhere = true,
                Some(field) if field.row().required && self[field].is_none() => self[field] = text,
                _ => {}
            }
        }
    }

    /// Whether any field was given, so that a record is wanted from them.
    pub fn is_empty(&self) -> bool {
        self.edits().is_empty()
    }

    /// The changes that put the fields into a record.
    pub fn edits(&self) -> Vec<Edit> {
        let iri = self.data_iri.as_deref().map(Value::from);
        let ids = (!self.external_ids.is_empty()).then(|| json!(self.external_ids));
        let reference = [("dataId.iri", iri), ("dataId.externalIdentities", ids)];
        let reference = reference
            .into_iter()
            .filter_map(|(path, value)| Some(Edit::of_field(path, value?.to_string())));
        Field::ALL
            .into_iter()
            .filter_map(|field| Some(Edit::of_field(field.name(), self.json(field)?)))
            .chain(reference)
            .collect()
    }

    /// The JSON of a field that is given as a whole.
    fn json(&self, field: Field) -> Option<String> {
        let value = self[field].as_deref()?;
        match field.row().shape {
            Shape::Text if field == Field::GeneratedAt && value == LEFT_OUT => None,
            Shape::Text => Some(Value::from(value).to_string()),
            Shape::Reference | Shape::Json => Some(value.to_owned()),
        }
    }

    /// The documented spelling of what was typed loosely: `4005e`, `live`, `outbound-4`.
    fn spell_out(&mut self, extra_codes: &[String]) {
        for field in Field::ALL {
            if let (Some(typed), Some(known)) = (&self[field], known_values(field, extra_codes))
                && let Some(meant) = text::meant(typed, known)
            {
                self[field] = Some(meant.to_owned());
            }
        }
    }

    /// Adds the defaults, and what follows from other fields.
    fn complete(&mut self, around: &Surroundings<'_>) {
        let is_error = |code: &String| code.ends_with('E');
        for field in Field::ALL {
            // An error has an outcome of its own, whatever the default is; the code comes first.
            let failed =
                field == Field::Outcome && self[Field::EventCode].as_ref().is_some_and(is_error);
            if self[field].is_none() {
                let failed = failed.then(|| "FAILED".to_owned());
                self[field] = failed.or_else(|| around.default(field));
            }
        }
        let stage = self[Field::LifeCycleStage].as_deref().and_then(Stage::find);
        let follows = [
            (
                Field::Direction,
                stage.map(|stage| stage.direction.name().to_owned()),
            ),
            (Field::Mode, around.mode.map(str::to_owned)),
            (Field::GeneratedAt, Some(around.now.rfc3339())),
        ];
        for (field, value) in follows {
            self[field] = self[field].take().or(value);
        }
        if self[Field::CorrelationId].is_none() && self.flows(Direction::Inbound) {
            self[Field::CorrelationId] = Some(Uuid::new_v4().to_string());
        }
    }

    fn flows(&self, direction: Direction) -> bool {
        self[Field::Direction].as_deref() == Some(direction.name())
    }

    /// The flags that are needed for what is missing.
    fn missing(&self) -> Vec<&'static str> {
        let referenced =
            self.data_iri.is_some() || !self.external_ids.is_empty() || self.reference_elsewhere;
        let is_missing = |field: &Field| match field {
            // It follows from the stage, and decides whether a correlation id is made.
            Field::Direction => false,
            Field::CorrelationId => self[*field].is_none() && self[Field::Direction].is_some(),
            Field::DataId => !referenced,
            _ => field.row().required && self[*field].is_none(),
        };
        let flag = |field| match field {
            Field::DataId if !self.flows(Direction::Outbound) => "--external-id (or --data-iri)",
            _ => field.row().flag,
        };
        Field::ALL
            .into_iter()
            .filter(is_missing)
            .map(flag)
            .collect()
    }

    /// The event log, its members in the document's order.
    fn event_log(&self) -> String {
        let members = Field::ALL.into_iter().filter_map(|field| {
            let value = match field {
                Field::DataId => self.reference().to_string(),
                _ => self.json(field)?,
            };
            Some(format!("\"{}\":{value}", field.name()))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    fn reference(&self) -> Value {
        json!(DataReference {
            kind: reference::TYPE,
            schema_name: self[Field::SchemaName].clone().unwrap_or_default(),
            shape_name: self[Field::ShapeName].clone().unwrap_or_default(),
            iri: self.data_iri.clone(),
            external_identities: self.external_ids.clone(),
        })
    }
}

/// What composing rests on as well as the fields.
pub struct Surroundings<'a> {
    /// Defaults of fields.
    pub settings: &'a Settings,
    /// The present moment.
    pub now: Timestamp,
    /// Codes to accept in addition to the glossary's.
    pub extra_codes: &'a [String],
    /// The mode when nobody says; the emulator has one.
    pub mode: Option<&'a str>,
    /// Whether values outside the documented lists are refused.
    pub strict: bool,
}

impl Surroundings<'_> {
    fn default(&self, field: Field) -> Option<String> {
        let is_text = field.row().shape == Shape::Text;
        let text = plain(&self.settings.field(field).filter(|_| is_text)?.value);
        (!text.is_empty()).then_some(text)
    }
}

/// Composes an event log. Everything that is missing is named at once; codes and closed lists
/// are taken in the spelling of a person as well.
pub fn compose(mut fields: Fields, around: &Surroundings<'_>) -> Result<Vec<u8>, Failure> {
    fields.spell_out(around.extra_codes);
    let given = Field::ALL.map(|field| fields[field].is_some());
    fields.complete(around);
    // What is wrong is reported before what is missing.
    if around.strict {
        for (field, given) in Field::ALL.into_iter().zip(given) {
            known(field, fields[field].as_deref(), around.extra_codes).map_err(|failure| {
                if given {
                    return failure;
                }
                let complaint = failure.to_string();
                Failure {
                    hint: failure.hint,
                    ..around.settings.field_complaint(field, &complaint)
                }
            })?;
        }
    }
    let missing = fields.missing();
    if missing.is_empty() {
        Ok(fields.event_log().into_bytes())
    } else {
        Err(incomplete(&missing))
    }
}

fn incomplete(missing: &[&str]) -> Failure {
    let it = if missing.len() == 1 { "it" } else { "them" };
    Failure::usage(format!("missing required: {}", missing.join(", "))).hint(format!(
        "give {it} as flags, or in the profile under 'defaults' where the value is always the same"
    ))
}

/// The values a field may have, if the list is closed.
fn known_values(field: Field, extra_codes: &[String]) -> Option<Vec<&str>> {
    let mut known = (field.row().values?)();
    if field == Field::EventCode {
        known.extend(extra_codes.iter().map(String::as_str));
    }
    Some(known)
}

/// Refuses a value outside a closed list, with the nearest right spelling.
fn known(field: Field, value: Option<&str>, extra_codes: &[String]) -> Result<(), Failure> {
    let value = value.unwrap_or_default();
    let Some(all) = known_values(field, extra_codes) else {
        return Ok(());
    };
    if value.is_empty() || all.contains(&value) {
        return Ok(());
    }
    if field == Field::EventCode {
        return Err(unknown_code(value));
    }
    let what = field.row().flag.trim_start_matches('-');
    let guess = did_you_mean(value, all.iter().copied());
    Err(Failure::usage(format!("unknown {what} '{value}'{guess}"))
        .hint(format!("valid values: {}", all.join(", "))))
}

fn unknown_code(value: &str) -> Failure {
    let upper = value.to_ascii_uppercase();
    let number: String = value.chars().take_while(char::is_ascii_digit).collect();
    let with_number: Vec<&str> = Code::with_number(&number).map(|code| code.key).collect();
    let failure = if Code::find(&upper).is_some() {
        Failure::usage(format!(
            "unknown event code '{value}', did you mean {upper}?"
        ))
    } else if with_number.is_empty() {
        let near: Vec<_> = near(value).into_iter().map(|code| code.key).collect();
        let guess = did_you_mean_one_of(&near);
        Failure::usage(format!("unknown event code '{value}'{guess}"))
    } else {
        Failure::usage(format!(
            "unknown event code '{value}': {number} exists as {}",
            with_number.join(" and ")
        ))
    };
    failure.hint(
        "'hivelog codes' lists them; codes of your own go into the profile under check.extra_codes",
    )
}

/// What is wrong with a text that is meant to be JSON, and where.
pub fn json_mistake(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).err()?;
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    let mut document = Document::default();
    document.read(text.as_bytes());
    Some(match document.faults().first() {
        None => "it is nested too deeply".to_owned(),
        Some(fault) if fault.kind == SyntaxErrorKind::CutOff => "its end is missing".to_owned(),
        Some(fault) => {
            let before = text.get(..fault.start).unwrap_or_default();
            let (lines, last) = before.rsplit_once('\n').unwrap_or(("", before));
            let column = last.chars().count() + 1;
            let place = match lines {
                "" => format!("character {column}"),
                lines => format!("line {}, character {column}", lines.lines().count() + 1),
            };
            format!("{} ({place})", fault.message(text.as_bytes()))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_is_reported_with_what_exists() {
        let said = |code| {
            known(Field::EventCode, Some(code), &["9999N".to_owned()])
                .unwrap_err()
                .to_string()
        };
        assert!(known(Field::EventCode, Some("4005E"), &[]).is_ok());
        assert!(known(Field::EventCode, Some("9999N"), &["9999N".to_owned()]).is_ok());
        assert!(said("4005e").contains("did you mean 4005E?"));
        assert!(said("4009E").contains("did you mean 4005E, 4004E, 4003E or 4002E?"));
        assert!(said("4005I").contains("4005 exists as 4005E"));
        assert!(
            said("4004").contains("4004E and 4004W") || said("4004").contains("4004W and 4004E")
        );
    }
}
