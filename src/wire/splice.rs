//! Changing one value inside a JSON text and leaving every other byte as it is.

use crate::wire::json::{Document, NodeKind};
use serde::de::IgnoredAny;
use std::ops::Range;

/// When a value is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpliceWhen {
    /// Whatever is there now.
    Always,
    /// Only where nothing is, or null.
    Missing,
}

/// Puts `value`, which must be JSON, at `path` into the object `text`.
///
/// Objects on the way that are missing are made. `None` means that nothing was changed: the text
/// is not a JSON object, or the value is there and was only wanted where it is missing. A number
/// in the path selects an element of an array.
pub fn put(
    text: &[u8],
    path: &[impl AsRef<str>],
    value: &str,
    when: SpliceWhen,
) -> Option<Vec<u8>> {
    // What follows relies on well-formed JSON; a duplicate member does no harm.
    serde_json::from_slice::<IgnoredAny>(text).ok()?;
    let mut document = Document::default();
    document.read(text);
    let mut at = document.root()?;
    if document.node(at).kind != NodeKind::Object {
        return None;
    }
    for (depth, name) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        let found = match document.node(at).kind {
            NodeKind::Object => document.get(text, at, name.as_ref()),
            _ => document.elements(at).nth(name.as_ref().parse().ok()?),
        };
        let Some(found) = found else {
            return add_member(&document, text, at, name.as_ref(), &nested(rest, value));
        };
        let node = document.node(found);
        let is_wanted = when == SpliceWhen::Always || node.kind == NodeKind::Null;
        match node.kind {
            _ if rest.is_empty() => return is_wanted.then(|| replace(text, node.span(), value)),
            NodeKind::Object | NodeKind::Array => at = found,
            // Nested too deep to be read.
            NodeKind::Broken => return None,
            _ => return is_wanted.then(|| replace(text, node.span(), &nested(rest, value))),
        }
    }
    None
}

/// Adds a member behind the last one of an object; an array has no room for it.
fn add_member(
    document: &Document,
    text: &[u8],
    object: usize,
    name: &str,
    value: &str,
) -> Option<Vec<u8>> {
    let node = document.node(object);
    if node.kind != NodeKind::Object {
        return None;
    }
    let (at, comma) = match document.members(object).last() {
        Some((_, last)) => (document.node(last).span().end, ","),
        None => (node.span().start + 1, ""),
    };
    let name = serde_json::to_string(name).ok()?;
    Some(replace(text, at..at, &format!("{comma}{name}:{value}")))
}

/// Objects around a value, one for each name.
fn nested(path: &[impl AsRef<str>], value: &str) -> String {
    path.iter().rev().fold(value.to_owned(), |inner, name| {
        let name = serde_json::Value::from(name.as_ref());
        format!("{{{name}:{inner}}}")
    })
}

fn replace(text: &[u8], range: Range<usize>, with: &str) -> Vec<u8> {
    [&text[..range.start], with.as_bytes(), &text[range.end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn text(record: &str, path: &str, value: &str, when: SpliceWhen) -> Option<String> {
        let path: Vec<&str> = path.split('.').collect();
        put(record.as_bytes(), &path, value, when).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_the_named_value_changes() {
        let record =
            "{ \"a\" : 1e0,\n\t\"b\":{\"x\\u0031\": [ 1, {\"y\":\"}\\\"\"} ] }, \"c\":null }";
        let set = |path, value| text(record, path, value, SpliceWhen::Always).unwrap();
        assert_eq!(set("a", "2"), record.replace("1e0", "2"));
        assert_eq!(
            set("b.x1", "true"),
            record.replace("[ 1, {\"y\":\"}\\\"\"} ]", "true")
        );
        assert_eq!(set("b.x1.1.y", "0"), record.replace("\"}\\\"\"", "0"));
        assert_eq!(set("b.z", "0"), record.replace("} ] }", "} ],\"z\":0 }"));
        assert_eq!(
            set("d.e", "0"),
            record.replace("null }", "null,\"d\":{\"e\":0} }")
        );
        assert_eq!(set("c.e", "0"), record.replace("null", "{\"e\":0}"));
        assert_eq!(
            text("{}", "a", "1", SpliceWhen::Always).unwrap(),
            "{\"a\":1}"
        );
    }

    #[test]
    fn a_default_fills_gaps_only() {
        let set = |record, path| text(record, path, "9", SpliceWhen::Missing);
        assert_eq!(set("{\"a\":1}", "a"), None);
        assert_eq!(set("{\"a\":null}", "a").unwrap(), "{\"a\":9}");
        assert_eq!(set("{\"a\":1}", "a.b"), None);
        assert_eq!(
            set("{\"a\":{\"c\":1}}", "a.b").unwrap(),
            "{\"a\":{\"c\":1,\"b\":9}}"
        );
        assert_eq!(set("{\"a\":[1]}", "a.1"), None);
    }

    #[test]
    fn what_is_no_object_is_left_alone() {
        for record in ["", "[]", "1", "{\"a\":1,}", "{\"a\":1", "nul", "\u{feff}{}"] {
            assert_eq!(text(record, "a", "1", SpliceWhen::Always), None, "{record}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_parser(a in ".*", b in any::<i64>(), value in ".*") {
            let value = Value::from(value);
            let mut record = serde_json::json!({"first": a, "mid": {"b": b, "l": [a, [b]]}, "z": a});
            let pretty = serde_json::to_vec_pretty(&record).unwrap();
            let spliced = put(&pretty, &["mid", "l", "1", "0"], &value.to_string(), SpliceWhen::Always).unwrap();
            record["mid"]["l"][1][0] = value;
            prop_assert_eq!(serde_json::from_slice::<Value>(&spliced).unwrap(), record);
        }
    }
}
