//! GitLab Code Quality, written as findings come.

use super::{Reporter, place};
use crate::check::fingerprint;
use crate::check::report::{Checked, Tally};
use crate::check::rule::Level;
use crate::view::json;
use serde::Serialize;
use std::collections::HashMap;

/// How many findings are told from their repeats. GitLab shows far fewer.
const REMEMBERED: usize = 100_000;

/// One array of issues.
pub struct Gitlab {
    root: Option<String>,
    begun: bool,
    /// How often a fingerprint was given; GitLab keeps one issue of each.
    given: HashMap<u128, u32>,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

impl Gitlab {
    /// Issues whose files are named relative to a folder.
    pub fn new(root: Option<&str>) -> Gitlab {
        Gitlab {
            root: root.map(str::to_owned),
            begun: false,
            given: HashMap::new(),
        }
    }

    fn fingerprint(
        &mut self,
        checked: &Checked<'_>,
        finding: &crate::check::finding::Finding,
    ) -> String {
        let same = fingerprint::of(&checked.record, finding);
        let nth = if self.given.len() < REMEMBERED || self.given.contains_key(&same) {
            let nth = self.given.entry(same).or_default();
            *nth += 1;
            *nth
        } else {
            1
        };
        format!(
            "{same:032x}{}",
            if nth > 1 {
                format!("-{nth}")
            } else {
                String::new()
            }
        )
    }
}

impl Reporter for Gitlab {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        for finding in checked.findings {
            let fingerprint = self.fingerprint(checked, finding);
            let issue = Issue {
                description: format!("{} ({})", finding.message, finding.help),
                check_name: finding.rule.name(),
                fingerprint,
                severity: match finding.level {
                    Level::Error => "major",
                    Level::Warning => "minor",
                    Level::Hint => "info",
                },
                location: Location {
                    path: place::relative(checked.source, self.root.as_deref()),
                    lines: Lines {
                        begin: finding.line,
                    },
                },
            };
            out.extend_from_slice(if self.begun { b",\n" } else { b"[\n" });
            self.begun = true;
            let line = json::line(&issue);
            out.extend_from_slice(&line[..line.len() - 1]);
        }
    }

    fn end(&mut self, _: &Tally, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.begun { b"\n]\n" } else { b"[]\n" });
    }
}
