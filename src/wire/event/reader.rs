//! JSON that is sound, passed over one value at a time.

use super::found::exact;
use crate::wire::json::{is_whitespace, plain_length};
use serde::de::IgnoredAny;

/// Nesting below which nobody looks for anything.
const DEEPEST: u8 = 32;

/// Stands in a text. Whatever is out of the ordinary makes it give up.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Whether strings end at the next quote, as there are no escapes at all.
    simple: bool,
}

/// A value that was passed over.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// Text without escapes, and without its quotes.
    Plain(&'a str),
    /// Anything else, as it stands there.
    Json(&'a str),
}

impl<'a> Reader<'a> {
    /// Stands at the beginning.
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader {
            text,
            at: 0,
            simple: is_simple(text),
        }
    }

    /// Whether everything has been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Passes over the members of an object; `take` is called at each value and passes over it.
    pub(super) fn members(
        &mut self,
        take: &mut impl FnMut(&mut Reader<'a>, &'a str) -> Option<()>,
    ) -> Option<()> {
        self.expect(b'{')?;
        self.blanks();
        if self.meets(b'}') {
            return Some(());
        }
        loop {
            let Value::Plain(name) = self.string()? else {
                return None;
            };
            self.blanks();
            self.expect(b':')?;
            self.blanks();
            take(self, name)?;
            self.blanks();
            if !self.meets(b',') {
                return self.expect(b'}');
            }
            self.blanks();
        }
    }

    fn elements(&mut self, depth: u8) -> Option<()> {
        self.expect(b'[')?;
        self.blanks();
        if self.meets(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            self.blanks();
            if !self.meets(b',') {
                return self.expect(b']');
            }
            self.blanks();
        }
    }

    /// Passes over a value.
    #[inline]
    pub(super) fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        let begin = self.at;
        match self.peek()? {
            b'"' => return self.string(),
            b'{' if depth < DEEPEST => {
                self.members(&mut |reader, _| reader.value(depth + 1).map(drop))?;
            }
            b'[' if depth < DEEPEST => self.elements(depth + 1)?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => return None,
        }
        self.text.get(begin..self.at).map(Value::Json)
    }

    #[inline]
    fn string(&mut self) -> Option<Value<'a>> {
        self.expect(b'"')?;
        let begin = self.at;
        if self.simple {
            self.at += memchr::memchr(b'"', self.rest())? + 1;
            return self.text.get(begin..self.at - 1).map(Value::Plain);
        }
        self.at += plain_length(self.rest());
        if self.meets(b'"') {
            return self.text.get(begin..self.at - 1).map(Value::Plain);
        }
        while !self.meets(b'"') {
            self.expect(b'\\')?;
            self.escape()?;
            self.at += plain_length(self.rest());
        }
        self.text.get(begin - 1..self.at).map(Value::Json)
    }

    fn escape(&mut self) -> Option<()> {
        let length = match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
            b'u' => {
                let digits = self.rest().get(1..5)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(5)?
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let begin = self.at;
        let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        self.at += self.rest().iter().take_while(|byte| belongs(byte)).count();
        let number = self.text.get(begin..self.at)?;
        let sound = exact(number).is_some() || serde_json::from_str::<IgnoredAny>(number).is_ok();
        sound.then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.passes(word).then_some(())
    }

    /// Passes over a text, if it stands here.
    pub(super) fn passes(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text.as_bytes());
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(is_whitespace) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.meets(byte).then_some(())
    }

    /// Passes over a byte, if it stands here.
    fn meets(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The byte that stands here.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// Whether there are neither escapes nor control characters; told many bytes at a time.
fn is_simple(text: &str) -> bool {
    let simple = |chunk: &[u8]| {
        let other = |all, byte: &u8| all & matches!(byte, b' '..=b'[' | b']'..);
        chunk.iter().fold(true, other)
    };
    let (chunks, rest) = text.as_bytes().as_chunks::<64>();
    chunks.iter().all(|chunk| simple(chunk)) && simple(rest)
}
