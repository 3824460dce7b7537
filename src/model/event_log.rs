//! The event log: its 17 fields, ten of them required (event logging, "Event Log API").

use super::code::GLOSSARY;
use super::outcome::{MODES, OUTCOMES};
use super::stage::{Direction, STAGES};
use super::table::table;

/// What kind of JSON value a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A data reference object. The document types it string and shows an object.
    Reference,
    /// Any JSON.
    Json,
}

/// What is known about one field of the event log.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// The member name.
    pub name: &'static str,
    /// Whether the document marks it required.
    pub required: bool,
    /// The kind of value.
    pub shape: Shape,
    /// The greatest length in Unicode scalar values, where the document names one.
    pub max_length: Option<usize>,
    /// The documented values, where the list is closed.
    pub values: Option<fn() -> Vec<&'static str>>,
    /// The flag it is composed from.
    pub flag: &'static str,
    /// The document's description, shortened.
    pub description: &'static str,
    /// What helps to fill it in.
    pub note: &'static str,
}

impl FieldInfo {
    const USUAL: FieldInfo = FieldInfo {
        name: "",
        required: false,
        shape: Shape::Text,
        max_length: None,
        values: None,
        flag: "",
        description: "",
        note: "",
    };
}

table! {
    /// A field of the event log.
    #[expect(missing_docs, reason = "FIELDS describes each")]
    enum Field;

    /// The 17 fields, in the document's order.
    static FIELDS: [FieldInfo; 17];

    EventCode {
        name: "eventCode",
        required: true,
        values: Some(|| GLOSSARY.iter().map(|code| code.key).collect()),
        flag: "--code",
        description: "An event code that represents the content of this event log",
        note: "The codes: hivelog codes",
    }
    Direction {
        name: "direction",
        required: true,
        values: Some(|| Direction::ALL.map(Direction::name).to_vec()),
        flag: "--direction",
        description: "Direction of data flow: INBOUND into SyncHive, OUTBOUND out of SyncHive",
    }
    LifeCycleStage {
        name: "lifeCycleStage",
        required: true,
        values: Some(|| STAGES.iter().map(|stage| stage.key).collect()),
        flag: "--stage",
        description: "The current stage of processing this event log relates to",
        note: "The stages: hivelog codes stages",
    }
    Outcome {
        name: "outcome",
        required: true,
        values: Some(|| OUTCOMES.iter().map(|choice| choice.value).collect()),
        flag: "--outcome",
        description: "The outcome of this event",
        note: "The outcomes: hivelog codes outcomes",
    }
    GeneratedAt {
        name: "generatedAt",
        flag: "--generated-at",
        description: "Date and time with an offset from UTC",
        note: "RFC 3339 with an offset, or the document's own 2024-05-03 17:30:00.895 +1200.",
    }
    Detail {
        name: "detail",
        max_length: Some(3000),
        flag: "--detail",
        description: "Human readable detail, stored as Markdown",
        note: "Three parts are recommended: What state are we in? How did it happen? What can the end user do about it?",
    }
    TechnicalInfo {
        name: "technicalInfo",
        max_length: Some(2000),
        flag: "--technical-info",
        description: "A technical message for when more is needed than the detail",
    }
    CorrelationId {
        name: "correlationId",
        required: true,
        flag: "--correlation-id",
        description: "Correlation ID for related message tracing",
    }
    DataId {
        name: "dataId",
        required: true,
        shape: Shape::Reference,
        flag: "--data-iri",
        description: "A data reference that ties this event log to data in SyncHive",
        note: "An object with \"@type\": \"DataReference\", schemaName, shapeName and an iri or externalIdentities. The document's table calls it a string; its samples show the object, and they are right. OUTBOUND needs the iri.",
    }
    IntegrationKey {
        name: "integrationKey",
        required: true,
        flag: "--integration",
        description: "Source integration for the event log",
    }
    ShapeName {
        name: "shapeName",
        required: true,
        flag: "--shape",
        description: "The type of data this event log relates to",
    }
    Mode {
        name: "mode",
        required: true,
        values: Some(|| MODES.iter().map(|choice| choice.value).collect()),
        flag: "--mode",
        description: "The mode of operation",
        note: "The modes: hivelog codes modes",
    }
    Stream {
        name: "stream",
        flag: "--stream",
        description: "Names one part of an event that is split into several",
    }
    SchemaName {
        name: "schemaName",
        required: true,
        flag: "--schema",
        description: "The name of the schema",
    }
    SchemaVersion {
        name: "schemaVersion",
        flag: "--schema-version",
        description: "The version of the schema",
    }
    CustomData {
        name: "customData",
        shape: Shape::Json,
        flag: "--custom-data",
        description: "Custom data to attach",
    }
    LinkIdentities {
        name: "linkIdentities",
        shape: Shape::Json,
        flag: "--link-identities",
        description: "Links identities in asynchronous scenarios",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_seventeen_fields_are_required() {
        assert_eq!(FIELDS.iter().filter(|field| field.required).count(), 10);
    }
}
