//! The JSON contract, as somebody else would read it. A field may be added here together with
//! the program; none may go or change its type.

#![allow(dead_code, reason = "reading them is the test")]
#![allow(clippy::struct_field_names, reason = "the names are the contract's")]

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Code {
    pub code: String,
    pub number: String,
    pub suffix: char,
    pub level: String,
    pub category: String,
    pub description: String,
    pub siblings: Vec<String>,
    pub sibling_means_the_same: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub key: String,
    pub number: u8,
    pub direction: String,
    pub description: String,
    pub sender: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub value: String,
    pub description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SysType {
    pub r#type: String,
    pub group: String,
    pub description: String,
    pub data: Vec<DataField>,
    pub transient: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataField {
    pub name: String,
    pub r#type: String,
    pub description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub rule: String,
    pub level: String,
    pub basis: String,
    pub summary: String,
    pub help: String,
    pub explanation: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    pub code: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    pub value: String,
    pub kind: String,
    pub title: String,
    pub facts: Vec<Fact>,
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub name: String,
    pub value: String,
    pub origin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub check: String,
    pub status: String,
    pub message: String,
    pub help: Option<String>,
}
