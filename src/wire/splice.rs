//! Changing one value inside a JSON text and leaving every other byte as it is.

use std::ops::Range;

/// When a value is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whatever is there now.
    Always,
    /// Only where nothing is, or null.
    Missing,
}

/// Puts `value`, which must be JSON, at `path` into the object `text`.
///
/// Objects on the way that are missing are made. `None` means that nothing was changed: the text
/// is no JSON object, or the value is there and was only wanted where it is missing. A number in
/// the path selects an element of an array.
pub fn put(text: &[u8], path: &[impl AsRef<str>], value: &str, when: When) -> Option<Vec<u8>> {
    // From here on the scanner may rely on well-formed JSON.
    serde_json::from_slice::<serde::de::IgnoredAny>(text).ok()?;
    let mut at = Cursor { text, at: 0 }.blanks();
    if text.get(at) != Some(&b'{') {
        return None;
    }
    for (depth, name) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        match find(text, at, name.as_ref()) {
            Found::Value(range) => {
                let old = &text[range.clone()];
                let wanted = when == When::Always || old == b"null";
                if rest.is_empty() {
                    return wanted.then(|| replace(text, range, value));
                }
                if !matches!(old[0], b'{' | b'[') {
                    return wanted.then(|| replace(text, range, &nested(rest, value)));
                }
                at = range.start;
            }
            Found::Room { at, first } => {
                let name = serde_json::to_string(name.as_ref()).ok()?;
                let comma = if first { "" } else { "," };
                let member = format!("{comma}{name}:{}", nested(rest, value));
                return Some(replace(text, at..at, &member));
            }
            Found::Nothing => return None,
        }
    }
    None
}

/// Objects around a value, one for each name.
fn nested(path: &[impl AsRef<str>], value: &str) -> String {
    path.iter().rev().fold(value.to_owned(), |inner, name| {
        let name = serde_json::Value::from(name.as_ref());
        format!("{{{name}:{inner}}}")
    })
}

fn replace(text: &[u8], range: Range<usize>, with: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + with.len());
    out.extend_from_slice(&text[..range.start]);
    out.extend_from_slice(with.as_bytes());
    out.extend_from_slice(&text[range.end..]);
    out
}

enum Found {
    /// Where the value is.
    Value(Range<usize>),
    /// Where a member may be added.
    Room { at: usize, first: bool },
    /// An array without such an element.
    Nothing,
}

/// Looks a name up in the object, or a number in the array, that begins at `start`.
fn find(text: &[u8], start: usize, name: &str) -> Found {
    let mut cursor = Cursor {
        text,
        at: start + 1,
    };
    let is_object = text[start] == b'{';
    let mut end = cursor.at;
    let mut index = 0_usize;
    loop {
        cursor.at = cursor.blanks();
        match text.get(cursor.at) {
            Some(b'}' | b']') | None => break,
            Some(b',') => cursor.at += 1,
            Some(_) => {}
        }
        cursor.at = cursor.blanks();
        let mut here = !is_object && name.parse() == Ok(index);
        if is_object {
            let key = cursor.value();
            here = serde_json::from_slice::<String>(&text[key]).is_ok_and(|key| key == name);
            cursor.at = cursor.blanks() + 1; // the colon
            cursor.at = cursor.blanks();
        }
        let value = cursor.value();
        if here {
            return Found::Value(value);
        }
        end = value.end;
        index += 1;
    }
    if is_object {
        Found::Room {
            at: end,
            first: index == 0,
        }
    } else {
        Found::Nothing
    }
}

/// A place in well-formed JSON.
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next place that is no blank.
    fn blanks(&self) -> usize {
        let blanks = self.text[self.at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
            .count();
        self.at + blanks
    }

    /// Passes over one value and says where it was.
    fn value(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    let scalar = self.text[self.at..]
                        .iter()
                        .take_while(|byte| !b",:]} \t\r\n".contains(byte))
                        .count();
                    self.at += scalar;
                }
            }
            if depth == 0 {
                break;
            }
        }
        start..self.at
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn text(record: &str, path: &str, value: &str, when: When) -> Option<String> {
        let path: Vec<&str> = path.split('.').collect();
        put(record.as_bytes(), &path, value, when).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_the_named_value_changes() {
        let record =
            "{ \"a\" : 1e0,\n\t\"b\":{\"x\\u0031\": [ 1, {\"y\":\"}\\\"\"} ] }, \"c\":null }";
        let set = |path, value| text(record, path, value, When::Always).unwrap();
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
        assert_eq!(text("{}", "a", "1", When::Always).unwrap(), "{\"a\":1}");
    }

    #[test]
    fn a_default_fills_gaps_only() {
        let set = |record, path| text(record, path, "9", When::Missing);
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
            assert_eq!(text(record, "a", "1", When::Always), None, "{record}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_parser(a in ".*", b in any::<i64>(), value in ".*") {
            let value = Value::from(value);
            let mut record = serde_json::json!({"first": a, "mid": {"b": b, "l": [a, [b]]}, "z": a});
            let pretty = serde_json::to_vec_pretty(&record).unwrap();
            let spliced = put(&pretty, &["mid", "l", "1", "0"], &value.to_string(), When::Always).unwrap();
            record["mid"]["l"][1][0] = value;
            prop_assert_eq!(serde_json::from_slice::<Value>(&spliced).unwrap(), record);
        }
    }
}
