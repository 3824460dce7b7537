//! One event log from flags, with everything derived that can be.

use crate::commands::emit::edit::Edit;
use crate::failure::Failure;
use crate::model::code::{self, Code};
use crate::model::event_log::EventLog;
use crate::model::outcome::{Choice, MODES, OUTCOMES};
use crate::model::reference::{self, DataReference, ExternalIdentity};
use crate::model::stage::{Direction, STAGES, Stage};
use crate::model::text::{self, did_you_mean};
use crate::model::timestamp::Timestamp;
use crate::settings::Settings;
use serde_json::value::RawValue;
use uuid::Uuid;

/// The fields as they were given; `@FILE` texts are read already.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "each is the flag of the same name")]
pub struct Fields {
    pub code: Option<String>,
    pub stage: Option<String>,
    pub direction: Option<String>,
    pub outcome: Option<String>,
    pub correlation_id: Option<String>,
    pub detail: Option<String>,
    pub technical_info: Option<String>,
    pub data_iri: Option<String>,
    pub external_ids: Vec<ExternalIdentity>,
    pub integration: Option<String>,
    pub shape: Option<String>,
    pub schema: Option<String>,
    pub schema_version: Option<String>,
    pub mode: Option<String>,
    pub stream: Option<String>,
    pub custom_data: Option<Box<RawValue>>,
    pub link_identities: Option<Box<RawValue>>,
    pub generated_at: GeneratedAt,
    /// Whether the data reference is given in another way.
    pub reference_elsewhere: bool,
}

impl Fields {
    /// Takes what `--set` and `--default` give for what no flag gives, so that it is not missing.
    pub fn fill(&mut self, edits: &[Edit]) {
        for edit in edits {
            let (name, text) = edit.whole_text();
            self.reference_elsewhere |= name == "dataId";
            let slot = match name {
                "eventCode" => &mut self.code,
                "lifeCycleStage" => &mut self.stage,
                "direction" => &mut self.direction,
                "outcome" => &mut self.outcome,
                "correlationId" => &mut self.correlation_id,
                "integrationKey" => &mut self.integration,
                "shapeName" => &mut self.shape,
                "schemaName" => &mut self.schema,
                "mode" => &mut self.mode,
                _ => continue,
            };
            if slot.is_none() {
                *slot = text;
            }
        }
    }
}

/// What `--generated-at` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GeneratedAt {
    /// Nothing: the present moment.
    #[default]
    Now,
    /// `none`: leave it out.
    Absent,
    /// An instant, in a documented form.
    At(String),
}

impl Fields {
    /// The documented spelling of what was typed loosely: `4005e`, `live`, `outbound-4`.
    fn spelled_out(mut self, extra_codes: &[String]) -> Fields {
        let codes = code::GLOSSARY.iter().map(|code| code.key);
        spell_out(
            &mut self.code,
            codes.chain(extra_codes.iter().map(String::as_str)),
        );
        spell_out(&mut self.stage, STAGES.iter().map(|stage| stage.key));
        spell_out(&mut self.direction, Direction::ALL.map(Direction::name));
        spell_out(&mut self.outcome, values(&OUTCOMES));
        spell_out(&mut self.mode, values(&MODES));
        self
    }

