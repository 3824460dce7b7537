//! The event log: its 17 fields, ten of them required (event logging, "Event Log API").

use super::reference::DataReference;
use serde::Serialize;
use serde_json::value::RawValue;

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

/// One field of the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The member name.
    pub name: &'static str,
    /// Whether the document marks it required.
    pub required: bool,
    /// The kind of value.
    pub shape: Shape,
    /// The greatest length in Unicode scalar values, where the document names one.
    pub max_length: Option<usize>,
    /// The document's description, shortened.
    pub description: &'static str,
}

const fn field(
    name: &'static str,
    required: bool,
    shape: Shape,
    max: usize,
    description: &'static str,
) -> Field {
    Field {
        name,
        required,
        shape,
        max_length: if max == 0 { None } else { Some(max) },
        description,
    }
}

/// The 17 fields, in the document's order.
pub static FIELDS: [Field; 17] = {
    use Shape::{Json, Reference, Text};
    [
        field(
            "eventCode",
            true,
            Text,
            0,
            "An event code that represents the content of this event log",
        ),
        field(
            "direction",
            true,
            Text,
            0,
            "Direction of data flow: INBOUND into SyncHive, OUTBOUND out of SyncHive",
        ),
        field(
            "lifeCycleStage",
            true,
            Text,
            0,
            "The current stage of processing this event log relates to",
        ),
        field("outcome", true, Text, 0, "The outcome of this event"),
        field(
            "generatedAt",
            false,
            Text,
            0,
            "Date and time with an offset from UTC",
        ),
        field(
            "detail",
            false,
            Text,
            3000,
            "Human readable detail, stored as Markdown",
        ),
        field(
            "technicalInfo",
            false,
            Text,
            2000,
            "A technical message for when more is needed than the detail",
        ),
        field(
            "correlationId",
            true,
            Text,
            0,
            "Correlation ID for related message tracing",
        ),
        field(
            "dataId",
            true,
            Reference,
            0,
            "A data reference that ties this event log to data in SyncHive",
        ),
        field(
            "integrationKey",
            true,
            Text,
            0,
            "Source integration for the event log",
        ),
        field(
            "shapeName",
            true,
            Text,
            0,
            "The type of data this event log relates to",
        ),
        field("mode", true, Text, 0, "The mode of operation"),
        field(
            "stream",
            false,
            Text,
            0,
            "Names one part of an event that is split into several",
        ),
        field("schemaName", true, Text, 0, "The name of the schema"),
        field("schemaVersion", false, Text, 0, "The version of the schema"),
        field("customData", false, Json, 0, "Custom data to attach"),
        field(
            "linkIdentities",
            false,
            Json,
            0,
            "Links identities in asynchronous scenarios",
        ),
    ]
};

/// An event log as `hivelog` composes it; members appear in the document's order.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "FIELDS describes each")]
pub struct EventLog {
    pub event_code: String,
    pub direction: String,
    pub life_cycle_stage: String,
    pub outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technical_info: Option<String>,
    pub correlation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_id: Option<DataReference>,
    pub integration_key: String,
    pub shape_name: String,
    pub mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    pub schema_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_identities: Option<Box<RawValue>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_seventeen_fields_are_required() {
        assert_eq!(FIELDS.iter().filter(|field| field.required).count(), 10);
    }
}
