//! The event log as a JSON Schema (draft 2020-12), made from the tables beside it.
//!
//! It says what a record must fulfil on its own to have no finding of level error. What a schema
//! cannot say stays with the rules: nesting, size and repeated member names.

use super::code::{Code, GLOSSARY, Suffix};
use super::event_log::{FIELDS, Field, Shape};
use super::reference;
use super::stage::{Direction, STAGES, StageSender};
use serde_json::{Map, Value, json};

/// What [`crate::model::timestamp::Timestamp::parse_bytes`] accepts, as a regular expression, leap
/// years included. Of leap seconds it accepts too many: a pattern cannot know which time is 23:59:60
/// in UTC.
pub const TIMESTAMP_PATTERN: &str = concat!(
    "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)",
    "|02-(0[1-9]|1[0-9]|2[0-8]))",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)",
    "[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)([.,][0-9]+)?)?",
    " ?([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)$",
);

/// At least one character that is not white space as Unicode counts it, like [`str::trim`].
const NOT_BLANK: &str =
    r"[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]";

/// The schema of one event log. `extra_codes` are accepted beside the glossary's.
pub fn event_log(extra_codes: &[String]) -> Value {
    let properties: Map<String, Value> = Field::ALL
        .into_iter()
        .map(|field| (field.name().to_owned(), described(field, extra_codes)))
        .collect();
    let required: Vec<_> = FIELDS
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut conditions: Vec<_> = Direction::ALL.into_iter().map(stages_of).collect();
    conditions.push(outbound_needs_iri());
    conditions.push(retrying_is_no_error(extra_codes));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:hivelog:schema:event-log",
        "title": "SyncHive event log",
        "description": "What a connector sends with PUT /data-service/v1/eventLog",
        "type": "object",
        "properties": properties,
        "required": required,
        "allOf": conditions,
    })
}

fn described(field: Field, extra_codes: &[String]) -> Value {
    let mut schema = json!({ "description": field.row().description });
    if let Some(members) = schema.as_object_mut() {
        members.extend(constraints(field, extra_codes));
    }
    schema
}

fn constraints(field: Field, extra_codes: &[String]) -> Map<String, Value> {
    let row = field.row();
    let schema = match (field, row.shape) {
        (Field::EventCode, _) => json!({ "enum": codes(&Suffix::ALL, extra_codes) }),
        (Field::LifeCycleStage, _) => json!({ "enum": connector_stages(None) }),
        (Field::GeneratedAt, _) => {
            json!({ "type": ["string", "null"], "pattern": TIMESTAMP_PATTERN })
        }
        (_, Shape::Reference) => data_reference(),
        (_, Shape::Json) => json!({}),
        (_, Shape::Text) if row.required => match row.values {
            Some(values) => json!({ "enum": values() }),
            None => text(),
        },
        (_, Shape::Text) => json!({ "type": ["string", "null"] }),
    };
    let Value::Object(mut members) = schema else {
        return Map::new();
    };
    if let Some(length) = row.max_length {
        members.insert("maxLength".to_owned(), length.into());
    }
    members
}

/// Text that holds something.
fn text() -> Value {
    json!({ "type": "string", "pattern": NOT_BLANK })
}

/// Like [`text`], but `null` counts as absent.
fn optional_text() -> Value {
    json!({ "type": ["string", "null"], "pattern": NOT_BLANK })
}

fn data_reference() -> Value {
    let identifier = |name: &str, kind: &str| json!({ "required": [name], "properties": { name: { "type": kind } } });
    json!({
        "type": "object",
        "properties": {
            "@type": { "const": reference::TYPE },
            "schemaName": text(),
            "shapeName": text(),
            "iri": optional_text(),
            "externalIdentities": {
                "type": ["array", "null"],
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": { "integrationKey": text(), "externalId": text() },
                    "required": ["integrationKey", "externalId"],
                },
            },
            "keys": {
                "type": ["array", "null"],
                "minItems": 1,
                "items": { "type": "object" },
            },
        },
        "required": ["@type", "schemaName", "shapeName"],
        "anyOf": [
            identifier("iri", "string"),
            identifier("externalIdentities", "array"),
            identifier("keys", "array"),
        ],
    })
}

/// The codes that end in one of these letters.
fn codes<'a>(suffixes: &[Suffix], extra: &'a [String]) -> Vec<&'a str> {
    let extra = extra.iter().map(String::as_str);
    let extra = extra.filter(|code| Code::find(code).is_none());
    GLOSSARY
        .iter()
        .map(|code| code.key)
        .chain(extra)
        .filter(|code| {
            suffixes
                .iter()
                .any(|suffix| code.ends_with(suffix.letter()))
        })
        .collect()
}

/// The stages a connector may report, of one direction or of both.
fn connector_stages(direction: Option<Direction>) -> Vec<&'static str> {
    STAGES
        .iter()
        .filter(|stage| stage.sender == StageSender::Connector)
        .filter(|stage| direction.is_none_or(|wanted| wanted == stage.direction))
        .map(|stage| stage.key)
        .collect()
}

fn when(field: &str, value: &str, then: &Value) -> Value {
    json!({
        "if": { "properties": { field: { "const": value } }, "required": [field] },
        "then": then,
    })
}

