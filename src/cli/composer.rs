//! `emit -i`: asks for the fields of one event log in the order in which a person thinks: what
//! happened, for which message, and who must act.

use super::Context;
use super::ask::Asker;
use crate::commands::emit::compose::Fields;
use crate::failure::{Exit, Failure};
use crate::host::say;
use crate::model::code::{Code, GLOSSARY, Suffix};
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::reference::ExternalIdentity;
use crate::model::stage::{Direction, STAGES, Sender, Stage};
use std::fmt::Write;

/// Whether a code says that a thing of this kind happened.
type Fits = fn(&Code) -> bool;

/// What may have happened, and the codes that say so.
const HAPPENED: [(&str, Fits); 4] = [
    ("Something was done", |code| {
        code.suffix == Suffix::N && !code.key.starts_with('3')
    }),
    ("It did not work and will be tried again", |code| {
        code.suffix == Suffix::W
    }),
    ("It failed for good", |code| code.suffix == Suffix::E),
    ("It was left out on purpose", |code| {
        code.suffix == Suffix::N && code.key.starts_with('3')
    }),
];

/// Somebody to ask for the fields of an event log.
pub fn asker(context: &Context<'_>) -> Result<Asker, Failure> {
    Asker::new(
        context.host,
        context.no_input,
        "emit -i",
        "give the fields as flags (see --help)",
    )
}

/// Shows what would be sent and how to send it without being asked, and asks for the last word.
pub fn confirm(asker: &Asker, fields: &Fields, body: &[u8]) -> Result<(), Failure> {
    let pretty = serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default();
    let shown = crate::model::sanitise::block(&pretty).into_owned();
    let line = command_line(fields);
    say(format!("\n{shown}\n\nThe same without questions:\n  {line}\n").as_bytes());
    if asker.confirm("Send it?", true)? {
        Ok(())
    } else {
        Err(Failure::message(Exit::No, "nothing was sent"))
    }
}

/// Asks for every field that was not given.
pub fn fields(asker: &Asker, mut fields: Fields, context: &Context<'_>) -> Result<Fields, Failure> {
    let default = |name: &str| {
        let setting = context.settings.field(name)?;
        setting.value.as_str().map(str::to_owned)
    };

    if fields.code.is_none() {
        let what = asker.choose("What happened?", &HAPPENED.map(|(text, _)| text))?;
        let codes: Vec<&Code> = GLOSSARY
            .iter()
            .filter(|code| HAPPENED[what].1(code))
            .collect();
        let lines: Vec<String> = codes
            .iter()
            .map(|code| format!("{}  {}", code.key, code.description))
            .collect();
        fields.code = Some(
            codes[choose(asker, "Which is nearest?", &lines)?]
                .key
                .to_owned(),
        );
    }
    if fields.stage.is_none() {
        let stages: Vec<&Stage> = STAGES
            .iter()
            .filter(|stage| stage.sender == Sender::Connector)
            .collect();
        let lines: Vec<String> = stages
            .iter()
            .map(|stage| format!("{:<10}  {}", stage.key, stage.description))
            .collect();
        fields.stage = Some(
            stages[choose(asker, "At which stage?", &lines)?]
                .key
                .to_owned(),
        );
    }
    let code = fields.code.as_deref().unwrap_or_default();
    if fields.outcome.is_none() && !code.ends_with('E') {
        let usual = match (code.ends_with('W'), code.starts_with('3')) {
            (true, _) => "RETRYING",
            (_, true) => "FILTERED",
            _ => "PROCESSING",
        };
        // The usual one first, where it is proposed.
        let mut outcomes = OUTCOMES;
        outcomes.sort_by_key(|choice| choice.value != usual);
        let lines = outcomes.map(|choice| format!("{:<17}  {}", choice.value, choice.description));
        let outcome = choose(asker, "With what outcome?", &lines)?;
        fields.outcome = Some(outcomes[outcome].value.to_owned());
    }

    let stage = fields.stage.as_deref().and_then(Stage::find);
    let inbound = stage.is_some_and(|stage| stage.direction == Direction::Inbound);
    if fields.correlation_id.is_none() && default("correlationId").is_none() {
        fields.correlation_id = if inbound {
            asker.optional("Correlation id (empty: a new one)")?
        } else {
            needed(asker, "Correlation id of the message", None)?
        };
    }
    for (field, prompt, name) in [
        (&mut fields.integration, "Integration key", "integrationKey"),
        (&mut fields.shape, "Shape, such as Product", "shapeName"),
        (&mut fields.schema, "Schema, such as limber", "schemaName"),
    ] {
        if field.is_none() {
            *field = needed(asker, prompt, default(name).as_deref())?;
        }
    }
    if fields.mode.is_none() && default("mode").is_none() {
        let lines = MODES.map(|choice| format!("{:<7}  {}", choice.value, choice.description));
        fields.mode = Some(
            MODES[choose(asker, "In which mode?", &lines)?]
                .value
                .to_owned(),
        );
    }
    if fields.data_iri.is_none() && fields.external_ids.is_empty() {
        if inbound {
            let id = needed(asker, "Id of the data in the external system", None)?;
            fields.external_ids.push(ExternalIdentity {
                integration_key: fields.integration.clone().unwrap_or_default(),
                external_id: id.unwrap_or_default(),
            });
        } else {
            fields.data_iri = needed(asker, "IRI of the data in SyncHive", None)?;
        }
    }

    if fields.detail.is_none() {
        fields.detail = detail(asker)?;
    }
    Ok(fields)
}

