//! Roles that text can play, and their colours. Plain is the natural state; colour fills it in,
//! and no meaning is carried by colour alone.

use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display};

/// The styles of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct Theme {
    /// Something is wrong.
    pub error: Style,
    /// Something may be wrong.
    pub warning: Style,
    /// A remark.
    pub hint: Style,
    /// All is well.
    pub good: Style,
    /// The thing that is spoken of.
    pub name: Style,
    /// Less important than its surroundings.
    pub dim: Style,
    /// A heading.
    pub heading: Style,
}

impl Theme {
    /// Plain or coloured. The basic sixteen colours follow the terminal's own palette, so dark
    /// and light backgrounds both stay readable.
    pub fn new(coloured: bool) -> Theme {
        if !coloured {
            return Theme::default();
        }
        Theme {
            error: AnsiColor::Red.on_default().bold(),
            warning: AnsiColor::Yellow.on_default().bold(),
            hint: AnsiColor::Cyan.on_default(),
            good: AnsiColor::Green.on_default(),
            name: Style::new().bold(),
            dim: Style::new().dimmed(),
            heading: Style::new().bold().underline(),
        }
    }
}

/// Text in a style.
pub struct Styled<T>(pub Style, pub T);

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The width is applied inside the style, so that padding is counted without escapes.
        write!(f, "{}", self.0)?;
        self.1.fmt(f)?;
        write!(f, "{:#}", self.0)
    }
}

/// A style whose escape sequences are at hand, for text that comes fast.
#[derive(Clone, Debug)]
pub struct Ink {
    begin: String,
    end: String,
}

impl Ink {
    /// The ink of a style.
    pub fn new(style: Style) -> Ink {
        Ink {
            begin: format!("{style}"),
            end: format!("{style:#}"),
        }
    }

    /// Begins to write in it.
    pub fn begin(&self, out: &mut String) {
        out.push_str(&self.begin);
    }

    /// Ends to write in it.
    pub fn end(&self, out: &mut String) {
        out.push_str(&self.end);
    }

    /// Writes text in it.
    pub fn write(&self, text: &str, out: &mut String) {
        self.begin(out);
        out.push_str(text);
        self.end(out);
    }
}
