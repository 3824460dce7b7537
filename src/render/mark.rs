//! How good or bad something is: a sign, a word for those who do not see it, and a colour.

use crate::model::code;
use crate::model::level::Level;
use crate::model::sys_event::Severity;
use crate::render::theme::Theme;
use anstyle::Style;

/// How something is marked; the worst comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing is known about it.
    Unknown,
    /// All is well.
    Good,
    /// Something to know.
    Hint,
    /// It is tried again.
    Warning,
    /// It has failed.
    Error,
}

impl Mark {
    /// The mark of an event code's level; of no level, where the glossary does not have the code.
    pub const fn of_level(level: Option<code::CodeLevel>) -> Mark {
        match level {
            None => Mark::Unknown,
            Some(code::CodeLevel::Info) => Mark::Good,
            Some(code::CodeLevel::Warning) => Mark::Warning,
            Some(code::CodeLevel::Error) => Mark::Error,
        }
    }

    /// The mark of a finding's level.
    pub const fn of_finding(level: Level) -> Mark {
        match level {
            Level::Hint => Mark::Hint,
            Level::Warning => Mark::Warning,
            Level::Error => Mark::Error,
        }
    }

    /// The mark of a sys event.
    pub fn of_event(event_type: &str) -> Mark {
        match Severity::of(event_type) {
            Severity::Bad => Mark::Error,
            Severity::Notice => Mark::Hint,
            Severity::Quiet => Mark::Unknown,
        }
    }

    /// The sign.
    pub const fn sign(self) -> &'static str {
        self.row().0
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        self.row().1
    }

    /// The class in a page.
    pub const fn class(self) -> &'static str {
        self.row().2
    }

    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Mark::Unknown => ("·", "unknown", "unknown"),
            Mark::Good => ("●", "information", "good"),
            Mark::Hint => ("◆", "hint", "hint"),
            Mark::Warning => ("▲", "warning", "warning"),
            Mark::Error => ("✖", "error", "error"),
        }
    }

    /// The style on a terminal.
    pub const fn style(self, theme: &Theme) -> Style {
        match self {
            Mark::Unknown => theme.dim,
            Mark::Good => theme.good,
            Mark::Hint => theme.hint,
            Mark::Warning => theme.warning,
            Mark::Error => theme.error,
        }
    }
}
