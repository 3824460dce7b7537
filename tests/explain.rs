//! `explain`: every kind of value, and pasted error texts.

use crate::support::hivelog;

#[test]
fn a_number_with_two_meanings_shows_both_and_says_so() {
    let ended = hivelog(["explain", "4004"])
        .run()
        .exits(0)
        .says("Authentication to SyncHive failed")
        .says("Rate Limit Exceeded")
        .says("mean different things");
    assert!(ended.stderr.is_empty(), "{}", ended.transcript());
    hivelog(["explain", "5006"])
        .run()
        .exits(0)
        .says("mean the same");
}

#[test]
fn a_code_without_a_sibling_says_so_and_marks_the_suggestion() {
    hivelog(["explain", "4005E"])
        .run()
        .exits(0)
        .says("no sibling")
        .says("5006W")
        .says("suggestion");
}

#[test]
fn a_pasted_error_text_tells_what_follows_for_each_kind_of_trigger() {
    let facts = |text: &str| {
        let all = hivelog(["explain", text, "-o", "json"])
            .run()
            .exits(0)
            .json();
        let fact = |name: &str| {
            let facts = all[0]["facts"].as_array().expect("facts").clone();
            let mut named = facts.iter().filter(|fact| fact["name"] == name);
            named
                .next()
                .and_then(|fact| fact["value"].as_str())
                .expect("a value")
                .to_owned()
        };
        (fact("schedule trigger"), fact("event trigger"))
    };
    let (will, will_not) = (
        "the server will try to disable this trigger",
        "the server will not disable this trigger",
    );
    for (text, schedule, event) in [
        ("failed to fetch target flow: timeout", will_not, will_not),
        ("flow validation failed: node 3", will, will),
        ("failed to prepare input data: EOF", will, will_not),
        ("  Flow rejected input data: missing x", will, will_not),
    ] {
        assert_eq!(
            facts(text),
            (schedule.to_owned(), event.to_owned()),
            "{text}"
        );
    }
    hivelog(["explain", "flow", "validation", "failed:", "node", "3"])
        .run()
        .exits(0)
        .says("node 3")
        .says("open the flow and save it");
}

#[test]
fn every_kind_of_value_is_known_in_loose_spelling() {
    for (value, expected) in [
        ("outbound-4", "Connector deliver outbound data"),
        ("INBOUND_5", "platform use only"),
        ("retrying", "warning code"),
        ("sandbox", "trial"),
        ("outbound", "iri"),
        ("trigger.schedule.sync*", "footnote mark"),
        ("trigger.event.failed", "never ran"),
        ("auth", "auth.renew"),
        (
            "outbound_needs_iri",
            "must use a dataId that contains an iri",
        ),
        ("dataid", "data reference"),
        ("contact", "4005E"),
        ("W", "keeps trying"),
        ("6", "trying again may help"),
    ] {
        hivelog(["explain", value]).run().exits(0).says(expected);
    }
}

#[test]
fn what_is_unknown_ends_with_1_and_the_rest_is_still_explained() {
    hivelog(["explain", "4005I", "OUTBUND_4", "FAILED", "401"])
        .run()
        .exits(1)
        .says("given up")
        .warns("the letter for information is N")
        .warns("did you mean OUTBOUND_4?")
        .warns("hivelog codes pick --http 401");
    hivelog(["explain", "nonsense", "-o", "ndjson"])
        .run()
        .exits(1);
    hivelog(["explain"]).run().exits(2);
}

#[test]
fn a_description_finds_its_few_codes_and_a_common_word_the_way_to_many() {
    for text in ["Rate limit", "rate limit exceeded"] {
        let found = hivelog(["explain", text, "-o", "json"])
            .run()
            .exits(0)
            .json();
        assert_eq!(found[0]["value"], "4004W", "{text}");
    }
    let many = hivelog(["explain", "data"]).run();
    let _ = many.exits(0);
    let many = hivelog(["explain", "external system"]).run().exits(1);
    let _ = many.warns("hivelog codes external system");
    let colours = hivelog(["--color", "always", "explain", "4004"])
        .run()
        .exits(0);
    let text = colours.text();
    assert!(text.contains("\u{1b}[1m\u{1b}[31m4004E") && text.contains("\u{1b}[1m\u{1b}[33m4004W"));
    let never = hivelog(["explain", "failed to fetch target flow"]).run();
    assert!(!never.exits(0).text().contains(".disabled"));
}
