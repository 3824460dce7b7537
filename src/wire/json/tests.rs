use super::*;
use proptest::prelude::*;

fn causes(text: &str) -> Vec<(SyntaxErrorKind, usize)> {
    causes_of(text.as_bytes())
}

fn causes_of(text: &[u8]) -> Vec<(SyntaxErrorKind, usize)> {
    let mut document = Document::default();
    document.read(text);
    document
        .faults()
        .iter()
        .map(|fault| (fault.kind, fault.start))
        .collect()
}

#[test]
fn the_usual_mistakes_are_named_where_they_are() {
    use SyntaxErrorKind::*;
    for (text, expected) in [
        ("{\"a\":1,}", vec![(TrailingComma, 6)]),
        (
            "{\"a\":[1,],}",
            vec![(TrailingComma, 7), (TrailingComma, 9)],
        ),
        ("{\"a\":\"x\ny\"}", vec![(RawLineBreak, 7)]),
        ("{\"a\":\"x\ty\"}", vec![(RawControl(9), 7)]),
        ("{'a':'b'}", vec![(SingleQuotes, 1), (SingleQuotes, 5)]),
        ("{a:1}", vec![(BareName, 1)]),
        ("{\"a\":NaN}", vec![(Word, 5)]),
        ("{\"a\":-Infinity}", vec![(Word, 5)]),
        (
            "{\"a\":01,\"b\":.5,\"c\":1.,\"d\":+1}",
            vec![(Number, 5), (Number, 12), (Number, 19), (Number, 26)],
        ),
        ("{\"a\":1 // x\n}", vec![(Comment, 7)]),
        ("{\"a\":1 \"b\":2}", vec![(MissingComma, 7)]),
        ("{\"a\" \"b\"}", vec![(MissingColon, 5)]),
        ("{\"a\":\"\\x\"}", vec![(Escape, 6)]),
        ("{\"a\":\"\\ud800x\"}", vec![(LoneSurrogate, 6)]),
        (
            "{\"a\":\"\\udc00\\ud800\"}",
            vec![(LoneSurrogate, 6), (LoneSurrogate, 12)],
        ),
        ("{\"a\":1", vec![(CutOff, 6)]),
        ("{\"a\":\"b", vec![(CutOff, 7)]),
        ("{\"a\":", vec![(CutOff, 5)]),
        ("{bad", vec![(CutOff, 4)]),
        ("{\"a\":1}}", vec![(Behind, 7)]),
        ("{\"a\":1},", vec![(TrailingComma, 7)]),
        ("{\"a\":1;}", vec![(Unexpected(b';'), 6)]),
        ("<html>", vec![(Html, 0)]),
        ("\u{feff}{}", vec![(InnerMark, 0)]),
        ("{\"a\":1,\"a\":2}", vec![(Duplicate, 7)]),
        ("{\"a\":1,\"\\u0061\":2}", vec![(Duplicate, 7)]),
        ("{\"a\":{\"b\":1},\"b\":1,\"a\":2}", vec![(Duplicate, 19)]),
    ] {
        assert_eq!(causes(text), expected, "{text}");
    }
    assert_eq!(causes_of(b"{\"a\":\"\xff\"}"), [(NotUtf8, 6)]);
    assert_eq!(causes_of(b"\x1f\x8b\x08"), [(Gzip, 0)]);
    assert_eq!(causes_of(b"{\0\"\0"), [(Wide, 0)]);
    assert_eq!(causes_of(b"{\0\"a\":1}"), [(Unexpected(0), 1)]);
    assert_eq!(
        causes("{\u{feff}\"a\":\u{feff}1}"),
        [(InnerMark, 1), (InnerMark, 8)]
    );
}

#[test]
fn many_members_are_compared_too() {
    let mut members: Vec<_> = (0..500).map(|n| format!("\"n{n}\":{n}")).collect();
    members.push("\"n7\":1".to_owned());
    let text = format!("{{\"o\":{{{}}}}}", members.join(","));
    assert_eq!(causes(&text).len(), 1);
    assert_eq!(causes(&text)[0].0, SyntaxErrorKind::Duplicate);
}

