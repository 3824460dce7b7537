//! SARIF 2.1.0, written as findings come.

use crate::check::finding::Finding;
use crate::check::fingerprint::{self, Content};
use crate::check::report::{Checked, FindingTally, Remark};
use crate::check::rule::{Description, Level, RULES};
use crate::commands::validate::reports::{Reporter, place};
use crate::model::text::upper_first;
use crate::render::{json, sanitise};
use serde_json::{Value, json};

/// Where the format's schema is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Findings as a SARIF log with one run.
pub struct Sarif {
    root: Option<String>,
    begun: bool,
    any: bool,
}

impl Sarif {
    /// A log whose files are named relative to a folder.
    pub fn new(root: Option<&str>) -> Sarif {
        Sarif {
            root: root.map(str::to_owned),
            begun: false,
            any: false,
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let rules: Vec<Value> = RULES.iter().map(|(_, rule)| metadata(rule)).collect();
        let tool = json!({"driver": {
            "name": "hivelog",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }});
        out.extend_from_slice(b"{\"$schema\":");
        value(&json!(SCHEMA), out);
        out.extend_from_slice(b",\"version\":\"2.1.0\",\"runs\":[{\"tool\":");
        value(&tool, out);
        out.extend_from_slice(b",\"columnKind\":\"unicodeCodePoints\",\"results\":[");
    }

    fn result(&self, checked: &Checked<'_>, content: Content, finding: &Finding) -> Value {
        let mut region = json!({"startLine": finding.line, "startColumn": finding.column});
        if let Some((line, column)) = place::end(checked, finding) {
            region["endLine"] = json!(line);
            region["endColumn"] = json!(column);
        }
        let path = place::relative(checked.source, self.root.as_deref());
        let mut result = json!({
            "ruleId": finding.rule.name(),
            "ruleIndex": finding.rule as usize,
            "level": level(finding.level),
            "message": message(&finding.message, &finding.help),
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": place::uri(path)},
                "region": region,
            }}],
            "partialFingerprints": {
                "hivelogFinding/v1": format!("{:032x}", content.with(finding)),
            },
            "properties": {"record": checked.record.number},
        });
        if !finding.pointer.is_empty() {
            result["locations"][0]["logicalLocations"] =
                json!([{"fullyQualifiedName": finding.pointer, "kind": "member"}]);
        }
        if let Some(journey) = &finding.journey {
            result["properties"]["journey"] = json!(journey);
        }
        result
    }

    fn add(&mut self, result: &Value, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.any { b",\n" } else { b"\n" });
        self.any = true;
        value(result, out);
    }
}

impl Reporter for Sarif {
    fn record(&mut self, checked: &Checked<'_>, out: &mut Vec<u8>) {
        self.begin(out);
        if checked.findings.is_empty() {
            return;
        }
        let content = Content::of(&checked.record);
        for finding in checked.findings {
            let result = self.result(checked, content, finding);
            self.add(&result, out);
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, out: &mut Vec<u8>) {
        self.begin(out);
        let path = place::relative(remark.source, self.root.as_deref());
        let mut result = json!({
            "ruleId": remark.name,
            "level": level(remark.level),
            "message": message(remark.message, remark.help),
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": place::uri(path)},
                "region": {"startLine": remark.line()},
            }}],
            "partialFingerprints": {
                "hivelogFinding/v1": format!("{:032x}", fingerprint::of_remark(remark)),
            },
            "properties": {"record": remark.record},
        });
        if let Some(journey) = remark.correlation_id {
            result["properties"]["journey"] = json!(journey);
        }
        self.add(&result, out);
    }

    fn end(&mut self, _: &FindingTally, out: &mut Vec<u8>) {
        self.begin(out);
        out.extend_from_slice(b"\n]}]}\n");
    }
}

/// What is wrong and what helps, fit to be shown.
fn message(message: &str, help: &str) -> Value {
    let (message, help) = (sanitise::line(message), sanitise::line(help));
    json!({"text": format!("{} Help: {}", sentence(&message), sentence(&help))})
}

/// A rule as SARIF describes it.
fn metadata(rule: &Description) -> Value {
    json!({
        "id": rule.name,
        "name": rule.name.split('-').map(upper_first).collect::<String>(),
        "shortDescription": {"text": sentence(&upper_first(rule.summary))},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": sentence(&upper_first(rule.help))},
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": {"basis": rule.basis.name()},
    })
}

/// SARIF's word for a level.
const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint => "note",
    }
}

/// A text that ends as a sentence does.
fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{text}{end}")
}

/// A value without a line break behind it.
fn value(value: &Value, out: &mut Vec<u8>) {
    let line = json::line(value);
    out.extend_from_slice(&line[..line.len() - 1]);
}
