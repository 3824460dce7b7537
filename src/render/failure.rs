//! A failure as the user sees it.

use crate::failure::Failure;
use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};
use crate::render::wrap::hanging;
use anstyle::Style;

/// What happened, and on a second line what to do; folded where the width of a terminal is known.
pub fn render(failure: &Failure, theme: &Theme, width: Option<usize>) -> String {
    labelled("error:", theme.error, failure, theme, width)
}

/// The same of a failure in spite of which the run goes on.
pub fn warning(failure: &Failure, theme: &Theme, width: Option<usize>) -> String {
    labelled("warning:", theme.warning, failure, theme, width)
}

fn labelled(
    label: &str,
    style: Style,
    failure: &Failure,
    theme: &Theme,
    width: Option<usize>,
) -> String {
    let said = behind(
        "",
        label,
        style,
        &sanitise::line(&failure.to_string()),
        width,
    );
    match &failure.hint {
        None => said,
        Some(hint) => {
            let hint = sanitise::block(hint);
            // What stands on several lines is laid out already.
            let width = width.filter(|_| !hint.contains('\n'));
            let hint = behind("  ", "help:", theme.hint, &hint, width);
            format!("{said}\n{hint}")
        }
    }
}

/// A text behind a label, its further lines below its first.
fn behind(indent: &str, label: &str, style: Style, text: &str, width: Option<usize>) -> String {
    let first = format!("{indent}{} ", Styled(style, label));
    match width {
        None => first + text,
        Some(width) => {
            let room = indent.len() + label.len() + 1;
            hanging(&first, room, text, width).trim_end().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_folded_at_words_on_a_terminal_and_left_alone_elsewhere() {
        let what = "the spool of this machine cannot be opened for writing";
        let failure = Failure::usage(what).hint("--spool names another folder that can be used");
        let theme = Theme::new(false);
        assert_eq!(
            render(&failure, &theme, Some(40)),
            "error: the spool of this machine cannot\n       be opened for writing\n  \
             help: --spool names another folder\n        that can be used"
        );
        assert!(render(&failure, &theme, None).contains(what));
    }

    #[test]
    fn a_hint_that_points_at_a_place_keeps_its_layout() {
        let failure = Failure::usage("no test").hint("x y\n          ^ expected a test");
        let shown = render(&failure, &Theme::new(false), Some(20));
        assert!(
            shown.ends_with("help: x y\n          ^ expected a test"),
            "{shown}"
        );
    }
}
