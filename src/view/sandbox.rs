//! What the sandbox says about itself.

use super::json;
use super::theme::{Styled, Theme};
use serde::Serialize;

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses<'a> {
    /// The address of both servers.
    pub url: &'a str,
    /// The path of event logs.
    #[serde(skip)]
    pub event_log_path: &'a str,
    /// The path of sys events.
    #[serde(skip)]
    pub events_path: &'a str,
}

/// One line for machines.
pub fn started_line(addresses: &Addresses<'_>) -> Vec<u8> {
    json::line(addresses)
}

/// For people: where it is and how to use it.
pub fn started(addresses: &Addresses<'_>, exposed: bool, theme: &Theme) -> String {
    let Addresses {
        url,
        event_log_path,
        events_path,
    } = addresses;
    let mut text = format!(
        "sandbox at {address}\n\
         \x20 event logs  PUT {url}{event_log_path}\n\
         \x20 sys events  GET {url}{events_path}\n\
         \x20 in a shell  export HIVELOG_SYNCHIVE_URL={url} HIVELOG_SERVER_URL={url} \\\n\
         \x20                    HIVELOG_CONNECTOR=sandbox_connector HIVELOG_KEY=any-key\n\
         \x20 Ctrl-C stops it",
        address = Styled(theme.name, url),
    );
    if exposed {
        let warning = Styled(theme.warning, "warning");
        text.push_str(&format!(
            "\n{warning}: other machines can reach it; whatever is sent to it is neither encrypted nor protected"
        ));
    }
    text
}

/// The counts of a run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Event logs that were taken.
    pub accepted: u64,
    /// Requests that were not.
    pub refused: u64,
    /// Findings at level warning.
    pub warnings: u64,
}

/// What was received, in one line.
pub fn stopped(received: Received) -> String {
    let Received {
        accepted,
        refused,
        warnings,
    } = received;
    format!("accepted {accepted}, refused {refused}, warnings {warnings}")
}
