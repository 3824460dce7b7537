//! `emit -i`: asks for the fields of one event log in the order in which a person thinks: what
//! happened, for which message, and who must act.

use super::Context;
use crate::command::emit::compose::Fields;
use crate::failure::{Exit, Failure};
use crate::host::say;
use crate::model::code::{Code, GLOSSARY, Suffix};
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::reference::ExternalIdentity;
use crate::model::stage::{Direction, STAGES, Sender, Stage};
use dialoguer::console::Term;
use dialoguer::{Confirm, Input, Select};

/// What may have happened, and the codes that say so.
const HAPPENED: [(&str, fn(&Code) -> bool); 4] = [
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

/// Asks for every field that was not given.
pub fn fields(given: Fields, context: &Context<'_>) -> Result<Fields, Failure> {
    if !context.host.may_prompt(context.no_input) {
        return Err(Failure::usage("there is nobody to ask")
            .hint("-i needs a terminal; without one, give the fields as flags (see --help)"));
    }
    // Caught, so that a prompt ends as an error and the cursor comes back.
    let _interrupt = context.host.interrupt()?;
    answers(given, context).map_err(|error| {
        let _ = Term::stderr().show_cursor();
        match error {
            dialoguer::Error::IO(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                Failure::message(Exit::Interrupted, "nothing was sent")
            }
            dialoguer::Error::IO(error) => Failure::io("cannot ask", error),
        }
    })
}

/// Shows what would be sent and how to send it without being asked, and asks for the last word.
pub fn confirm(fields: &Fields, body: &[u8], context: &Context<'_>) -> Result<(), Failure> {
    let pretty = serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default();
    let shown = crate::model::sanitise::block(&pretty).into_owned();
    say(format!(
        "\n{shown}\n\nThe same without questions:\n  {}\n",
        command_line(fields)
    )
    .as_bytes());
    let _interrupt = context.host.interrupt()?;
    let agreed = Confirm::new()
        .with_prompt("Send it?")
        .default(true)
        .interact()
        .unwrap_or(false);
    if agreed {
        Ok(())
    } else {
        let _ = Term::stderr().show_cursor();
        Err(Failure::message(Exit::No, "nothing was sent"))
    }
}

fn answers(mut fields: Fields, context: &Context<'_>) -> dialoguer::Result<Fields> {
    let default = |name: &str| {
        let setting = context.settings.field(name)?;
        setting.value.as_str().map(str::to_owned)
    };

    if fields.code.is_none() {
        let what = choose(
            "What happened?",
            &HAPPENED.map(|(text, _)| text.to_owned()),
            0,
        )?;
        let codes: Vec<&Code> = GLOSSARY
            .iter()
            .filter(|code| HAPPENED[what].1(code))
            .collect();
        let lines: Vec<String> = codes
            .iter()
            .map(|code| format!("{}  {}", code.key, code.description))
            .collect();
        fields.code = Some(
            codes[choose("Which is nearest?", &lines, 0)?]
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
        fields.stage = Some(stages[choose("At which stage?", &lines, 0)?].key.to_owned());
    }
    let code = fields.code.as_deref().unwrap_or_default();
    if fields.outcome.is_none() && !code.ends_with('E') {
        let lines = OUTCOMES.map(|choice| format!("{:<17}  {}", choice.value, choice.description));
        let usual = match (code.ends_with('W'), code.starts_with('3')) {
            (true, _) => "RETRYING",
            (_, true) => "FILTERED",
            _ => "PROCESSING",
        };
        let usual = OUTCOMES.iter().position(|choice| choice.value == usual);
        let outcome = choose("With what outcome?", &lines, usual.unwrap_or(0))?;
        fields.outcome = Some(OUTCOMES[outcome].value.to_owned());
    }

    let stage = fields.stage.as_deref().and_then(Stage::find);
    let inbound = stage.is_some_and(|stage| stage.direction == Direction::Inbound);
    if fields.correlation_id.is_none() && default("correlationId").is_none() {
        let prompt = if inbound {
            "Correlation id (empty: a new one)"
        } else {
            "Correlation id of the message"
        };
        fields.correlation_id = text(prompt, None, inbound)?;
    }
    for (field, prompt, name) in [
        (&mut fields.integration, "Integration key", "integrationKey"),
        (&mut fields.shape, "Shape, such as Product", "shapeName"),
        (&mut fields.schema, "Schema, such as limber", "schemaName"),
    ] {
        if field.is_none() {
            *field = text(prompt, default(name), false)?;
        }
    }
    if fields.mode.is_none() && default("mode").is_none() {
        let lines = MODES.map(|choice| format!("{:<7}  {}", choice.value, choice.description));
        fields.mode = Some(MODES[choose("In which mode?", &lines, 0)?].value.to_owned());
    }
    if fields.data_iri.is_none() && fields.external_ids.is_empty() {
        if inbound {
            let id = text("Id of the data in the external system", None, false)?;
            fields.external_ids.push(ExternalIdentity {
                integration_key: fields.integration.clone().unwrap_or_default(),
                external_id: id.unwrap_or_default(),
            });
        } else {
            fields.data_iri = text("IRI of the data in SyncHive", None, false)?;
        }
    }

    if fields.detail.is_none() {
        let needed = code_needs_detail(fields.code.as_deref());
        let mut parts = Vec::new();
        for prompt in [
            "What state are we in?",
            "How did it happen?",
            "What can the reader do about it?",
        ] {
            let prompt = if needed {
                prompt.to_owned()
            } else {
                format!("{prompt} (may be empty)")
            };
            parts.extend(text(&prompt, None, true)?);
        }
        fields.detail = (!parts.is_empty()).then(|| parts.join("\n"));
    }
    Ok(fields)
}

fn code_needs_detail(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.ends_with(['W', 'E']))
}

fn choose(prompt: &str, lines: &[String], usual: usize) -> dialoguer::Result<usize> {
    Select::new()
        .with_prompt(prompt)
        .items(lines)
        .default(usual)
        .max_length(12)
        .interact()
}

fn text(
    prompt: &str,
    usual: Option<String>,
    may_be_empty: bool,
) -> dialoguer::Result<Option<String>> {
    let mut input = Input::<String>::new()
        .with_prompt(prompt)
        .allow_empty(may_be_empty);
    if let Some(usual) = usual {
        input = input.default(usual);
    }
    let answer = input.interact_text()?;
    Ok((!answer.is_empty()).then_some(answer))
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
            line.push_str(&if plain {
                format!(" {name} {shown}")
            } else {
                format!(" {name} '{}'", shown.replace('\'', "'\\''"))
            });
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
