use super::*;
use proptest::prelude::*;

type Framed = (String, u64, u64, u64, Option<ArrayError>);

fn framed(chunks: &[&[u8]], limit: usize) -> Vec<Framed> {
    let mut all = Vec::new();
    let mut framer = Framer::new(limit);
    let mut take = |record: Record<'_>| {
        let text = String::from_utf8_lossy(record.bytes).into_owned();
        all.push((text, record.number, record.line, record.column, record.flaw));
    };
    for chunk in chunks {
        framer.push(chunk, &mut take);
    }
    framer.finish(&mut take);
    all
}

fn texts(source: &str) -> Vec<String> {
    framed(&[source.as_bytes()], 1 << 20)
        .into_iter()
        .map(|record| record.0)
        .collect()
}

#[test]
fn the_framing_is_recognised_by_content() {
    let two = ["{\"a\":1}", "{\"b\":2}"];
    for source in [
        "{\"a\":1}\n{\"b\":2}\n",
        "{\"a\":1}\r\n\r\n{\"b\":2}",
        "[{\"a\":1},{\"b\":2}]",
        " [\n  {\"a\":1},\n  {\"b\":2}\n]\n",
        "{\"a\":1}{\"b\":2}",
        "{\"a\":1} {\"b\":2}\n",
        "\u{feff}{\"a\":1}\n{\"b\":2}",
        "[{\"a\":1}]\n[{\"b\":2}]",
    ] {
        assert_eq!(texts(source), two, "{source:?}");
    }
    let pretty = "{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}";
    assert_eq!(texts(pretty), [pretty]);
    assert_eq!(
        texts(&format!("{pretty}\n{pretty}\n{{}}\n")),
        [pretty, pretty, "{}"]
    );
}

#[test]
fn a_broken_record_costs_itself_and_not_its_neighbours() {
    for broken in [
        "{\"a\": \"cut",
        "{\"a\": 1,",
        "{\"a\": [1, 2",
        "nonsense",
        "{\"a\":1}}",
        "[1, 2]",
        "null",
        "{\"a\":1},",
    ] {
        let source = format!("{{\"x\":1}}\n{broken}\n{{\"y\":2}}\n");
        assert_eq!(texts(&source), ["{\"x\":1}", broken, "{\"y\":2}"]);
    }
    let source = "{\"x\":1}\n{\"a\": \"cut\n[1]\n{\"y\":2}\n";
    assert_eq!(
        texts(source),
        ["{\"x\":1}", "{\"a\": \"cut", "[1]", "{\"y\":2}"]
    );
    for broken in [
        "{\"a\": \"cut",
        "{\"a\": 1,",
        "nonsense",
        "[INFO] started",
        "[2024-05-03 17:30:00,123] started",
        "[INFO",
        "[\"a",
        "['a']",
    ] {
        let source = format!("{broken}\n{{\"y\":2}}\n{{\"z\":2}}");
        assert_eq!(texts(&source), [broken, "{\"y\":2}", "{\"z\":2}"]);
        assert_eq!(texts(broken), [broken]);
    }
}

#[test]
fn positions_count_lines_and_characters() {
    let source = "\n  {\"ü\":1} {\"b\":\n2}   {\"c\":3}\n{\"d\":4}\n";
    let places: Vec<_> = framed(&[source.as_bytes()], 1000)
        .into_iter()
        .map(|(_, number, line, column, _)| (number, line, column))
        .collect();
    assert_eq!(places, [(1, 2, 3), (2, 2, 11), (3, 3, 6), (4, 4, 1)]);
}

#[test]
fn an_arrays_own_faults_are_reported() {
    let flaws = |source: &str| -> Vec<_> {
        framed(&[source.as_bytes()], 1000)
            .into_iter()
            .map(|r| (r.0, r.4))
            .collect()
    };
    let record = ("{}".to_owned(), None);
    let comma = (",".to_owned(), Some(ArrayError::StrayComma));
    let last = (",".to_owned(), Some(ArrayError::TrailingComma));
    let end = (String::new(), Some(ArrayError::ArrayCutOff));
    assert_eq!(flaws("[{},]"), [record.clone(), last]);
    assert_eq!(flaws("[{},,{}]"), [record.clone(), comma, record.clone()]);
    assert_eq!(flaws("[{}"), [record.clone(), end]);
    for (source, line, column) in [("[{\"a\":1}", 1, 9), ("[{},\n {}  ", 2, 6), ("[{}\n", 2, 1)] {
        let last = framed(&[source.as_bytes()], 1000).pop();
        let place = last.map(|(_, _, line, column, _)| (line, column));
        assert_eq!(place, Some((line, column)), "{source}");
    }
    assert_eq!(
        flaws("[{} {}]"),
        [record, ("{}".to_owned(), Some(ArrayError::MissingComma))]
    );
    assert_eq!(flaws("[]"), []);
    assert_eq!(
        texts("[1, \"a,b\", [2], {}]"),
        ["1", "\"a,b\"", "[2]", "{}"]
    );
}

