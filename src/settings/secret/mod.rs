//! Keys, tokens and passwords: a type that cannot print itself, and the places they come from.

mod command;
mod file;

use crate::failure::Failure;
use crate::host::core_dump;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

pub use command::from_command;
pub use file::from_file;
pub(super) use file::is_of_another_user;

/// Shown in place of a secret.
pub const MASK: &str = "***";

/// No secret is longer; more is another file, or a command that never ends.
const LONGEST: u64 = 64 << 10;

/// How long a command or a pipe may take to give a secret.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often a wait for a secret is interrupted to check for signals and the time limit.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A secret. It has no way to be printed or serialised, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret as it is.
    pub fn new(value: impl Into<String>) -> Secret {
        core_dump::withhold();
        Secret(Zeroizing::new(value.into()))
    }

    /// The secret itself, for putting it on the wire and for masking it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the secret replaced.
    pub fn mask(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(self.0.as_str(), MASK)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Accepts a text as a secret, without a byte-order mark and the line breaks at its end. An empty
/// one, a very long one, or one with control characters is an error.
fn accept(what: &str, origin: &str, text: String) -> Result<Secret, Failure> {
    let text = Zeroizing::new(text);
    let secret = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let secret = secret.trim_end_matches(['\r', '\n']);
    if text.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "the {what} from {origin} is longer than {} KiB",
            LONGEST >> 10
        )));
    }
    if secret.is_empty() {
        return Err(Failure::usage(format!("the {what} from {origin} is empty")));
    }
    check(&format!("{what} from {origin}"), secret)?;
    Ok(Secret::new(secret))
}

/// Refuses a secret that cannot travel in a header; `what` says where it came from, too.
pub fn check(what: &str, secret: &str) -> Result<(), Failure> {
    if secret.chars().any(char::is_control) {
        return Err(Failure::usage(format!(
            "the {what} contains a line break or another control character"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself_and_is_masked_in_text() {
        let secret = Secret::new("canary-1");
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.mask("key canary-1 refused"), "key *** refused");
        assert_eq!(Secret::new("").mask("text"), "text");
    }
}
