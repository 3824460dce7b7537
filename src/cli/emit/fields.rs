//! The fields of one event log, as flags.

use crate::cli::complete;
use crate::commands::emit::given::GivenFields;
use crate::model::event_log::Field;

/// The heading of the fields.
pub const FIELDS: &str = "Fields of one event log";

/// The fields of one event log. A text may begin with a hyphen: `--detail '- one item'`.
#[derive(Clone, Debug, clap::Args)]
pub struct FieldArgs {
    /// Event code, such as 4005E ('hivelog codes' lists them)
    #[arg(short, long, help_heading = FIELDS, value_parser = complete::codes(), hide_possible_values = true)]
    code: Option<String>,
    /// Lifecycle stage, such as OUTBOUND_4
    #[arg(short, long, help_heading = FIELDS, value_parser = complete::stages(), hide_possible_values = true)]
    stage: Option<String>,
    /// INBOUND or OUTBOUND; taken from the stage when left out
    #[arg(short, long, value_name = "DIR", help_heading = FIELDS, value_parser = complete::directions(), hide_possible_values = true)]
    direction: Option<String>,
    /// Outcome; FAILED when left out with an E code
    #[arg(long, help_heading = FIELDS, value_parser = complete::outcomes(), hide_possible_values = true)]
    outcome: Option<String>,
    /// Correlation id; generated for INBOUND when left out [env: HIVELOG_CORRELATION_ID]
    #[arg(long, value_name = "ID", help_heading = FIELDS)]
    correlation_id: Option<String>,
    /// What happened, for a human reader (@FILE reads it from a file)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["state", "cause", "action"], help_heading = FIELDS, add = complete::text_or_file())]
    detail: Option<String>,
    /// First part of the detail: what state are we in?
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = FIELDS)]
    state: Option<String>,
    /// Second part of the detail: how did it happen?
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = FIELDS)]
    cause: Option<String>,
    /// Third part of the detail: what can the reader do about it?
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = FIELDS)]
    action: Option<String>,
    /// Technical message (@FILE reads it from a file)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = FIELDS, add = complete::text_or_file())]
    technical_info: Option<String>,
    /// The data's address in SyncHive; needed for OUTBOUND
    #[arg(long, value_name = "IRI", help_heading = FIELDS)]
    data_iri: Option<String>,
    /// The data's id in an external system (repeatable)
    #[arg(long, value_name = "INTEGRATION=ID", help_heading = FIELDS)]
    external_id: Vec<String>,
    /// Integration key [env: HIVELOG_INTEGRATION]
    #[arg(long, value_name = "KEY", help_heading = FIELDS)]
    integration: Option<String>,
    /// Shape name, such as Product [env: HIVELOG_SHAPE]
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    shape: Option<String>,
    /// Schema name, such as limber [env: HIVELOG_SCHEMA]
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    schema: Option<String>,
    /// Schema version [env: HIVELOG_SCHEMA_VERSION]
    #[arg(long, value_name = "V", help_heading = FIELDS)]
    schema_version: Option<String>,
    /// LIVE or SANDBOX [env: HIVELOG_MODE]
    #[arg(long, help_heading = FIELDS, value_parser = complete::modes(), hide_possible_values = true)]
    mode: Option<String>,
    /// Name of this part when one message is split into several
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    stream: Option<String>,
    /// Custom data (JSON, or @FILE)
    #[arg(long, value_name = "JSON", allow_hyphen_values = true, help_heading = FIELDS, add = complete::text_or_file())]
    custom_data: Option<String>,
    /// Identities to link (JSON, or @FILE)
    #[arg(long, value_name = "JSON", help_heading = FIELDS, add = complete::text_or_file())]
    link_identities: Option<String>,
    /// When it happened; now when left out, 'none' leaves the field out
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = FIELDS)]
    generated_at: Option<String>,
}

impl FieldArgs {
    /// The fields as they were typed.
    pub fn given(self) -> GivenFields {
        let mut values = Vec::new();
        for (field, value) in [
            (Field::EventCode, self.code),
            (Field::Direction, self.direction),
            (Field::LifeCycleStage, self.stage),
            (Field::Outcome, self.outcome),
            (Field::GeneratedAt, self.generated_at),
            (Field::Detail, self.detail),
            (Field::TechnicalInfo, self.technical_info),
            (Field::CorrelationId, self.correlation_id),
            (Field::IntegrationKey, self.integration),
            (Field::ShapeName, self.shape),
            (Field::Mode, self.mode),
            (Field::Stream, self.stream),
            (Field::SchemaName, self.schema),
            (Field::SchemaVersion, self.schema_version),
            (Field::CustomData, self.custom_data),
            (Field::LinkIdentities, self.link_identities),
        ] {
            values.extend(value.map(|value| (field, value)));
        }
        let detail = [self.state, self.cause, self.action];
        GivenFields {
            values,
            detail: detail.into_iter().flatten().collect(),
            data_iri: self.data_iri,
            external_ids: self.external_id,
        }
    }
}
