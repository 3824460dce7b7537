//! Questions on the terminal: only where a person sits there and has not forbidden them. Every
//! question can be avoided by a flag.

use crate::failure::{Exit, Failure};
use crate::host::{Host, Interrupt};
use crate::settings::secret::Secret;
use dialoguer::console::{Key, Term};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Select};
use std::io;
use zeroize::Zeroizing;

/// Somebody to ask.
pub struct Asker {
    theme: Box<dyn Theme>,
    /// While it is listened to, Ctrl-C ends a question instead of the process, so that the
    /// cursor can be shown again.
    _interrupt: Interrupt,
}

impl Asker {
    /// Finds out whether there is somebody to ask; `what` needs answers, `instead` is the way
    /// without questions.
    pub fn new(host: &Host, no_input: bool, what: &str, instead: &str) -> Result<Asker, Failure> {
        if !host.may_prompt(no_input) {
            let reason = if host.stdin_is_terminal && host.stderr_is_terminal {
                "--no-input, HIVELOG_NO_INPUT or CI disables them"
            } else {
                "there is no terminal to ask on"
            };
            return Err(
                Failure::usage(format!("{what} asks questions, but {reason}")).hint(instead),
            );
        }
        let theme: Box<dyn Theme> = if host.env.wants_colour(host.stderr_is_terminal) {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        };
        Ok(Asker {
            theme,
            _interrupt: host.interrupt()?,
        })
    }

    /// A line of text that passes the check.
    pub fn text(
        &self,
        question: &str,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<String, Failure> {
        let input = Input::<String>::with_theme(self.theme.as_ref())
            .with_prompt(question)
            .validate_with(|text: &String| check(text.trim()));
        let input = match default {
            Some(default) => input.default(default.to_owned()),
            None => input,
        };
        let answer = answered(input.interact_text())?;
        Ok(answer.trim().to_owned())
    }

    /// A line of text, or nothing; the question says what nothing means.
    pub fn optional(&self, question: &str) -> Result<Option<String>, Failure> {
        let input = Input::<String>::with_theme(self.theme.as_ref())
            .with_prompt(question)
            .allow_empty(true);
        let answer = answered(input.interact_text())?;
        let answer = answer.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }

    /// One of several; the first is proposed.
    pub fn choose(&self, question: &str, items: &[&str]) -> Result<usize, Failure> {
        let select = Select::with_theme(self.theme.as_ref())
            .with_prompt(question)
            .items(items)
            .default(0);
        answered(select.interact())
    }

    /// Yes or no.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Failure> {
        let confirm = Confirm::with_theme(self.theme.as_ref())
            .with_prompt(question)
            .default(default);
        answered(confirm.interact())
    }

    /// Something that does not appear on the screen.
    ///
    /// Read key by key: the library's own way leaves the terminal without echo after Ctrl-C.
    pub fn secret(&self, question: &str) -> Result<Secret, Failure> {
        let term = Term::stderr();
        let typed = || -> io::Result<Zeroizing<String>> {
            term.write_str(&format!("{question} (not shown): "))?;
            let mut text = Zeroizing::new(String::new());
            loop {
                match term.read_key()? {
                    Key::Enter => break,
                    Key::Backspace => drop(text.pop()),
                    Key::Char(typed) => text.push(typed),
                    _ => {}
                }
            }
            term.write_line("")?;
            Ok(text)
        };
        loop {
            let text = answered(typed().map_err(dialoguer::Error::from))?;
            if !text.is_empty() {
                return Ok(Secret::new(text.as_str()));
            }
        }
    }
}

/// A confirmation that is asked for where somebody can be asked.
pub struct Confirmation<'a> {
    /// The surroundings.
    pub host: &'a Host,
    /// Whether nothing may be asked.
    pub no_input: bool,
    /// The command that needs it.
    pub command: &'static str,
}

impl Confirmation<'_> {
    /// The answer; nothing where nobody can be asked.
    pub fn ask(&self, question: &str) -> Result<Option<bool>, Failure> {
        if !self.host.may_prompt(self.no_input) {
            return Ok(None);
        }
        let asker = Asker::new(
            self.host,
            self.no_input,
            self.command,
            "pass --yes to confirm",
        )?;
        asker.confirm(question, false).map(Some)
    }
}

/// An answer, or the end of the run when the user has left.
fn answered<T>(answer: dialoguer::Result<T>) -> Result<T, Failure> {
    answer.map_err(|error| {
        let error = io::Error::from(error);
        let _ = Term::stderr().show_cursor();
        if error.kind() == io::ErrorKind::Interrupted {
            let _ = Term::stderr().write_line("");
            return Failure::message(
                Exit::Interrupted,
                "interrupted; nothing was sent or written",
            );
        }
        Failure::io("cannot ask on this terminal", error)
    })
}
