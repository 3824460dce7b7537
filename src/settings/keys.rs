//! The table of settings: what each is called in the profile file, which variable carries it,
//! and what it is when nobody says.

use crate::model::event_log::Field;

/// The kind of value a setting takes in the profile file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A list.
    List,
    /// A table of names and text.
    Table,
    /// Text that must never be printed; only from a variable, a file or a command.
    Secret,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Section and name, for example `synchive.url`.
    pub name: &'static str,
    /// The variable that carries it.
    pub variable: Option<&'static str>,
    /// Its value when nobody says.
    pub built_in: Option<&'static str>,
    /// The kind of value.
    pub kind: Kind,
    /// One line for the manual.
    pub description: &'static str,
}

const fn key(
    name: &'static str,
    kind: Kind,
    variable: &'static str,
    built_in: &'static str,
    description: &'static str,
) -> Key {
    Key {
        name,
        variable: if variable.is_empty() {
            None
        } else {
            Some(variable)
        },
        built_in: if built_in.is_empty() {
            None
        } else {
            Some(built_in)
        },
        kind,
        description,
    }
}

/// Every setting. The order is the one `config show` uses.
pub static KEYS: &[Key] = {
    use Kind::{List, Secret, Table, Text};
    &[
        key(
            "output",
            Text,
            "HIVELOG_OUTPUT",
            "",
            "output format where a command supports it",
        ),
        key(
            "timezone",
            Text,
            "HIVELOG_TIMEZONE",
            "local",
            "zone in which times are shown: local, utc or an offset",
        ),
        key("color", Text, "", "auto", "auto, always or never"),
        key(
            "synchive.url",
            Text,
            "HIVELOG_SYNCHIVE_URL",
            "",
            "SyncHive's address: scheme, host, optional prefix",
        ),
        key(
            "synchive.connector",
            Text,
            "HIVELOG_CONNECTOR",
            "",
            "the connector's key, sent as limber-connector",
        ),
        key(
            "synchive.key",
            Secret,
            "HIVELOG_KEY",
            "",
            "the connector's API key",
        ),
        key(
            "synchive.key_header",
            Text,
            "HIVELOG_KEY_HEADER",
            "",
            "the header that carries the key; derived from the connector when absent",
        ),
        key(
            "synchive.key_file",
            Text,
            "",
            "",
            "a file that holds the key, readable by its owner only",
        ),
        key(
            "synchive.key_command",
            List,
            "",
            "",
            "a command that prints the key",
        ),
        key(
            "synchive.path",
            Text,
            "",
            "/data-service/v1/eventLog",
            "path of the event log API",
        ),
        key(
            "synchive.retry_on",
            List,
            "",
            "",
            "answers that are retried, in addition to transport faults",
        ),
        key(
            "synchive.headers",
            Table,
            "",
            "",
            "further headers of every request",
        ),
        key(
            "check.extra_codes",
            List,
            "",
            "",
            "event codes to accept in addition to the glossary's",
        ),
        key(
            "check.rules",
            Table,
            "",
            "",
            "rule levels: error, warning, hint or off",
        ),
        key(
            "check.max_record",
            Text,
            "",
            "1MiB",
            "the largest record that is accepted",
        ),
        key(
            "server.url",
            Text,
            "HIVELOG_SERVER_URL",
            "",
            "the automation server's address",
        ),
        key(
            "server.token",
            Secret,
            "HIVELOG_SERVER_TOKEN",
            "",
            "a bearer token; skips the login",
        ),
        key(
            "server.token_file",
            Text,
            "",
            "",
            "a file that holds the token",
        ),
        key(
            "server.token_command",
            List,
            "",
            "",
            "a command that prints the token",
        ),
        key(
            "server.username",
            Text,
            "HIVELOG_SERVER_USERNAME",
            "",
            "who logs in",
        ),
        key(
            "server.password",
            Secret,
            "HIVELOG_SERVER_PASSWORD",
            "",
            "the password of the login",
        ),
        key(
            "server.password_file",
            Text,
            "",
            "",
            "a file that holds the password",
        ),
        key(
            "server.password_command",
            List,
            "",
            "",
            "a command that prints the password",
        ),
        key(
            "server.events_path",
            Text,
            "HIVELOG_EVENTS_PATH",
            "/api/v1/events/stream",
            "path of the event stream",
        ),
        key(
            "server.login_path",
            Text,
            "",
            "/api/v1/auth/login",
            "path of the login",
        ),
        key(
            "server.renew_path",
            Text,
            "",
            "/api/v1/auth/renew",
            "path of the token renewal",
        ),
        key(
            "server.token_pointer",
            Text,
            "",
            "/token",
            "JSON pointer to the token in the login's answer",
        ),
        key(
            "server.envelope",
            Text,
            "",
            "",
            "JSON pointer to the envelope inside what arrives",
        ),
        key(
            "server.headers",
            Table,
            "",
            "",
            "further headers of every request",
        ),
        key(
            "spool.location",
            Text,
            "HIVELOG_SPOOL",
            "default",
            "where undelivered records are kept",
        ),
        key(
            "spool.max_bytes",
            Text,
            "",
            "1GiB",
            "how large the spool may grow",
        ),
    ]
};

/// The settings that are sizes: a number of bytes, or text with a unit.
pub static SIZES: [&str; 2] = ["check.max_record", "spool.max_bytes"];

/// The variables that fill an event log's fields when composing from flags.
pub static FIELD_VARIABLES: [(Field, &str); 6] = [
    (Field::IntegrationKey, "HIVELOG_INTEGRATION"),
    (Field::ShapeName, "HIVELOG_SHAPE"),
    (Field::SchemaName, "HIVELOG_SCHEMA"),
    (Field::SchemaVersion, "HIVELOG_SCHEMA_VERSION"),
    (Field::Mode, "HIVELOG_MODE"),
    (Field::CorrelationId, "HIVELOG_CORRELATION_ID"),
];

/// Variables with a meaning of their own, for the manual.
pub static OTHER_VARIABLES: [(&str, &str); 4] = [
    ("HIVELOG_PROFILE", "the profile to use"),
    ("HIVELOG_CONFIG", "the profile file, or none"),
    ("HIVELOG_NO_INPUT", "when set, nothing is ever asked"),
    (
        "HIVELOG_LISTEN_SECRET",
        "the shared secret of tail --listen",
    ),
];

/// Looks a setting up by name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
