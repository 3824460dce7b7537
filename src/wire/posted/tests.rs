use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

const ONE: &str = r#"{"type":"auth.ok","id":"1"}"#;

fn posted(content_type: &str) -> Posted {
    Posted {
        content_type: content_type.to_owned(),
        ..Posted::default()
    }
}

/// What comes of a body that arrives in pieces of this size.
fn events(posted: Posted, body: &[u8], size: usize) -> Result<Vec<Vec<u8>>, Unreadable> {
    let mut reader = posted.reader(Layout::default())?;
    let mut values = Vec::new();
    let mut take = |value: &[u8]| values.push(value.to_vec());
    for mut piece in body.chunks(size) {
        while reader.step(&mut piece, &mut take)? {}
        assert!(reader.held() <= LIMIT);
    }
    reader.finish(&mut take)?;
    Ok(values)
}

#[test]
fn json_is_taken_in_every_framing_and_under_every_name() {
    let two = format!("{ONE}\n{ONE}\n");
    let sequence = format!("\u{1e}{ONE}\n\u{1e}{ONE}\n");
    for (content_type, body, count) in [
        ("application/json", ONE.to_owned(), 1),
        ("", format!("\u{feff} {ONE} "), 1),
        ("application/x-www-form-urlencoded", ONE.to_owned(), 1),
        (
            "application/json; charset=utf-8",
            format!("[{ONE},{ONE}]"),
            2,
        ),
        ("application/json", "[]".to_owned(), 0),
        // Held one by one they would take many times what they take in the body.
        ("application/json", "[[],[],[]]".to_owned(), 0),
        ("application/x-ndjson", two.clone(), 2),
        ("text/plain", two, 2),
        ("application/json", format!("{ONE}{ONE}"), 2),
        ("application/json-seq", sequence, 2),
        ("application/cloudevents+json", ONE.to_owned(), 1),
        ("application/cloudevents-batch+json", format!("[{ONE}]"), 1),
    ] {
        for size in [1, 2, 7, body.len()] {
            let found = events(posted(content_type), body.as_bytes(), size).unwrap();
            assert_eq!(found, vec![ONE.as_bytes(); count], "{content_type} {body}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_taken_in_no_part() {
    use Unreadable::{Malformed, TooLarge, Unsupported};
    let large = format!(r#"{{"type":"x","pad":"{}"}}"#, "x".repeat(LIMIT));
    let utf16: Vec<u8> = ONE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cut = format!("[{ONE},");
    let mixed = format!("[{ONE},{{}}]");
    for (content_type, body, wanted) in [
        ("", &b""[..], "malformed"),
        ("application/json", b" \n", "malformed"),
        ("application/json", br#"{"type":"x""#, "malformed"),
        ("application/json", cut.as_bytes(), "malformed"),
        ("application/json", mixed.as_bytes(), "malformed"),
        ("application/json", b"7", "malformed"),
        ("text/plain", b"hello", "malformed"),
        ("application/json", &utf16, "unsupported"),
        (
            "application/json; charset=UTF-16",
            ONE.as_bytes(),
            "unsupported",
        ),
        ("application/msgpack", b"\x82\xa4type\xa1x", "unsupported"),
        (
            "application/x-www-form-urlencoded",
            b"type=auth.ok",
            "unsupported",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\n\r\n",
            "unsupported",
        ),
        ("application/json", large.as_bytes(), "too large"),
    ] {
        let kind = match events(posted(content_type), body, 3000) {
            Ok(_) => "taken",
            Err(Malformed(_)) => "malformed",
            Err(Unsupported(_)) => "unsupported",
            Err(TooLarge(_)) => "too large",
        };
        assert_eq!(
            kind,
            wanted,
            "{content_type} {}",
            body[..body.len().min(40)].escape_ascii()
        );
    }
}

#[test]
fn what_is_not_json_is_refused_with_cause_and_place() {
    let second = format!("[{ONE}, {{'type':'x'}}]");
    let cut = format!("[{ONE},");
    for (body, why) in [
        ("{'a':1}", "not JSON: single quotes around text (byte 2)"),
        ("hello", "not JSON: hello is not a JSON value (byte 1)"),
        (
            r#" {"a":1,}"#,
            "event 1: not JSON: trailing comma: nothing follows it (byte 7)",
        ),
        (
            &second,
            "event 2: not JSON: single quotes around text (byte 2)",
        ),
        (
            &cut,
            "event 2: not JSON: the array is cut off: no closing bracket at the end of the input",
        ),
    ] {
        for (content_type, sent) in [
            (
                "Application/JSON; charset=utf-8",
                "sent as application/json",
            ),
            ("", "sent without a content type"),
        ] {
            let refused = events(posted(content_type), body.as_bytes(), 3);
            let why = Unreadable::Malformed(format!("{why}; {sent}"));
            assert_eq!(refused, Err(why), "{body}");
        }
    }
}

#[test]
fn a_little_that_becomes_much_is_refused_at_the_limit() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&blanks).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 128 << 10);
    let posted = Posted {
        coding: "gzip".to_owned(),
        ..Posted::default()
    };
    let refused = events(posted, &bomb, bomb.len());
    assert_eq!(refused, Err(Unreadable::too_large_body()));
}

#[test]
fn a_cloud_event_in_binary_mode_becomes_a_structured_one() {
    let attributes = [
        ("specversion", "1.0"),
        ("type", "a"),
        ("source", "/Zo%C3%AB%"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let event = |content_type: &str, data: &[u8]| {
        let posted = Posted {
            attributes: attributes.to_vec(),
            ..posted(content_type)
        };
        let events = events(posted, data, 2)?;
        Ok::<_, Unreadable>(String::from_utf8(events.concat()).unwrap())
    };
    let head = r#"{"specversion":"1.0","type":"a","source":"/Zoë%""#;
    assert_eq!(event("", b"").unwrap(), format!("{head}}}"));
    assert_eq!(
        event("application/json", br#"{"n":1.0}"#).unwrap(),
        format!(r#"{head},"datacontenttype":"application/json","data":{{"n":1.0}}}}"#)
    );
    assert_eq!(
        event("text/plain", b"hi").unwrap(),
        format!(r#"{head},"datacontenttype":"text/plain","data":"hi"}}"#)
    );
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        event(form, b"{}").unwrap(),
        format!(r#"{head},"data":{{}}}}"#)
    );
    assert!(event(form, b"a=b").unwrap().ends_with(r#","data":"a=b"}"#));
    assert!(event("application/json", b"{").is_err());
    assert!(event("image/png", b"\x89PNG").is_err());
}

proptest! {
    #[test]
    fn where_a_body_is_split_changes_nothing(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                ONE, "\n", " ", "[", "]", ",", "\u{1e}", "{", "}", "\"", "7", "nonsense", "\u{feff}", "{}", "[]",
            ]),
            0..9,
        ),
        size in 1_usize..9,
        content_type in prop::sample::select(vec!["", "application/json", "application/xml"]),
    ) {
        let body = parts.concat();
        let whole = events(posted(content_type), body.as_bytes(), body.len().max(1));
        prop_assert_eq!(events(posted(content_type), body.as_bytes(), size), whole);
    }
}
