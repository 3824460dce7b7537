//! GitLab Code Quality, written as findings come.

use crate::check::fingerprint::{self, Content};
use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::Level;
use crate::commands::validate::reports::{Reporter, place};
use crate::render::{json, sanitise};
use serde::Serialize;
use std::collections::HashMap;

/// How many findings are remembered to recognise their repeats. GitLab shows far fewer.
const REMEMBERED: usize = 100_000;

/// One array of issues.
pub struct Gitlab {
    root: Option<String>,
    array: json::Array,
    /// How often a fingerprint was given; GitLab shows one issue of each.
    given: HashMap<u128, u32>,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: GitlabLines,
}

#[derive(Serialize)]
struct GitlabLines {
    begin: u64,
}

impl Gitlab {
    /// Issues whose files are named relative to a folder.
    pub fn new(root: Option<&str>) -> Gitlab {
        Gitlab {
            root: root.map(str::to_owned),
            array: json::Array::default(),
            given: HashMap::new(),
        }
    }

    fn fingerprint(&mut self, same: u128) -> String {
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

    fn location(&self, source: &str, line: u64) -> Location {
        Location {
            path: place::relative(source, self.root.as_deref()).to_owned(),
            lines: GitlabLines { begin: line },
        }
    }
}

impl Reporter for Gitlab {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        if checked.findings.is_empty() {
            return;
        }
        let content = Content::of(&checked.record);
        for finding in checked.findings {
            let fingerprint = self.fingerprint(content.with(finding));
            out.extend(self.array.value(&Issue {
                description: description(&finding.message, &finding.help),
                check_name: finding.rule.name(),
                fingerprint,
                severity: severity(finding.level),
                location: self.location(checked.source, finding.line),
            }));
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        let fingerprint = self.fingerprint(fingerprint::of_remark(remark));
        out.extend(self.array.value(&Issue {
            description: description(remark.message, remark.help),
            check_name: remark.name,
            fingerprint,
            severity: severity(remark.level),
            location: self.location(remark.source, remark.line()),
        }));
    }

    fn end(&mut self, _: &FindingTally, out: &mut Vec<u8>) {
        out.extend(self.array.end().as_bytes());
    }
}

/// What is wrong and what helps, fit to be shown.
fn description(message: &str, help: &str) -> String {
    format!("{} ({})", sanitise::line(message), sanitise::line(help))
}

/// GitLab's word for a level.
const fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "major",
        Level::Warning => "minor",
        Level::Hint => "info",
    }
}
