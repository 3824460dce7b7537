//! A failure, told to the user.

use super::sanitise;
use super::theme::{Styled, Theme};
use crate::failure::Failure;

/// What happened, and on a second line what to do.
pub fn render(failure: &Failure, theme: &Theme) -> String {
    let label = Styled(theme.error, "error:");
    let source = failure.to_string();
    let said = format!("{label} {}", sanitise::line(&source));
    match &failure.hint {
        None => said,
        Some(hint) => {
            let label = Styled(theme.hint, "help:");
            format!("{said}\n  {label} {}", sanitise::block(hint))
        }
    }
}
