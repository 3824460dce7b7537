//! How a spool and its records look.

pub mod list;
pub mod status;

use crate::commands::spool::Imported;
use std::fmt::Write;

/// How many records were added, on a line.
pub fn imported(count: &Imported) -> String {
    let mut text = match (count.inbox, count.imported) {
        (true, 0) => "the inbox is empty".to_owned(),
        (true, new) => format!("imported {new} from the inbox"),
        (false, new) => format!("imported {new}"),
    };
    for (number, what) in [(count.present, "already there"), (count.invalid, "invalid")] {
        if number > 0 {
            let _ = write!(text, ", {number} {what}");
        }
    }
    text + "\n"
}
