//! The settings that are in force, and the profiles there are.

use crate::commands::config::SettingRow;
use crate::render::listing::{self, Columns};
use crate::render::theme::Styled;
use crate::render::{Page, sanitise, table};
use serde::Serialize;
use std::fmt::Write;

/// One row of `config list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileRow {
    /// Its name.
    pub name: String,
    /// Whether it is used when no other is named.
    pub default: bool,
    /// SyncHive's address.
    pub synchive: Option<String>,
    /// The connector that sends.
    pub connector: Option<String>,
    /// The automation server's address.
    pub server: Option<String>,
}

/// Every setting with its value and, where it is asked for, its origin.
pub fn render(rows: &[SettingRow], with_origin: bool, page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["name", "value", "origin"],
        shown: if with_origin { &[0, 1, 2] } else { &[0, 1] },
    };
    let cells = |row: &SettingRow| vec![row.name.clone(), row.value.clone(), row.origin.clone()];
    if let Some(bytes) = listing::render(rows, page, &columns, cells) {
        return bytes;
    }
    let width =
        |text: fn(&SettingRow) -> &str| rows.iter().map(|row| text(row).chars().count()).max();
    let names = width(|row| &row.name).unwrap_or(0);
    let values = width(|row| &row.value).unwrap_or(0).min(50);
    let mut text = String::new();
    for row in rows {
        let name = Styled(page.theme.name, format!("{:<names$}", row.name));
        let value = sanitise::line(&row.value);
        if with_origin {
            let origin = Styled(page.theme.dim, sanitise::line(&row.origin));
            let _ = writeln!(text, "{name}  {value:<values$}  {origin}");
        } else {
            let _ = writeln!(text, "{name}  {value}");
        }
    }
    text.into_bytes()
}

/// Every profile with its addresses; a star marks the default.
pub fn profiles(profiles: &[ProfileRow], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["name", "default", "synchive", "connector", "server"],
        shown: &[0, 1, 2, 3, 4],
    };
    let cells = |profile: &ProfileRow| {
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            profile.name.clone(),
            profile.default.to_string(),
            given(&profile.synchive),
            given(&profile.connector),
            given(&profile.server),
        ]
    };
    if let Some(bytes) = listing::render(profiles, page, &columns, cells) {
        return bytes;
    }
    if profiles.is_empty() {
        return Vec::new();
    }
    let rows = profiles.iter().map(|profile| {
        let mut row = cells(profile);
        row[1].clear();
        row[1].push_str(if profile.default { "*" } else { "" });
        row
    });
    table::render(columns.names, rows, page)
}
