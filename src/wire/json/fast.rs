//! The fast reader: passes over JSON as machines write it, and notes nothing but where it is.
//!
//! Whatever is unusual ends the walk: a name with escapes or one that comes twice, many names, deep
//! nesting, a fault of any kind. An exact reader then says what it means.

use super::NodeKind;
use super::lexical::{is_whitespace, number_length};
use super::structural::Structural;
use std::ops::Range;

/// The deepest nesting that is walked.
const DEPTH: usize = 32;

/// The most members of one object.
const MEMBERS: usize = 32;

/// A walk over a text. Every step gives `None` where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'t, 's> {
    text: &'t [u8],
    /// The quotes and backslashes ahead.
    marks: &'s [u32],
    at: usize,
    /// Whether strings may hold control characters, so that each has to be inspected.
    has_controls: bool,
    takes_numbered: bool,
}

/// Where a value is that was walked over.
#[derive(Clone, Debug)]
pub enum FastValue {
    /// A text without escapes, without its quotes.
    Plain(Range<usize>),
    /// Anything else, as it is written.
    Json(Range<usize>),
}

impl<'t, 's> Walk<'t, 's> {
    /// A walk over a text from its beginning, to which characters written as numbers (`\u0041`)
    /// are unusual.
    pub fn new(text: &'t [u8], structural: &'s Structural) -> Walk<'t, 's> {
        Walk {
            text,
            marks: structural.marks(),
            at: 0,
            has_controls: !structural.no_controls,
            takes_numbered: false,
        }
    }

    /// A walk that takes characters written as numbers, halves of pairs included.
    #[must_use]
    pub fn taking_numbered(self) -> Walk<'t, 's> {
        Walk {
            takes_numbered: true,
            ..self
        }
    }

    /// Whether everything has been walked over.
    pub fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// Where it is.
    pub fn place(&self) -> usize {
        self.at
    }

    /// What was walked over since a place.
    pub fn since(&self, place: usize) -> &'t [u8] {
        &self.text[place..self.at]
    }

    /// The byte ahead, blanks passed over.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        if byte > b' ' {
            return Some(byte);
        }
        self.peek_behind_blanks()
    }

    fn peek_behind_blanks(&mut self) -> Option<u8> {
        let ahead = self.text[self.at..].iter();
        self.at += ahead.take_while(|byte| is_whitespace(**byte)).count();
        self.text.get(self.at).copied()
    }

    /// Walks over the one byte that is valid here.
    #[inline]
    pub fn take(&mut self, wanted: u8) -> Option<()> {
        if self.peek()? != wanted {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Walks over what follows an entry: true at a comma, false at the closing bracket.
    #[inline]
    pub fn goes_on(&mut self, close: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            _ if byte == close => Some(false),
            _ => None,
        }
    }

    /// Walks over the members of an object; `take` is called before each value with its name, and
    /// walks over it.
    #[inline]
    pub fn members(
        &mut self,
        mut take: impl FnMut(&mut Self, &'t [u8]) -> Option<()>,
    ) -> Option<()> {
        let mut names = [&b""[..]; MEMBERS];
        let (mut count, mut seen) = (0, 0_u64);
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let name = self.plain()?;
            let bit = 1 << fingerprint(name);
            if seen & bit != 0 && names[..count].contains(&name) {
                return None;
            }
            seen |= bit;
            *names.get_mut(count)? = name;
            count += 1;
            self.take(b':')?;
            take(self, name)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// A string without escapes; gives the bytes between its quotes.
    #[inline]
    pub fn plain(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let [_, end, ahead @ ..] = self.marks else {
            return None;
        };
        let end = *end as usize;
        let inner = &self.text[self.at..end];
        self.at = end + 1;
        self.marks = ahead;
        (self.text[end] == b'"' && self.is_without_controls(inner)).then_some(inner)
    }

    /// A string, plain or with escapes; gives the bytes between its quotes.
    #[inline]
    pub fn text(&mut self) -> Option<(NodeKind, &'t [u8])> {
        (self.peek()? == b'"').then_some(())?;
        if self.is_plain_ahead() {
            return Some((NodeKind::Text, self.plain()?));
        }
        Some((NodeKind::Escaped, self.string_ahead()?))
    }

    /// Whether the string ahead ends at the next mark.
    #[inline]
    fn is_plain_ahead(&self) -> bool {
        let end = self.marks.get(1).map(|end| self.text[*end as usize]);
        end == Some(b'"')
    }

    fn string_ahead(&mut self) -> Option<&'t [u8]> {
        let start = self.at + 1;
        let mut ahead = self.marks.get(1..)?;
        loop {
            let (mark, rest) = ahead.split_first()?;
            let mark = *mark as usize;
            if self.text[mark] == b'"' {
                self.marks = rest;
                self.at = mark + 1;
                let inner = &self.text[start..mark];
                return self.is_without_controls(inner).then_some(inner);
            }
            ahead = match &self.text[mark + 1..] {
                [b'"' | b'\\', ..] => rest.get(1..)?,
                [b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => rest,
                [b'u', digits @ ..] if self.takes_numbered => {
                    let is_number = digits.get(..4)?.iter().all(u8::is_ascii_hexdigit);
                    is_number.then_some(rest)?
                }
                _ => return None,
            };
        }
    }

    #[inline]
    fn is_without_controls(&self, inner: &[u8]) -> bool {
        !self.has_controls || inner.iter().all(|byte| *byte >= 0x20)
    }

    /// Any value.
    #[inline]
    pub fn value(&mut self) -> Option<FastValue> {
        let first = self.peek()?;
        let start = self.at;
        if first == b'"' && self.is_plain_ahead() {
            self.plain()?;
            return Some(FastValue::Plain(start + 1..self.at - 1));
        }
        self.pass()?;
        Some(FastValue::Json(start..self.at))
    }

    /// Walks over any value.
    pub fn pass(&mut self) -> Option<()> {
        self.pass_at(0)
    }

    fn pass_at(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' if self.is_plain_ahead() => self.plain().map(drop),
            b'"' => self.string_ahead().map(drop),
            b'{' if depth < DEPTH => self.members(|walk, _| walk.pass_at(depth + 1)),
            b'[' if depth < DEPTH => self.elements(depth),
            _ => self.scalar(),
        }
    }

    fn elements(&mut self, depth: usize) -> Option<()> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            self.pass_at(depth + 1)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }

    /// A word or a number. What follows it is not looked at: only a comma, a bracket or the end can.
    fn scalar(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        self.at += match rest {
            [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
            [b'f', b'a', b'l', b's', b'e', ..] => 5,
            _ => number_length(rest)?,
        };
        Some(())
    }
}

/// A number below 64 that few names of one object share.
#[inline]
fn fingerprint(name: &[u8]) -> usize {
    let end = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    (name.len() + 9 * end(name.first()) + 4 * end(name.last())) % 64
}
