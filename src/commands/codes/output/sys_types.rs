//! System event types.

use crate::model::sys_event::{Severity, SysType};
use crate::render::listing::{self, Columns};
use crate::render::theme::Styled;
use crate::render::{Page, wrap};
use std::fmt::Write;

/// System events with the data they carry; for people by group.
pub fn sys_types(types: &[&SysType], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["type", "group", "description", "data", "transient"],
        shown: &[0, 2, 3],
    };
    let fields = |known: &SysType| {
        let names: Vec<_> = known.data.iter().map(|field| field.name).collect();
        names.join(" ")
    };
    let row = |known: &&SysType| {
        vec![
            known.name.to_owned(),
            known.group.to_owned(),
            known.description.to_owned(),
            fields(known),
            known.transient.to_string(),
        ]
    };
    if let Some(bytes) = listing::render(types, page, &columns, row) {
        return bytes;
    }
    let mut text = String::new();
    let mut group = "";
    for known in types {
        if group != known.group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = known.group;
            let _ = writeln!(text, "{gap}{}", Styled(page.theme.heading, group));
        }
        let style = match Severity::of(known.name) {
            Severity::Bad => page.theme.error,
            Severity::Notice | Severity::Quiet => page.theme.name,
        };
        let _ = writeln!(text, "  {}", Styled(style, known.name));
        text.push_str(&wrap::hanging("      ", 6, known.description, page.width));
        if !known.data.is_empty() {
            let data = known.data.iter().map(|field| field.name);
            let data = data.collect::<Vec<_>>().join(", ");
            let label = format!("      {} ", Styled(page.theme.dim, "data:"));
            text.push_str(&wrap::hanging(&label, 12, &data, page.width));
        }
    }
    text.into_bytes()
}
