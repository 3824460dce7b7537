//! The fast reader and the exact one agree, judged by the same rules.

use crate::check::{Inspector, Policy};
use crate::model::timestamp::Timestamp;
use crate::wire::records::Record;
use proptest::prelude::*;
use proptest::sample::select;

const REFERENCE: &str = r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","iri":"https://schema.limbergraph.com/limber/Order#7"}"#;
const IDENTITIES: &str = r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","externalIdentities":[{"integrationKey":"ShopifyNZ","externalId":"7"},{"externalId":"8","integrationKey":"ShopifyNZ"}]}"#;

/// What each member may hold; the first value is a valid one.
const MEMBERS: [(&str, &[&str]); 17] = [
    (
        "eventCode",
        &[
            r#""4004W""#,
            r#""4005E""#,
            r#""1000N""#,
            r#""3000N""#,
            r#""0000E""#,
            r#""9001X""#,
            r#""4005e""#,
            r#""""#,
            "null",
            "7",
        ],
    ),
    (
        "direction",
        &[r#""INBOUND""#, r#""OUTBOUND""#, r#""inbound""#, r#"" ""#],
    ),
    (
        "lifeCycleStage",
        &[
            r#""INBOUND_2""#,
            r#""OUTBOUND_3""#,
            r#""INBOUND_5""#,
            r#""INBOUND_9""#,
        ],
    ),
    (
        "outcome",
        &[
            r#""RETRYING""#,
            r#""FAILED""#,
            r#""FILTERED""#,
            r#""MESSAGE_STORED""#,
            r#""PROCESSING""#,
            r#""WAITING""#,
            r#""DONE""#,
        ],
    ),
    (
        "generatedAt",
        &[
            r#""2024-05-03 17:30:00.895 +1200""#,
            r#""2024-05-03T05:30:00Z""#,
            r#""2094-05-03T05:30:00Z""#,
            r#""2024-05-03T05:30:00""#,
            "null",
        ],
    ),
    (
        "detail",
        &[
            r#""Orders wait.\nThe shop is closed.\nNothing to do.""#,
            r#""Orders wait.""#,
            r#""The file C:\\new.txt is missing""#,
            r#""One\ntwo \"three\" \\ four""#,
            r#""x\n\tat a.B.c(D.java:1)""#,
            r#""\n \n""#,
            r#""x\u000ay""#,
            "null",
            r#""""#,
        ],
    ),
    (
        "technicalInfo",
        &[
            r#""HTTP 503""#,
            r#""Authorization: Bearer abcdef0123456789""#,
            r#""C:\\temp\tünï""#,
            r#""\ud83d""#,
            "null",
        ],
    ),
    (
        "correlationId",
        &[
            r#""14cac731-6dd7-424c-bfbf-f0be0b07f8cf""#,
            r#""14CAC731-6DD7-424C-BFBF-F0BE0B07F8CF""#,
            r#""order-7""#,
            r#""14cac7316-dd7-424c-bfbf-f0be0b07f8cf""#,
        ],
    ),
    (
        "dataId",
        &[
            REFERENCE,
            IDENTITIES,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","keys":{"sku":"7"}}"#,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","iri":"urn:x"}"#,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Item","iri":"https://x/limber/Order#7"}"#,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","iri":"https://x/other/Order#7"}"#,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","externalIdentities":[{"integrationKey":"Other","externalId":"7"}]}"#,
            r#"{"@type":"DataReference","schemaName":"limber","shapeName":"Order","externalIdentities":[]}"#,
            r#"{"@type":"Order","schemaName":"","iri":""}"#,
            r#""{}""#,
            "{}",
        ],
    ),
    (
        "integrationKey",
        &[r#""ShopifyNZ""#, r#""Other""#, r#""Sh\u006fpifyNZ""#],
    ),
    ("shapeName", &[r#""Order""#, r#""Item""#]),
    ("mode", &[r#""LIVE""#, r#""SANDBOX""#, r#""TEST""#]),
    ("stream", &[r#""part-1""#, "null", r#""a\"b""#]),
    ("schemaName", &[r#""limber""#, r#""other""#]),
    ("schemaVersion", &[r#""2.1.3""#, "2"]),
    (
        "customData",
        &[
            r#"{"attempt":1,"tags":["a",null],"inner":{}}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"password":"hunter2hunter2"}"#,
            r#""{\"a\":1}""#,
            r#""plain""#,
            "1e5",
            "01",
            "[[[[[[[[[[1]]]]]]]]]]",
            "truefalse",
            "{}",
        ],
    ),
    ("linkIdentities", &["[]", r#""[1]""#, "null", "-0.5E+3"]),
];

/// A record of these choices, each the place of a value, or nothing for an absent member.
fn record(choices: &[Option<usize>], order: usize, blank: &str) -> String {
    let mut members: Vec<String> = MEMBERS
        .iter()
        .zip(choices)
        .filter_map(|((name, values), choice)| {
            let value = values[(*choice)? % values.len()];
            Some(format!("\"{name}\":{blank}{value}"))
        })
        .collect();
    let count = members.len().max(1);
    members.rotate_left(order % count);
    format!("{{{}}}", members.join(&format!(",{blank}")))
}

fn judge(text: &[u8]) -> Result<bool, TestCaseError> {
    let policy = Policy::at(Timestamp::parse("2026-01-01T00:00:00Z").expect("an instant"));
    let record = Record::alone(text);
    let passed = Inspector::default().pass(&policy, &record);
    let mut findings = Vec::new();
    let exact = Inspector::default().judge(&policy, &record, &mut findings);
    if passed.is_some() {
        prop_assert_eq!(&findings, &[]);
        prop_assert_eq!(passed, exact);
    }
    Ok(passed.is_some())
}

/// Mostly the valid value, sometimes another or none.
fn choice() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![12 => Just(Some(0)), 2 => (0..12_usize).prop_map(Some), 1 => Just(None)]
}

#[test]
fn a_valid_record_passes_without_the_exact_reader() {
    for blank in ["", " "] {
        let all = record(&[Some(0); 17], 3, blank);
        assert!(judge(all.as_bytes()).expect("agreement"), "{all}");
    }
    let required: Vec<_> = crate::model::event_log::FIELDS
        .iter()
        .map(|field| (field.required || field.name == "detail").then_some(0))
        .collect();
    let few = record(&required, 0, "");
    assert!(judge(few.as_bytes()).expect("agreement"), "{few}");
}

#[test]
fn every_single_oddity_is_judged_alike() {
    let mut valid = 0;
    for (at, (_, values)) in MEMBERS.iter().enumerate() {
        for choice in (0..values.len()).map(Some).chain([None]) {
            let mut choices = [Some(0); 17];
            choices[at] = choice;
            let text = record(&choices, 0, "");
            let agreed = judge(text.as_bytes());
            valid += usize::from(agreed.unwrap_or_else(|error| panic!("{text}: {error}")));
        }
    }
    assert!(valid >= 30, "{valid} were valid");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_looks_valid_is_valid(
        choices in prop::collection::vec(choice(), 17),
        order in 0..17_usize,
        blank in select(&["", " ", "\t"][..]),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut text = record(&choices, order, blank).into_bytes();
        for (at, byte) in flips {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        judge(&text)?;
    }
}
