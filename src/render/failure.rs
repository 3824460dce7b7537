//! A failure, told to the user.

use crate::failure::Failure;
use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};

/// What happened, and on a second line what to do.
pub fn render(failure: &Failure, theme: &Theme) -> String {
    labelled(&Styled(theme.error, "error:"), failure, theme)
}

/// The same of a failure in spite of which the run goes on.
pub fn warning(failure: &Failure, theme: &Theme) -> String {
    labelled(&Styled(theme.warning, "warning:"), failure, theme)
}

fn labelled(label: &Styled<&str>, failure: &Failure, theme: &Theme) -> String {
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
