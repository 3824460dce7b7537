//! GitHub workflow commands, which become annotations of a job.

use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::Level;
use crate::commands::validate::reports::{Reporter, place};
use crate::render::sanitise;

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
            let (line, column) = (finding.line, finding.column);
            let place = format!("file={},line={line},col={column}", property(file));
            let words = [finding.rule.name(), &finding.message, &finding.help];
            write(finding.level, &place, words, out);
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        let file = place::relative(remark.source, self.root.as_deref());
        let place = format!("file={},line={}", property(file), remark.line());
        let words = [remark.name, remark.message, remark.help];
        write(remark.level, &place, words, out);
    }

    fn end(&mut self, _: &FindingTally, _: &mut Vec<u8>) {}
}

/// One command: at which place which rule says what, and what helps.
fn write(level: Level, place: &str, [rule, message, help]: [&str; 3], out: &mut Vec<u8>) {
    let command = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint => "notice",
    };
    let text = format!(
        "{}\nhelp: {}",
        sanitise::line(message),
        sanitise::line(help)
    );
    let line = format!(
        "::{command} {place},title={}::{}\n",
        property(rule),
        data(&text)
    );
    out.extend_from_slice(line.as_bytes());
}

/// The escaping of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escaping of a command's property.
fn property(text: &str) -> String {
    data(&sanitise::line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_or_a_command_is_escaped() {
        assert_eq!(property("a:b,c%d\u{1b}[2J\n"), "a%3Ab%2Cc%25d\\u{1b}[2J\\n");
        assert_eq!(data("100%, done:\n"), "100%25, done:%0A");
    }
}
