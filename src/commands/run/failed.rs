//! What the event log says of a command that has failed.

use super::RunPlan;
use crate::check::secrets;
use crate::commands::emit::edit::Edit;
use crate::host::Host;
use serde_json::Value;

/// What the technical information may hold.
const LONGEST: usize = 2000;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// What the event log says of a failure: what happened, and the command's last lines.
pub fn edits(plan: &RunPlan, what: &str, lines: &[String], host: &Host) -> Vec<Edit> {
    let mut technical = what.to_owned();
    let room = LONGEST.saturating_sub(technical.chars().count() + 1);
    // Masked before it is cut, so that no part of a secret is left.
    let tail = masked(plan, &lines.join("\n"), host);
    // The end says most.
    let skip = tail.chars().count().saturating_sub(room);
    let tail: String = tail.chars().skip(skip).collect();
    if !tail.is_empty() {
        technical.push('\n');
        technical.push_str(&tail);
    }
    let mut edits = vec![Edit::of_field(
        "technicalInfo",
        Value::from(technical).to_string(),
    )];
    if plan.own_detail {
        let where_to_look = if tail.is_empty() {
            "It wrote nothing to standard error: look at its other output."
        } else {
            "Its last messages are in the technical information."
        };
        let detail = format!(
            "The command {} failed.\n{what}.\n{where_to_look}",
            plan.name()
        );
        edits.push(Edit::of_field("detail", Value::from(detail).to_string()));
    }
    edits
}

/// The command's words without our key, without what its environment calls a secret, and without
/// what looks like one.
fn masked(plan: &RunPlan, text: &str, host: &Host) -> String {
    let mut text = text.to_owned();
    for secret in host.env.secrets(secrets::is_secret_name) {
        text = text.replace(secret, MASK);
    }
    if let Some(post) = &plan.post {
        text = post.destination.mask(text);
    }
    let bytes = text.as_bytes();
    let shown = secrets::masked(bytes, 0..bytes.len(), &secrets::spans(bytes));
    String::from_utf8_lossy(&shown).into_owned()
}