    /// Whether any field was given, so that a record is wanted from them.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// The fields as names, dotted inside objects, with their JSON values.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        let raw = |value: &RawValue| value.get().to_owned();
        let identities = (!self.external_ids.is_empty())
            .then(|| serde_json::to_string(&self.external_ids).unwrap_or_default());
        let generated_at = match &self.generated_at {
            GeneratedAt::At(at) => Some(text(at)),
            GeneratedAt::Now | GeneratedAt::Absent => None,
        };
        let all = [
            ("eventCode", self.code.as_ref().map(text)),
            ("direction", self.direction.as_ref().map(text)),
            ("lifeCycleStage", self.stage.as_ref().map(text)),
            ("outcome", self.outcome.as_ref().map(text)),
            ("generatedAt", generated_at),
            ("detail", self.detail.as_ref().map(text)),
            ("technicalInfo", self.technical_info.as_ref().map(text)),
            ("correlationId", self.correlation_id.as_ref().map(text)),
            ("dataId.iri", self.data_iri.as_ref().map(text)),
            ("dataId.externalIdentities", identities),
            ("integrationKey", self.integration.as_ref().map(text)),
            ("shapeName", self.shape.as_ref().map(text)),
            ("mode", self.mode.as_ref().map(text)),
            ("stream", self.stream.as_ref().map(text)),
            ("schemaName", self.schema.as_ref().map(text)),
            ("schemaVersion", self.schema_version.as_ref().map(text)),
            ("customData", self.custom_data.as_deref().map(raw)),
            ("linkIdentities", self.link_identities.as_deref().map(raw)),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// What composing rests on beside the fields.
pub struct Surroundings<'a> {
    /// Defaults of fields.
    pub settings: &'a Settings,
    /// The present moment.
    pub now: Timestamp,
    /// Codes to accept beside the glossary's.
    pub extra_codes: &'a [String],
    /// The mode when nobody says; the emulator has one.
    pub mode: Option<&'a str>,
    /// Whether values outside the documented lists are refused.
    pub strict: bool,
}

/// Composes an event log. Everything that is missing is named at once; codes and closed lists
/// are taken in the spelling of a person as well.
pub fn compose(fields: Fields, around: &Surroundings<'_>) -> Result<EventLog, Failure> {
    let fields = fields.spelled_out(around.extra_codes);
    let default = |name: &str| {
        let value = &around.settings.field(name)?.value;
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (!text.is_empty()).then_some(text)
    };
    let mut missing: Vec<&str> = Vec::new();
    let mut need = |value: Option<String>, flag: &'static str| {
        value.unwrap_or_else(|| {
            missing.push(flag);
            String::new()
        })
    };

    let event_code = need(fields.code.or_else(|| default("eventCode")), "--code");
    let life_cycle_stage = need(
        fields.stage.or_else(|| default("lifeCycleStage")),
        "--stage",
    );
    let direction = match fields.direction.or_else(|| default("direction")) {
        Some(given) => given,
        // A missing or unknown stage is told anyway.
        None => Stage::find(&life_cycle_stage)
            .map_or_else(String::new, |stage| stage.direction.name().to_owned()),
    };
    let inbound = direction == Direction::Inbound.name();
    let failed = event_code.ends_with('E').then(|| "FAILED".to_owned());
    let outcome = fields.outcome.or(failed).or_else(|| default("outcome"));
    let outcome = need(outcome, "--outcome");
    let correlation_id = fields
        .correlation_id
        .or_else(|| default("correlationId"))
        .or_else(|| inbound.then(|| Uuid::new_v4().to_string()));
    let correlation_id = if direction.is_empty() {
        correlation_id.unwrap_or_default()
    } else {
        need(correlation_id, "--correlation-id")
    };
    let integration_key = need(
        fields.integration.or_else(|| default("integrationKey")),
        "--integration",
    );
    let shape_name = need(fields.shape.or_else(|| default("shapeName")), "--shape");
    let schema_name = need(fields.schema.or_else(|| default("schemaName")), "--schema");
    let mode = fields
        .mode
        .or_else(|| default("mode"))
        .or_else(|| around.mode.map(str::to_owned));
    let mode = need(mode, "--mode");
    // What is wrong is told before what is missing.
    if around.strict {
        known_code(&event_code, around.extra_codes)?;
        known_values(&life_cycle_stage, &direction, &outcome, &mode)?;
    }
    let referenced = fields.data_iri.is_some() || !fields.external_ids.is_empty();
    if !referenced && !fields.reference_elsewhere {
        missing.push(if direction == Direction::Outbound.name() {
            "--data-iri"
        } else {
            "--external-id (or --data-iri)"
        });
    }
    if !missing.is_empty() {
        return Err(incomplete(&missing));
    }
    Ok(EventLog {
        data_id: Some(DataReference {
            kind: reference::TYPE,
            schema_name: schema_name.clone(),
            shape_name: shape_name.clone(),
            iri: fields.data_iri,
            external_identities: fields.external_ids,
        }),
        event_code,
        direction,
        life_cycle_stage,
        outcome,
        generated_at: match fields.generated_at {
            GeneratedAt::Now => Some(around.now.rfc3339()),
            GeneratedAt::Absent => None,
            GeneratedAt::At(at) => Some(at),
        },
        detail: fields.detail.or_else(|| default("detail")),
        technical_info: fields.technical_info.or_else(|| default("technicalInfo")),
        correlation_id,
        integration_key,
        shape_name,
        mode,
        stream: fields.stream.or_else(|| default("stream")),
        schema_name,
        schema_version: fields.schema_version.or_else(|| default("schemaVersion")),
        custom_data: fields.custom_data,
        link_identities: fields.link_identities,
    })
}

