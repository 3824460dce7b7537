//! `emit -i`: asks for the fields of one event log in the order in which a person thinks: what
//! happened, for which message, and who must act.

use super::compose::Fields;
use crate::commands::ask::Asker;
use crate::failure::{Exit, Failure};
use crate::host::say;
use crate::model::code::{Code, GLOSSARY, Suffix};
use crate::model::event_log::Field;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::reference::ExternalIdentity;
use crate::model::stage::{Direction, STAGES, Stage, StageSender};
use crate::model::text::shell_word;
use crate::settings::Settings;

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
    ("It failed permanently", |code| code.suffix == Suffix::E),
    ("It was left out on purpose", |code| {
        code.suffix == Suffix::N && code.key.starts_with('3')
    }),
];

/// Shows what would be sent and how to send it without being asked, and asks for the last word.
pub fn confirm(asker: &Asker, fields: &Fields, body: &[u8]) -> Result<(), Failure> {
    let pretty = serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default();
    let shown = crate::model::sanitise::block(&pretty).into_owned();
    let line = command_line(fields);
    say(format!("\n{shown}\n\nEquivalent command:\n  {line}\n").as_bytes());
    if asker.confirm("Send it?", true)? {
        Ok(())
    } else {
        Err(Failure::message(Exit::No, "nothing was sent"))
    }
}

/// Asks for every field that was not given.
pub fn fields(asker: &Asker, fields: &mut Fields, settings: &Settings) -> Result<(), Failure> {
    what_happened(asker, fields)?;
    let stage = fields[Field::LifeCycleStage]
        .as_deref()
        .and_then(Stage::find);
    let inbound = stage.is_some_and(|stage| stage.direction == Direction::Inbound);
    which_message(asker, fields, settings, inbound)?;
    if fields[Field::Detail].is_none() {
        fields[Field::Detail] = detail(asker)?;
    }
    Ok(())
}

/// The code, the stage and the outcome.
fn what_happened(asker: &Asker, fields: &mut Fields) -> Result<(), Failure> {
    if fields[Field::EventCode].is_none() {
        let what = asker.choose("What happened?", &HAPPENED.map(|(text, _)| text))?;
        let codes = GLOSSARY.iter().filter(|code| HAPPENED[what].1(code));
        let codes = codes.map(|code| (code.key, code.description));
        fields[Field::EventCode] = choose(asker, "Which is nearest?", codes)?;
    }
    if fields[Field::LifeCycleStage].is_none() {
        let own = |stage: &&Stage| stage.sender == StageSender::Connector;
        let stages = STAGES.iter().filter(own);
        let stages = stages.map(|stage| (stage.key, stage.description));
        fields[Field::LifeCycleStage] = choose(asker, "At which stage?", stages)?;
    }
    let code = fields[Field::EventCode].as_deref().unwrap_or_default();
    if fields[Field::Outcome].is_none() && !code.ends_with('E') {
        let usual = match (code.ends_with('W'), code.starts_with('3')) {
            (true, _) => "RETRYING",
            (_, true) => "FILTERED",
            _ => "PROCESSING",
        };
        // The usual one first, where it is proposed.
        let mut outcomes = OUTCOMES.map(|choice| (choice.value, choice.description));
        outcomes.sort_by_key(|(value, _)| *value != usual);
        fields[Field::Outcome] = choose(asker, "With what outcome?", outcomes)?;
    }
    Ok(())
}

/// The ids of the message, and the kind of data that it carries.
fn which_message(
    asker: &Asker,
    fields: &mut Fields,
    settings: &Settings,
    inbound: bool,
) -> Result<(), Failure> {
    let default = |field: Field| settings.field(field)?.value.as_str();
    if fields[Field::CorrelationId].is_none() && default(Field::CorrelationId).is_none() {
        fields[Field::CorrelationId] = if inbound {
            asker.optional("Correlation id (empty: a new one)")?
        } else {
            needed(asker, "Correlation id of the message", None)?
        };
    }
    for (field, prompt) in [
        (Field::IntegrationKey, "Integration key"),
        (Field::ShapeName, "Shape, such as Product"),
        (Field::SchemaName, "Schema, such as limber"),
    ] {
        if fields[field].is_none() {
            fields[field] = needed(asker, prompt, default(field))?;
        }
    }
    if fields[Field::Mode].is_none() && default(Field::Mode).is_none() {
        let modes = MODES.map(|choice| (choice.value, choice.description));
        fields[Field::Mode] = choose(asker, "In which mode?", modes)?;
    }
    if fields.data_iri.is_none() && fields.external_ids.is_empty() {
        if inbound {
            let id = needed(asker, "Id of the data in the external system", None)?;
            fields.external_ids.push(ExternalIdentity {
                integration_key: fields[Field::IntegrationKey].clone().unwrap_or_default(),
                external_id: id.unwrap_or_default(),
            });
        } else {
            fields.data_iri = needed(asker, "IRI of the data in SyncHive", None)?;
        }
    }
    Ok(())
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

/// Asks for one of several values, which are shown with what they mean.
fn choose<'a>(
    asker: &Asker,
    question: &str,
    choices: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Option<String>, Failure> {
    let choices: Vec<_> = choices.into_iter().collect();
    let width = choices.iter().map(|(value, _)| value.len()).max();
    let width = width.unwrap_or_default();
    let lines: Vec<String> = choices
        .iter()
        .map(|(value, meaning)| format!("{value:<width$}  {meaning}"))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let chosen = asker.choose(question, &lines)?;
    Ok(Some(choices[chosen].0.to_owned()))
}

fn needed(asker: &Asker, question: &str, usual: Option<&str>) -> Result<Option<String>, Failure> {
    let check = |answer: &str| match answer {
        "" => Err("this field is required".to_owned()),
        _ => Ok(()),
    };
    asker.text(question, usual, check).map(Some)
}

/// The command line that composes the same event log.
fn command_line(fields: &Fields) -> String {
    let mut line = "hivelog emit".to_owned();
    let mut flag = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            let shown = crate::model::sanitise::block(value);
            line.extend([" ", name, " ", &shell_word(&shown)]);
        }
    };
    for field in Field::ALL {
        let name = match field {
            Field::EventCode => "-c",
            Field::LifeCycleStage => "-s",
            _ => field.row().flag,
        };
        flag(name, fields[field].as_ref());
    }
    flag(Field::DataId.row().flag, fields.data_iri.as_ref());
    for identity in &fields.external_ids {
        let pair = format!("{}={}", identity.integration_key, identity.external_id);
        flag("--external-id", Some(&pair));
    }
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
        let mut fields = Fields::default();
        fields[Field::EventCode] = Some("4005E".into());
        fields[Field::Detail] = Some("it's\nbroken".into());
        fields[Field::TechnicalInfo] = Some(String::new());
        assert_eq!(
            command_line(&fields),
            "hivelog emit -c 4005E --detail 'it'\\''s\nbroken' --technical-info ''"
        );
    }
}
