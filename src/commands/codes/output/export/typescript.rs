//! Constants and types for TypeScript.

use crate::commands::codes::output::export::{literal, origin};
use crate::model::code::GLOSSARY;
use crate::model::event_log::{Field, Shape};
use crate::model::format::Export;
use crate::model::outcome::{ListedValue, MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, StageSender};
use std::fmt::Write;

/// One module: the codes, the closed lists, and the event log.
pub fn render() -> String {
    let mut text = format!("// {}\n\n", origin(Export::Typescript));
    codes(&mut text);
    closed_lists(&mut text);
    text.push_str(DATA_REFERENCE);
    event_log(&mut text);
    text
}

fn codes(text: &mut String) {
    text.push_str("/** Every event code with its level, category and description. */\n");
    text.push_str("export const EVENT_CODES = {\n");
    for code in &GLOSSARY {
        let _ = writeln!(
            text,
            "  {}: {{ level: {}, category: {}, description: {} }},",
            literal(code.key),
            literal(code.level().name()),
            literal(code.category().name()),
            literal(code.description)
        );
    }
    text.push_str("} as const;\nexport type EventCode = keyof typeof EVENT_CODES;\n");
}

fn closed_lists(text: &mut String) {
    let connector = STAGES
        .iter()
        .filter(|stage| stage.sender == StageSender::Connector);
    let connector: Vec<_> = connector.map(|stage| stage.key).collect();
    let directions = Direction::ALL.map(Direction::name);
    list(
        text,
        "The stages a connector may report.",
        "LIFE_CYCLE_STAGES",
        "LifeCycleStage",
        &connector,
    );
    let outcomes = values(&OUTCOMES);
    list(text, "The outcomes.", "OUTCOMES", "Outcome", &outcomes);
    list(
        text,
        "The directions.",
        "DIRECTIONS",
        "Direction",
        &directions,
    );
    list(text, "The modes.", "MODES", "Mode", &values(&MODES));
}

fn event_log(text: &mut String) {
    text.push_str("\n/** What a connector sends; OUTBOUND needs an iri in dataId. */\n");
    text.push_str("export interface EventLog {\n");
    for field in Field::ALL {
        let row = field.row();
        let kind = match (field, row.shape) {
            (Field::EventCode, _) => "EventCode",
            (Field::Direction, _) => "Direction",
            (Field::LifeCycleStage, _) => "LifeCycleStage",
            (Field::Outcome, _) => "Outcome",
            (Field::Mode, _) => "Mode",
            (_, Shape::Text) => "string",
            (_, Shape::Reference) => "DataReference",
            (_, Shape::Json) => "unknown",
        };
        let mark = if row.required { "" } else { "?" };
        let (name, description) = (row.name, row.description);
        let _ = writeln!(text, "  /** {description} */\n  {name}{mark}: {kind};");
    }
    text.push_str("}\n");
}

const DATA_REFERENCE: &str = r#"
/** Ties an event log to data in SyncHive. */
export interface DataReference {
  "@type": "DataReference";
  schemaName: string;
  shapeName: string;
  iri?: string;
  externalIdentities?: { integrationKey: string; externalId: string }[];
}
"#;

fn values(choices: &[ListedValue]) -> Vec<&'static str> {
    choices.iter().map(|choice| choice.value).collect()
}

fn list(text: &mut String, about: &str, constant: &str, kind: &str, values: &[&str]) {
    let values: Vec<_> = values.iter().map(|value| literal(value)).collect();
    let _ = writeln!(
        text,
        "\n/** {about} */\nexport const {constant} = [{}] as const;\nexport type {kind} = (typeof {constant})[number];",
        values.join(", ")
    );
}
