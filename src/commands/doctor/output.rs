//! What `doctor` has found, a line for each thing.

use crate::commands::doctor::diagnosis::{CheckStatus, Diagnosis};
use crate::render::theme::Styled;
use crate::render::wrap::hanging;
use crate::render::{Page, sanitise};

/// The columns before what was found.
const INDENT: usize = 25;

/// One check for people: its word, what was looked at, what was found, and what to do.
pub fn line(check: &Diagnosis, page: &Page) -> String {
    let theme = &page.theme;
    let style = match check.status {
        CheckStatus::Ok => theme.good,
        CheckStatus::Skipped => theme.dim,
        CheckStatus::Warning => theme.warning,
        CheckStatus::Failed => theme.error,
    };
    let word = Styled(style, format!("{:<7}", check.status.word()));
    let name = Styled(theme.name, format!("{:<14}", check.check));
    let message = sanitise::line(&check.message);
    let text = hanging(&format!("{word}  {name}  "), INDENT, &message, page.width);
    match &check.help {
        None => text,
        Some(help) => {
            let label = Styled(theme.hint, "help:");
            let first = format!("{:INDENT$}{label} ", "");
            text + &hanging(&first, INDENT + 6, &sanitise::line(help), page.width)
        }
    }
}

/// Every check in a format for machines, or as a table.
pub fn all(checks: &[Diagnosis], page: &Page) -> Vec<u8> {
    use crate::render::listing::{self, Columns};
    let columns = Columns {
        names: &["check", "status", "message", "help"],
        shown: &[0, 1, 2],
    };
    let row = |check: &Diagnosis| {
        vec![
            check.check.to_owned(),
            check.status.word().to_owned(),
            check.message.clone(),
            check.help.clone().unwrap_or_default(),
        ]
    };
    listing::render(checks, page, &columns, row).unwrap_or_default()
}