fn stages_of(direction: Direction) -> Value {
    let stages = connector_stages(Some(direction));
    when(
        "direction",
        direction.name(),
        &json!({ "properties": { "lifeCycleStage": { "enum": stages } } }),
    )
}

fn outbound_needs_iri() -> Value {
    when(
        "direction",
        Direction::Outbound.name(),
        &json!({ "properties": {
            "dataId": { "type": "object", "properties": { "iri": text() }, "required": ["iri"] },
        } }),
    )
}

fn retrying_is_no_error(extra_codes: &[String]) -> Value {
    let others = codes(&[Suffix::N, Suffix::W], extra_codes);
    when(
        "outcome",
        "RETRYING",
        &json!({ "properties": { "eventCode": { "enum": others } } }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;
    use proptest::prelude::*;
    use regex::Regex;

    fn sample() -> Value {
        json!({
            "eventCode": "4005E", "direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4",
            "outcome": "FAILED", "generatedAt": "2024-05-03 17:30:00.895 +1200",
            "correlationId": "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
            "dataId": {
                "@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
                "iri": "https://schema.limbergraph.com/limber/Product#366821d6",
            },
            "integrationKey": "ShopifyNZ", "shapeName": "Product", "mode": "LIVE",
            "schemaName": "limber", "schemaVersion": "2.1.0",
        })
    }

    fn changed(pointer: &str, value: Value) -> Value {
        let mut record = sample();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        record.pointer_mut(parent).unwrap()[name] = value;
        record
    }

    #[test]
    fn the_schema_is_one_and_draws_the_line_where_the_rules_do() {
        let schema = event_log(&[]);
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let inbound = json!({
            "eventCode": "4003W", "direction": "INBOUND", "lifeCycleStage": "INBOUND_1",
            "outcome": "RETRYING", "correlationId": "1", "integrationKey": "A",
            "dataId": { "@type": "DataReference", "schemaName": "a", "shapeName": "b",
                "externalIdentities": [{ "integrationKey": "A", "externalId": "1" }] },
            "shapeName": "b", "mode": "SANDBOX", "schemaName": "a", "detail": null,
        });
        for valid in [
            sample(),
            inbound,
            changed("/customData", json!(["anything"])),
            changed("/unheardOf", json!(1)),
            changed("/detail", json!("ü".repeat(3000))),
        ] {
            assert!(validator.is_valid(&valid), "{valid}");
        }
        for (pointer, value) in [
            ("/eventCode", json!("4005W")),
            ("/direction", json!("OUT")),
            ("/lifeCycleStage", json!("OUTBOUND_1")),
            ("/lifeCycleStage", json!("INBOUND_1")),
            ("/outcome", json!("RETRYING")),
            ("/generatedAt", json!("yesterday")),
            ("/detail", json!("x".repeat(3001))),
            ("/technicalInfo", json!("x".repeat(2001))),
            ("/correlationId", json!(" \t")),
            ("/correlationId", json!(null)),
            ("/mode", json!("live")),
            ("/dataId", json!("9217354452632")),
            ("/dataId/iri", json!(null)),
            ("/dataId/iri", json!("")),
            ("/dataId/@type", json!("Reference")),
            ("/dataId/schemaName", json!(7)),
            ("/dataId/externalIdentities", json!([])),
            ("/dataId/externalIdentities", json!([{ "externalId": "1" }])),
        ] {
            let faulty = changed(pointer, value);
            assert!(!validator.is_valid(&faulty), "{faulty}");
        }
        for field in FIELDS.iter().filter(|field| field.required) {
            let mut record = sample();
            record.as_object_mut().unwrap().remove(field.name);
            assert!(!validator.is_valid(&record), "without {}", field.name);
        }
    }

    fn near_timestamp() -> impl Strategy<Value = String> {
        let date = (0_u16..=9999, 0_u8..=13, 0_u8..=32)
            .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
        let time = (0_u8..=24, 0_u8..=60, 0_u8..=61)
            .prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}"));
        (
            date,
            prop::sample::select(vec!["T", "t", " ", "  ", "_"]),
            time,
            prop::sample::select(vec!["", ".5", ",123456789012", ".", ".x"]),
            prop::sample::select(vec![
                "Z", "z", "+12", "+12:00", " +1200", "-2359", "+24:00", "", "  Z", "12:00",
            ]),
        )
            .prop_map(|(date, gap, time, fraction, offset)| {
                format!("{date}{gap}{time}{fraction}{offset}")
            })
    }

    proptest! {
        #[test]
        fn the_pattern_and_the_parser_agree(text in near_timestamp()) {
            let pattern = Regex::new(TIMESTAMP_PATTERN).unwrap();
            let (matched, read) = (pattern.is_match(&text), Timestamp::parse(&text).is_some());
            // A pattern cannot reckon with the offset: whether it is 23:59:60 in UTC.
            let leaps = text.get(17..19) == Some("60");
            prop_assert!(matched == read || (leaps && matched), "{}", text);
        }
    }

    #[test]
    fn the_pattern_knows_leap_years_as_the_parser_does() {
        let pattern = Regex::new(TIMESTAMP_PATTERN).unwrap();
        for year in 0..=9999 {
            let text = format!("{year:04}-02-29T00:00Z");
            assert_eq!(
                pattern.is_match(&text),
                Timestamp::parse(&text).is_some(),
                "{text}"
            );
        }
    }
}