/// Who must act, and why: the three parts of a detail.
fn detail(asker: &Asker) -> Result<Option<String>, Failure> {
    let mut parts = Vec::new();
    for question in [
        "What state are we in? (empty: no detail)",
        "How did it happen?",
        "What can the reader do about it?",
    ] {
        match asker.optional(question)? {
            Some(part) => parts.push(part),
            None if parts.is_empty() => break,
            None => {}
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join("\n")))
}

fn choose(asker: &Asker, question: &str, lines: &[String]) -> Result<usize, Failure> {
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    asker.choose(question, &lines)
}

fn needed(asker: &Asker, question: &str, usual: Option<&str>) -> Result<Option<String>, Failure> {
    let check = |answer: &str| match answer {
        "" => Err("an event log needs it".to_owned()),
        _ => Ok(()),
    };
    asker.text(question, usual, check).map(Some)
}

/// The command line that composes the same event log.
fn command_line(fields: &Fields) -> String {
    let mut line = "hivelog emit".to_owned();
    let mut flag = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            let plain = value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_./:=#".contains(c));
            let shown = crate::model::sanitise::block(value);
            let _ = if plain {
                write!(line, " {name} {shown}")
            } else {
                write!(line, " {name} '{}'", shown.replace('\'', "'\\''"))
            };
        }
    };
    flag("-c", fields.code.as_ref());
    flag("-s", fields.stage.as_ref());
    flag("--outcome", fields.outcome.as_ref());
    flag("--correlation-id", fields.correlation_id.as_ref());
    flag("--integration", fields.integration.as_ref());
    flag("--shape", fields.shape.as_ref());
    flag("--schema", fields.schema.as_ref());
    flag("--mode", fields.mode.as_ref());
    flag("--data-iri", fields.data_iri.as_ref());
    for identity in &fields.external_ids {
        let pair = format!("{}={}", identity.integration_key, identity.external_id);
        flag("--external-id", Some(&pair));
    }
    flag("--detail", fields.detail.as_ref());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_answers_exactly_one_question() {
        for code in &GLOSSARY {
            let answers = HAPPENED.iter().filter(|(_, fits)| fits(code)).count();
            assert_eq!(answers, 1, "{}", code.key);
        }
    }

    #[test]
    fn the_command_line_can_be_pasted() {
        let fields = Fields {
            code: Some("4005E".into()),
            detail: Some("it's\nbroken".into()),
            ..Fields::default()
        };
        assert_eq!(
            command_line(&fields),
            "hivelog emit -c 4005E --detail 'it'\\''s\nbroken'"
        );
    }
}
