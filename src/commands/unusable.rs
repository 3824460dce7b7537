//! What the network part cannot use, as a failure that names where it was given.

use crate::failure::Failure;
use crate::link::address::RequestError;
use crate::query::QueryError;
use crate::settings::Settings;

/// An error in a value of `--fail-on`, with a mark under it.
pub(super) fn pointed(error: &QueryError) -> Failure {
    // The mark stands below the text, which is shown behind "  help: ".
    Failure::usage(format!("--fail-on: {error}")).hint(error.marked("  help: ".len()))
}

/// Something that no setting gives.
pub(super) fn failure(unusable: RequestError) -> Failure {
    Failure {
        hint: unusable.hint,
        ..Failure::usage(unusable.message)
    }
}

/// The value of a setting.
pub(super) fn setting(settings: &Settings, name: &str, unusable: RequestError) -> Failure {
    Failure {
        hint: unusable.hint,
        ..settings.complaint(name, &unusable.message)
    }
}

/// An entry of a table in the profile file.
pub(super) fn entry(
    settings: &Settings,
    table: &str,
    entry: &str,
    unusable: RequestError,
) -> Failure {
    let place = settings.entry_place(table, entry);
    Failure {
        hint: unusable.hint,
        ..Failure::usage(format!("{place}: {}", unusable.message))
    }
}