#[test]
fn names_that_come_again_and_again_are_reported_in_time() {
    // Compared one by one with all before, these would take hours.
    let members = ["\"iri\":1", "\"type\":1"].map(|member| vec![member; 50_000].join(","));
    let text = format!("{{{},{}}}", members[0], members[1]);
    assert_eq!(causes(&text).len(), 99_998);
}

#[test]
fn sixty_four_levels_are_accepted_and_one_more_is_not() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(causes(&nested(64)), []);
    assert_eq!(causes(&nested(65)), [(SyntaxErrorKind::TooDeep, 64)]);
    assert_eq!(
        causes(&"[".repeat(1_000_000)),
        [
            (SyntaxErrorKind::TooDeep, 64),
            (SyntaxErrorKind::CutOff, 1_000_000)
        ]
    );
}

#[test]
fn values_are_found_and_pointed_to() {
    let text = br#"{"a":{"x/y":[1,{"~":"\ud83d\ude00 z"}]},"b":null}"#;
    let mut document = Document::default();
    document.read(text);
    let at = document.get(text, 0, "a").unwrap();
    let list = document.get(text, at, "x/y").unwrap();
    let inmost = document.elements(list).last().unwrap();
    let (_, value) = document.members(inmost).next().unwrap();
    assert_eq!(document.text(text, value).as_deref(), Some("\u{1f600} z"));
    let place = document.node(value).start as usize;
    assert_eq!(
        document.pointer_to(text, place, &mut Way::default()),
        "/a/x~1y/1/~0"
    );
    let b = document.get(text, 0, "b").unwrap();
    assert_eq!(document.node(b).kind, NodeKind::Null);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn rebuilt(document: &Document, text: &[u8], at: usize) -> serde_json::Value {
    let node = document.node(at);
    let raw = &text[node.start as usize..node.end as usize];
    match node.kind {
        NodeKind::Object => document
            .members(at)
            .map(|(name, value)| {
                let name = document.text(text, name).unwrap().into_owned();
                (name, rebuilt(document, text, value))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        NodeKind::Array => document
            .elements(at)
            .map(|element| rebuilt(document, text, element))
            .collect(),
        NodeKind::Text | NodeKind::Escaped => document.text(text, at).unwrap().into_owned().into(),
        _ => serde_json::from_slice(raw).unwrap(),
    }
}

proptest! {
    #[test]
    fn valid_json_is_read_as_another_parser_reads_it(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let mut document = Document::default();
        document.read(&text);
        prop_assert_eq!(document.faults(), &[]);
        prop_assert_eq!(rebuilt(&document, &text, 0), value);
    }

    #[test]
    fn a_text_is_faultless_exactly_when_another_parser_takes_it(text in "[\\[\\]{}:,\"\\\\ua0d1.eE+\\-tn \n]{0,16}") {
        let mut document = Document::default();
        document.read(text.as_bytes());
        // serde_json takes duplicate names and refuses numbers beyond its range.
        let ours = document.faults().iter().all(|fault| fault.kind == SyntaxErrorKind::Duplicate);
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => prop_assert!(ours, "{:?}", document.faults()),
            Err(error) => prop_assert!(!ours || error.to_string().contains("range"), "{error}"),
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut document = Document::default();
        document.read(&bytes);
        for fault in document.faults().to_vec() {
            prop_assert!(fault.end <= bytes.len());
            document.pointer_to(&bytes, fault.start, &mut Way::default());
        }
    }

    #[test]
    fn the_way_to_one_place_never_misleads_to_the_next(
        value in json(),
        places in prop::collection::vec(0..200_usize, 1..8),
    ) {
        let text = serde_json::to_vec(&value).unwrap();
        let mut document = Document::default();
        document.read(&text);
        let mut way = Way::default();
        for place in places {
            prop_assert_eq!(
                document.pointer_to(&text, place, &mut way),
                document.pointer_to(&text, place, &mut Way::default())
            );
        }
    }
}
