//! Findings that are known already, so that an old connector can be held to the rules from now on.
//!
//! A finding is known by its rule, its pointer and the content of its record: lines may move.

use super::finding::Finding;
use super::fingerprint::Content;
use crate::wire::records::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the file's format.
const VERSION: u32 = 1;

/// A set of known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<BaselineEntry>);

/// One known finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct BaselineEntry {
    rule: String,
    pointer: String,
    /// The hash of the record's content, in hexadecimal.
    record: String,
}

impl BaselineEntry {
    fn of(content: Content, finding: &Finding) -> BaselineEntry {
        BaselineEntry {
            rule: finding.rule.name().to_owned(),
            pointer: finding.pointer.clone(),
            record: format!("{:032x}", content.about(finding)),
        }
    }
}

/// What is read and written.
#[derive(Deserialize)]
struct File {
    version: u32,
    findings: Vec<BaselineEntry>,
}

impl Baseline {
    /// Reads a baseline, or says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Baseline, String> {
        let file: File = serde_json::from_slice(bytes).map_err(|error| {
            let what = if error.is_data() {
                "not what --write-baseline writes"
            } else {
                "not valid JSON"
            };
            let (line, column) = (error.line(), error.column());
            format!("it is {what} (line {line}, column {column})")
        })?;
        if file.version != VERSION {
            return Err(format!(
                "it has version {}, this program knows version {VERSION}",
                file.version
            ));
        }
        Ok(Baseline(file.findings.into_iter().collect()))
    }

    /// Takes the known ones out of a record's findings and says how many there were.
    pub fn suppress_known(&self, record: &Record<'_>, findings: &mut Vec<Finding>) -> u64 {
        let (before, content) = (findings.len(), Content::of(record));
        findings.retain(|finding| !self.0.contains(&BaselineEntry::of(content, finding)));
        (before - findings.len()) as u64
    }

    /// Adds a record's findings.
    pub fn note(&mut self, record: &Record<'_>, findings: &[Finding]) {
        let content = Content::of(record);
        self.0.extend(
            findings
                .iter()
                .map(|finding| BaselineEntry::of(content, finding)),
        );
    }

    /// The file: sorted and one finding a line, so that a change shows in a diff.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = format!("{{\n\"version\": {VERSION},\n\"findings\": [");
        for (at, entry) in self.0.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            // Plain text fields: writing them to memory cannot fail.
            text.push_str(&serde_json::to_string(entry).unwrap_or_default());
        }
        text.push_str("\n]\n}\n");
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Checker, Policy};
    use crate::model::timestamp::Timestamp;
    use crate::wire::records::Framer;

    fn judged(source: &str, mut each: impl FnMut(&Record<'_>, Vec<Finding>)) {
        let mut checker = Checker::new(Policy::at(Timestamp::from_millis(0)));
        let mut framer = Framer::new(1 << 20);
        let mut take = |record: Record<'_>| {
            let findings = checker.check("-", &record);
            checker.accept(&record);
            each(&record, findings);
        };
        framer.push(source.as_bytes(), &mut take);
        framer.finish(&mut take);
    }

    #[test]
    fn what_is_noted_is_known_on_any_line_and_only_in_the_same_record() {
        let mut noted = Baseline::default();
        let mut count = 0;
        judged("{\"mode\":1}\n", |record, findings| {
            count = findings.len() as u64;
            noted.note(record, &findings);
        });
        let read = Baseline::parse(&noted.to_json()).unwrap();
        assert_eq!(read, noted);
        let mut known = Vec::new();
        judged(
            "\n\n  {\"mode\":1}\n{\"mode\":2}\n",
            |record, mut findings| {
                known.push((
                    read.suppress_known(record, &mut findings),
                    findings.len() as u64,
                ));
            },
        );
        assert_eq!(known, [(count, 0), (0, count)]);
    }

    #[test]
    fn another_version_and_another_file_are_refused() {
        let empty = Baseline::default().to_json();
        assert_eq!(Baseline::parse(&empty), Ok(Baseline::default()));
        let newer = b"{\"version\":2,\"findings\":[]}";
        assert!(Baseline::parse(newer).unwrap_err().contains("version 2"));
        for (text, wanted) in [
            ("[]", "it is not what --write-baseline writes (line 1,"),
            ("{\n x", "it is not valid JSON (line 2,"),
        ] {
            let refused = Baseline::parse(text.as_bytes()).unwrap_err();
            assert!(refused.starts_with(wanted), "{refused}");
        }
    }
}