/// Puts the name that is meant in the place of what was typed, if there is one.
fn spell_out<'a>(typed: &mut Option<String>, names: impl IntoIterator<Item = &'a str>) {
    if let Some(meant) = typed.as_deref().and_then(|typed| text::meant(typed, names)) {
        *typed = Some(meant.to_owned());
    }
}

fn incomplete(missing: &[&str]) -> Failure {
    let it = if missing.len() == 1 { "it" } else { "them" };
    Failure::usage(format!("missing required: {}", missing.join(", "))).hint(format!(
        "give {it} as flags, or in the profile under 'defaults' where the value is always the same"
    ))
}

/// Refuses values outside the documented lists.
fn known_values(stage: &str, direction: &str, outcome: &str, mode: &str) -> Result<(), Failure> {
    known("stage", stage, STAGES.iter().map(|stage| stage.key))?;
    known("direction", direction, Direction::ALL.map(Direction::name))?;
    known("outcome", outcome, values(&OUTCOMES))?;
    known("mode", mode, values(&MODES))
}

fn values(choices: &'static [Choice]) -> impl Iterator<Item = &'static str> {
    choices.iter().map(|choice| choice.value)
}

/// Refuses a value outside a closed list, with the nearest right spelling.
fn known<'a>(
    what: &str,
    value: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> Result<(), Failure> {
    let all: Vec<&str> = all.into_iter().collect();
    if value.is_empty() || all.contains(&value) {
        return Ok(());
    }
    let guess = did_you_mean(value, all.iter().copied());
    Err(Failure::usage(format!("unknown {what} '{value}'{guess}"))
        .hint(format!("there are {}", all.join(", "))))
}

fn known_code(value: &str, extra: &[String]) -> Result<(), Failure> {
    if value.is_empty() || Code::find(value).is_some() || extra.iter().any(|code| code == value) {
        return Ok(());
    }
    let upper = value.to_ascii_uppercase();
    let number: String = value.chars().take_while(char::is_ascii_digit).collect();
    let with_number: Vec<&str> = Code::with_number(&number).map(|code| code.key).collect();
    let failure = if Code::find(&upper).is_some() {
        Failure::usage(format!(
            "unknown event code '{value}', did you mean {upper}?"
        ))
    } else if with_number.is_empty() {
        let guess = did_you_mean(value, code::GLOSSARY.iter().map(|code| code.key));
        Failure::usage(format!("unknown event code '{value}'{guess}"))
    } else {
        Failure::usage(format!(
            "unknown event code '{value}': {number} exists as {}",
            with_number.join(" and ")
        ))
    };
    Err(failure.hint(
        "'hivelog codes' lists them; codes of your own go into the profile under check.extra_codes",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_is_told_with_what_exists() {
        let said = |code| {
            known_code(code, &["9999N".to_owned()])
                .unwrap_err()
                .to_string()
        };
        assert!(known_code("4005E", &[]).is_ok());
        assert!(known_code("9999N", &["9999N".to_owned()]).is_ok());
        assert!(said("4005e").contains("did you mean 4005E?"));
        assert!(said("4005I").contains("4005 exists as 4005E"));
        assert!(
            said("4004").contains("4004E and 4004W") || said("4004").contains("4004W and 4004E")
        );
    }
}
