//! GitHub workflow commands, which become annotations of a job.

use super::{Reporter, place};
use crate::check::report::{Checked, Tally};
use crate::check::rule::Level;
use crate::view::sanitise;

/// One command a finding.
pub struct Github {
    root: Option<String>,
}

impl Github {
    /// Commands whose files are named relative to a folder.
    pub fn new(root: Option<&str>) -> Github {
        Github {
            root: root.map(str::to_owned),
        }
    }
}

impl Reporter for Github {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        let file = place::relative(checked.source, self.root.as_deref());
        for finding in checked.findings {
            let command = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Hint => "notice",
            };
            let message = format!(
                "{}\nhelp: {}",
                sanitise::line(&finding.message),
                sanitise::line(&finding.help)
            );
            let line = format!(
                "::{command} file={},line={},col={},title={}::{}\n",
                property(file),
                finding.line,
                finding.column,
                property(finding.rule.name()),
                data(&message),
            );
            out.extend_from_slice(line.as_bytes());
        }
    }

    fn end(&mut self, _: &Tally, _: &mut Vec<u8>) {}
}

/// The escaping of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escaping of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_or_a_command_is_escaped() {
        assert_eq!(property("a:b,c%d\r\n"), "a%3Ab%2Cc%25d%0D%0A");
        assert_eq!(data("100%, done:\n"), "100%25, done:%0A");
    }
}
