//! The table of settings: what each is called in the profile file, which variable carries it,
//! and its default.

use crate::model::event_log::Field;

/// The kind of value a setting takes in the profile file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
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

impl SettingKey {
    const TEXT: SettingKey = SettingKey {
        name: "",
        kind: ValueKind::Text,
        variable: None,
        built_in: None,
        description: "",
    };
    const LIST: SettingKey = SettingKey {
        kind: ValueKind::List,
        ..SettingKey::TEXT
    };
    const TABLE: SettingKey = SettingKey {
        kind: ValueKind::Table,
        ..SettingKey::TEXT
    };
    const SECRET: SettingKey = SettingKey {
        kind: ValueKind::Secret,
        ..SettingKey::TEXT
    };
}

/// Every setting. The order is the one `config show` uses.
pub static KEYS: &[SettingKey] = &[
    SettingKey {
        name: "output",
        variable: Some("HIVELOG_OUTPUT"),
        description: "output format where a command supports it",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "timezone",
        variable: Some("HIVELOG_TIMEZONE"),
        built_in: Some("local"),
        description: "zone in which times are shown: local, utc or an offset",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "color",
        built_in: Some("auto"),
        description: "auto, always or never",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.url",
        variable: Some("HIVELOG_SYNCHIVE_URL"),
        description: "SyncHive's address: scheme, host, optional prefix",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.connector",
        variable: Some("HIVELOG_CONNECTOR"),
        description: "the connector's key, sent as limber-connector",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.key",
        variable: Some("HIVELOG_KEY"),
        description: "the connector's API key",
        ..SettingKey::SECRET
    },
    SettingKey {
        name: "synchive.key_header",
        variable: Some("HIVELOG_KEY_HEADER"),
        description: "the header that carries the key; derived from the connector when absent",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.key_file",
        description: "a file that holds the key, readable by its owner only",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.key_command",
        description: "a command that prints the key",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "synchive.path",
        built_in: Some("/data-service/v1/eventLog"),
        description: "path of the event log API",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "synchive.retry_on",
        description: "answers that are retried, in addition to transport faults",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "synchive.headers",
        description: "further headers of every request",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "check.extra_codes",
        description: "event codes to accept in addition to the glossary's",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "check.rules",
        description: "rule levels: error, warning, hint or off",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "check.max_record",
        built_in: Some("1MiB"),
        description: "the largest record that is accepted",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.url",
        variable: Some("HIVELOG_SERVER_URL"),
        description: "the automation server's address",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.token",
        variable: Some("HIVELOG_SERVER_TOKEN"),
        description: "a bearer token; skips the login",
        ..SettingKey::SECRET
    },
    SettingKey {
        name: "server.token_file",
        description: "a file that holds the token",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.token_command",
        description: "a command that prints the token",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "server.auth",
        built_in: Some("bearer"),
        description: "how the token is sent: bearer, basic (user name and password, no login) or header:NAME",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.username",
        variable: Some("HIVELOG_SERVER_USERNAME"),
        description: "who logs in",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.password",
        variable: Some("HIVELOG_SERVER_PASSWORD"),
        description: "the password of the login",
        ..SettingKey::SECRET
    },
    SettingKey {
        name: "server.password_file",
        description: "a file that holds the password",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.password_command",
        description: "a command that prints the password",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "server.events_path",
        variable: Some("HIVELOG_EVENTS_PATH"),
        built_in: Some("/api/v1/events/stream"),
        description: "path of the event stream",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.login_path",
        built_in: Some("/api/v1/auth/login"),
        description: "path of the login",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.renew_path",
        built_in: Some("/api/v1/auth/renew"),
        description: "path of the token renewal",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.token_pointer",
        built_in: Some("/token"),
        description: "JSON pointer to the token in the login's answer",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.envelope",
        description: "JSON pointer to the envelope inside what arrives",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.map",
        description: "JSON pointers to id, ts, kind, type and data in a foreign envelope",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "server.headers",
        description: "further headers of every request",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "server.headers_file",
        description: "further headers whose values are read from files, readable by their owner only",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "server.headers_command",
        description: "further headers whose values are what commands print",
        ..SettingKey::TABLE
    },
    SettingKey {
        name: "server.subprotocol",
        description: "the WebSocket subprotocol that is asked for",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "server.hello",
        description: "the first WebSocket messages, with {token} and {position} filled in",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "spool.location",
        variable: Some("HIVELOG_SPOOL"),
        built_in: Some("default"),
        description: "where undelivered records are stored: a folder, or postgres://…",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "spool.password",
        variable: Some("HIVELOG_SPOOL_PASSWORD"),
        description: "the password of a spool in PostgreSQL",
        ..SettingKey::SECRET
    },
    SettingKey {
        name: "spool.password_file",
        description: "a file that holds the password",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "spool.password_command",
        description: "a command that prints the password",
        ..SettingKey::LIST
    },
    SettingKey {
        name: "spool.max_bytes",
        built_in: Some("1GiB"),
        description: "how large a spool in a folder may grow",
        ..SettingKey::TEXT
    },
    SettingKey {
        name: "spool.max_records",
        description: "how many records may wait in a spool in PostgreSQL, about",
        ..SettingKey::TEXT
    },
];

/// The settings that are sizes: a number of bytes, or text with a unit.
pub static SIZES: [&str; 2] = ["check.max_record", "spool.max_bytes"];

/// The settings that are whole numbers.
pub static NUMBERS: [&str; 1] = ["spool.max_records"];

/// The settings that name a file or a folder.
pub static PATHS: [&str; 4] = [
    "synchive.key_file",
    "server.token_file",
    "server.password_file",
    "spool.location",
];

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

/// Looks a setting up by name.
pub fn find(name: &str) -> Option<&'static SettingKey> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether a setting's value is a secret, or may contain one, as an address may.
pub fn may_hold_secret(name: &str) -> bool {
    let is_secret = find(name).is_some_and(|key| key.kind == ValueKind::Secret);
    is_secret || matches!(name, "synchive.url" | "server.url" | "spool.location")
}