#[test]
fn an_oversize_record_is_not_held_and_the_next_one_is_found() {
    let big = format!("{{\"a\":\"{}\"}}", "x".repeat(5000));
    let source = format!("{{}}\n{big}\n{{\"b\":1}}\n");
    let mut seen = Vec::new();
    let mut framer = Framer::new(100);
    for chunk in source.as_bytes().chunks(7) {
        framer.push(chunk, &mut |record: Record<'_>| {
            seen.push((record.line, record.length, record.is_oversize()));
        });
        assert!(framer.pending.held.capacity() < 500);
    }
    assert_eq!(
        seen,
        [(1, 2, false), (2, big.len() as u64, true), (3, 7, false)]
    );
}

#[test]
fn only_what_json_calls_blank_is_left_out() {
    assert_eq!(texts("[1\n\u{c}\n2]"), ["1", "\u{c}", "2"]);
    assert_eq!(texts(" \t\u{feff}{}"), ["\u{feff}{}"]);
    assert_eq!(texts("\u{feff} {}"), ["{}"]);
}

#[test]
fn what_is_no_text_at_all_is_one_record() {
    assert_eq!(texts("<html>\n<body>\n").len(), 1);
    assert_eq!(framed(&[b"\x1f\x8b\x08\n\n{}"], 1000).len(), 1);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{\"a\":1}".to_owned()),
        Just("{\"a\":{\"b\":\"}{\"}}".to_owned()),
        Just("{\n \"a\": [\n{}]}".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\u{feff}".to_owned()),
        "[\\[\\]{},:\"\\\\ a\n]{0,6}",
    ]
}

proptest! {
    #[test]
    fn a_record_says_where_it_stands_and_settled_bytes_stay_settled(
        pieces in prop::collection::vec(piece(), 0..12),
        size in 1_usize..9,
    ) {
        let source = pieces.concat().into_bytes();
        let mut framer = Framer::new(1000);
        let mut settled = 0;
        let mut wrong = Vec::new();
        for chunk in source.chunks(size) {
            framer.push(chunk, &mut |record: Record<'_>| {
                let at = usize::try_from(record.offset).unwrap();
                if record.offset < settled || !source[at..].starts_with(record.bytes) {
                    wrong.push((record.offset, record.bytes.to_vec(), settled));
                }
            });
            prop_assert!(framer.settled() >= settled);
            settled = framer.settled();
        }
        prop_assert_eq!(wrong, vec![]);
    }

    #[test]
    fn where_the_bytes_are_split_changes_nothing(
        pieces in prop::collection::vec(piece(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        limit in prop_oneof![Just(12_usize), Just(1000)],
    ) {
        let source = pieces.concat().into_bytes();
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(source.len() + 1)).collect();
        at.extend([0, source.len()]);
        at.sort_unstable();
        let chunks: Vec<_> = at.windows(2).map(|pair| &source[pair[0]..pair[1]]).collect();
        let single: Vec<_> = source.chunks(1).collect();
        let whole = framed(&[&source], limit);
        prop_assert_eq!(&framed(&chunks, limit), &whole);
        prop_assert_eq!(&framed(&single, limit), &whole);
    }
}

proptest! {
    #[test]
    fn a_flush_hands_over_whole_objects_only_and_changes_nothing_else(
        texts in prop::collection::vec("[ -~ü}{\"\\\\]{0,6}", 1..5),
        ends in prop::collection::vec(prop::sample::select(vec!["", "\n", "\r\n", "\n\n"]), 5),
        size in 1_usize..9,
    ) {
        let objects: Vec<String> = texts
            .iter()
            .map(|text| serde_json::json!({"a": text, "b": [{}]}).to_string())
            .collect();
        let stream: String = objects.iter().zip(&ends).flat_map(|(one, end)| [one, *end]).collect();
        let mut framer = Framer::new(1000);
        let mut found = Vec::new();
        let mut take = |record: Record<'_>| found.push(String::from_utf8_lossy(record.bytes).into_owned());
        for chunk in stream.as_bytes().chunks(size) {
            framer.push(chunk, &mut take);
            framer.flush(&mut take);
        }
        framer.finish(&mut take);
        prop_assert_eq!(found, objects);
    }
}
