//! Keys, tokens and passwords: a type that cannot print itself, and the places they come from.

use crate::failure::Failure;
use crate::host::core_dump;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// No secret is longer; more is another file, or a command that never ends.
const LONGEST: u64 = 64 << 10;

/// A secret. It has no way to be printed or serialised, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret as it stands.
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

/// Reads a secret from a file that only its owner can read.
pub fn from_file(what: &str, path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let about = |error| Failure::io(format!("cannot read the {what} from {shown}"), error);
    let file = File::open(path).map_err(about)?;
    // Of the file that is open, which is the one that is read.
    refuse_if_shared(what, path, &file.metadata().map_err(about)?)?;
    let mut text = String::new();
    file.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(about)?;
    taken(what, &format!("file {shown}"), text)
}

/// Refuses a secret file that anybody but its owner can read, or that another user owns.
#[cfg(unix)]
fn refuse_if_shared(what: &str, path: &Path, metadata: &std::fs::Metadata) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let shown = path.display();
    if metadata.mode() & 0o077 != 0 {
        return Err(Failure::usage(format!(
            "the {what} file {shown} can be read by others (mode {:04o})",
            metadata.mode() & 0o7777
        ))
        .hint(format!("chmod 600 {shown}")));
    }
    if ![0, rustix::process::geteuid().as_raw()].contains(&metadata.uid()) {
        return Err(Failure::usage(format!(
            "the {what} file {shown} belongs to another user"
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_shared(_: &str, _: &Path, _: &std::fs::Metadata) -> Result<(), Failure> {
    Ok(())
}

/// Runs a command and takes what it prints.
pub fn from_command(what: &str, argv: &[String]) -> Result<Secret, Failure> {
    let Some((program, rest)) = argv.split_first() else {
        return Err(Failure::usage(format!("the {what} command is empty")));
    };
    let about = |error| {
        let mut failure = Failure::io(format!("cannot run the {what} command '{program}'"), error);
        failure.exit = crate::failure::Exit::Usage;
        failure
    };
    let mut child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(about)?;
    let mut bytes = Vec::new();
    if let Some(printed) = child.stdout.take() {
        // Dropped behind that: one that prints on and on is ended by its closed pipe.
        printed
            .take(LONGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(about)?;
    }
    let status = child.wait().map_err(about)?;
    if !status.success() && bytes.len() as u64 <= LONGEST {
        return Err(Failure::usage(format!(
            "the {what} command '{program}' failed ({status})"
        )));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("the {what} command '{program}' printed no text")))?;
    taken(what, &format!("command '{program}'"), text)
}

/// Takes a text without a byte-order mark and line breaks at its end. An empty secret, a very long
/// one, or one with control characters is a mistake.
fn taken(what: &str, origin: &str, text: String) -> Result<Secret, Failure> {
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
    check(what, secret)?;
    Ok(Secret::new(secret))
}

/// Refuses a secret that cannot travel in a header.
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
