//! The table of settings: what each is called in the profile file, which variable carries it,
//! and its default.

use crate::model::event_log::Field;

/// The kind of value a setting takes in the profile file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// Text that names a file or a folder.
    Path,
    /// A number of bytes, or text with a unit.
    Size,
    /// A whole number.
    Number,
    /// A list.
    List,
    /// A table of names and text.
    Table,
    /// Text that must never be printed; only from a variable, a file or a command.
    Secret,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct SettingKey {
    /// Section and name, for example `synchive.url`.
    pub name: &'static str,
    /// The variable that carries it.
    pub variable: Option<&'static str>,
    /// Its default.
    pub built_in: Option<&'static str>,
    /// The kind of value.
    pub kind: ValueKind,
    /// One line for the manual.
    pub description: &'static str,
}

macro_rules! keys {
    ($($name:literal $kind:ident $({ $($member:ident: $value:literal),* })? $description:literal)*) => {
        /// Every setting. The order is the one `config show` uses.
        #[allow(clippy::needless_update, reason = "a row may say all there is")]
        pub static KEYS: &[SettingKey] = &[$(SettingKey {
            name: $name,
            kind: ValueKind::$kind,
            description: $description,
            $($($member: Some($value),)*)?
            ..SettingKey::UNSET
        }),*];
    };
}

impl SettingKey {
    const UNSET: SettingKey = SettingKey {
        name: "",
        kind: ValueKind::Text,
        variable: None,
        built_in: None,
        description: "",
    };
}

keys! {
    "output" Text { variable: "HIVELOG_OUTPUT" }
        "output format where a command supports it"
    "timezone" Text { variable: "HIVELOG_TIMEZONE", built_in: "local" }
        "zone in which times are shown: local, utc or an offset"
    "color" Text { built_in: "auto" }
        "auto, always or never"
    "synchive.url" Text { variable: "HIVELOG_SYNCHIVE_URL" }
        "SyncHive's address: scheme, host, optional prefix"
    "synchive.connector" Text { variable: "HIVELOG_CONNECTOR" }
        "the connector's key, sent as limber-connector"
    "synchive.key" Secret { variable: "HIVELOG_KEY" }
        "the connector's API key"
    "synchive.key_header" Text { variable: "HIVELOG_KEY_HEADER" }
        "the header that carries the key; derived from the connector when absent"
    "synchive.key_file" Path
        "a file that holds the key, readable by its owner only"
    "synchive.key_command" List
        "a command that prints the key"
    "synchive.path" Text { built_in: "/data-service/v1/eventLog" }
        "path of the event log API"
    "synchive.retry_on" List
        "answers that are retried, by status or typeCode, in addition to transport faults and to 408, 425 and 507 [RETRY_LATER, 429 and 5xx]"
    "synchive.headers" Table
        "further headers of every request"
    "check.extra_codes" List
        "event codes to accept in addition to the glossary's"
    "check.rules" Table
        "rule levels: error, warning, hint or off"
    "check.max_record" Size { built_in: "1MiB" }
        "maximum size of a record"
    "server.url" Text { variable: "HIVELOG_SERVER_URL" }
        "the automation server's address"
    "server.token" Secret { variable: "HIVELOG_SERVER_TOKEN" }
        "a bearer token; skips the login"
    "server.token_file" Path
        "a file that holds the token"
    "server.token_command" List
        "a command that prints the token"
    "server.auth" Text { built_in: "bearer" }
        "how the token is sent: bearer, basic (user name and password, no login) or header:NAME"
    "server.username" Text { variable: "HIVELOG_SERVER_USERNAME" }
        "user name of the login"
    "server.password" Secret { variable: "HIVELOG_SERVER_PASSWORD" }
        "the password of the login"
    "server.password_file" Path
        "a file that holds the password"
    "server.password_command" List
        "a command that prints the password"
    "server.events_path" Text { variable: "HIVELOG_EVENTS_PATH", built_in: "/api/v1/events/stream" }
        "path of the event stream"
    "server.login_path" Text { built_in: "/api/v1/auth/login" }
        "path of the login"
    "server.renew_path" Text { built_in: "/api/v1/auth/renew" }
        "path of the token renewal"
    "server.token_pointer" Text { built_in: "/token" }
        "JSON pointer to the token in the login's answer"
    "server.envelope" Text
        "JSON pointer to the envelope inside what arrives"
    "server.map" Table
        "JSON pointers to id, ts, kind, type and data in a foreign envelope"
    "server.headers" Table
        "further headers of every request"
    "server.headers_file" Table
        "further headers whose values are read from files, readable by their owner only"
    "server.headers_command" Table
        "further headers whose values are printed by commands"
    "server.subprotocol" Text
        "the WebSocket subprotocol to request"
    "server.hello" List
        "the first WebSocket messages, with {token} and {position} filled in"
    "spool.location" Path { variable: "HIVELOG_SPOOL", built_in: "default" }
        "where undelivered records are stored: a folder, or postgres://…"
    "spool.password" Secret { variable: "HIVELOG_SPOOL_PASSWORD" }
        "the password of a spool in PostgreSQL"
    "spool.password_file" Path
        "a file that holds the password"
    "spool.password_command" List
        "a command that prints the password"
    "spool.max_bytes" Size { built_in: "1GiB" }
        "maximum size of a spool in a folder"
    "spool.max_records" Number
        "maximum number of waiting records in a spool in PostgreSQL (approximate)"
}

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
    ("HIVELOG_NO_INPUT", "when set, never prompt"),
    (
        "HIVELOG_LISTEN_SECRET",
        "the shared secret of tail --listen",
    ),
];

/// Every variable that is read.
pub fn variables() -> impl Iterator<Item = &'static str> {
    let of_settings = KEYS.iter().filter_map(|key| key.variable);
    let of_fields = FIELD_VARIABLES.iter().map(|(_, variable)| *variable);
    let others = OTHER_VARIABLES.iter().map(|(variable, _)| *variable);
    of_settings.chain(of_fields).chain(others)
}

/// Looks a setting up by name.
pub fn find(name: &str) -> Option<&'static SettingKey> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether a setting's value is a secret, or may contain one, as an address may.
pub fn may_hold_secret(name: &str) -> bool {
    let is_secret = find(name).is_some_and(|key| key.kind == ValueKind::Secret);
    is_secret || matches!(name, "synchive.url" | "server.url" | "spool.location")
}
