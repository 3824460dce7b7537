//! What can be set: variables, files and the profile file.

use crate::commands::help::{HelpBlock, Topic};
use crate::settings::keys::{FIELD_VARIABLES, KEYS, OTHER_VARIABLES, ValueKind};

/// Variables and the profile file.
pub fn environment() -> Topic {
    Topic {
        title: "Variables and the profile file",
        blocks: vec![
            HelpBlock::text(
                "Precedence, highest first: flags, environment, profile, settings outside any profile, built-in defaults. 'hivelog config show --origin' says where each value comes from.",
            ),
            HelpBlock::Heading("Variables"),
            HelpBlock::Terms(own_variables()),
            HelpBlock::Heading("Standard variables"),
            other_variables(),
            HelpBlock::Heading("Files"),
            HelpBlock::terms([
                (
                    "$XDG_CONFIG_HOME/hivelog/config.toml",
                    "the profile file; --config FILE or HIVELOG_CONFIG names another, 'none' uses none",
                ),
                (
                    "$XDG_STATE_HOME/hivelog/",
                    "undelivered records and the positions of tail --resume",
                ),
            ]),
            HelpBlock::Heading("The profile file"),
            HelpBlock::text(
                "'hivelog config init' writes it, 'hivelog config edit' opens it, 'hivelog config use NAME' chooses the default profile. A setting belongs to a section of a profile; in a section outside any profile it applies to all of them. A path may begin with ~/.",
            ),
            HelpBlock::Example(
                "default_profile = \"staging\"\n\n[profile.staging.synchive]\nurl = \"https://staging.example.com\"\nconnector = \"shopify_connector\"\nkey_command = [\"pass\", \"show\", \"synchive/staging\"]\n\n[profile.staging.defaults]\nintegrationKey = \"ShopifyNZ\"\nschemaName = \"limber\"\nmode = \"SANDBOX\"",
            ),
            keys(),
            HelpBlock::text(
                "A secret is never in the file itself: it comes from its variable, from a file that only its owner can read, or from a command that prints it. A profile's secret is only sent to that profile's own address.",
            ),
        ],
    }
}

fn own_variables() -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = OTHER_VARIABLES
        .iter()
        .map(|(name, meaning)| ((*name).to_owned(), (*meaning).to_owned()))
        .collect();
    variables.extend(KEYS.iter().filter_map(|key| {
        let name = key.variable?.to_owned();
        Some((name, key.description.to_owned()))
    }));
    variables.extend(FIELD_VARIABLES.iter().map(|(field, variable)| {
        let field = field.name();
        let meaning = format!("{field}, when an event log is composed from flags");
        ((*variable).to_owned(), meaning)
    }));
    variables
}

fn other_variables() -> HelpBlock {
    HelpBlock::terms([
        ("NO_COLOR", "when set, no colour"),
        (
            "CLICOLOR_FORCE",
            "when set and not 0, colour even without a terminal",
        ),
        ("TERM", "dumb means no colour"),
        ("COLUMNS", "output width, instead of the terminal's"),
        ("CI", "when set, never prompt"),
        (
            "HTTPS_PROXY, ALL_PROXY",
            "the proxy for https:// addresses, as http://host:port or https://host:port; one that cannot be used is an error. http:// addresses and this machine are always reached directly: a proxy would see the key",
        ),
        (
            "NO_PROXY",
            "what is reached without a proxy: *, or hosts, domains, IP addresses and networks, each with or without a port, separated by commas",
        ),
        (
            "SSL_CERT_FILE",
            "certificate authorities to trust instead of the system's",
        ),
        (
            "XDG_CONFIG_HOME, XDG_STATE_HOME",
            "the folders of the profile file and of the spool",
        ),
        (
            "PAGER",
            "the pager of help and manual pages on a terminal [less]; cat turns paging off",
        ),
        ("VISUAL, EDITOR", "the editor of config edit [vi]"),
    ])
}

/// The keys of the profile file with their built-in values.
fn keys() -> HelpBlock {
    HelpBlock::Terms(
        KEYS.iter()
            .filter(|key| key.kind != ValueKind::Secret)
            .map(|key| {
                let built_in = key
                    .built_in
                    .map_or_else(String::new, |value| format!(" [{value}]"));
                (
                    key.name.to_owned(),
                    format!("{}{built_in}", key.description),
                )
            })
            .collect(),
    )
}
