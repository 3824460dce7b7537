//! Walks over JSON as machines write it, without noting anything but where it is.
//!
//! Whatever is unusual ends the walk: control characters, names with escapes, characters written
//! as numbers, a fault of any kind. [`super::Document`] then says what it is.

use super::lexical::is_number;

/// The deepest nesting that is walked.
const DEPTH: usize = 8;

/// The most names of one object that are compared with each other.
const NAMES: usize = 16;

/// A walk over a text without control characters. Every step gives `None` where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'t> {
    text: &'t [u8],
    /// The quotes and backslashes ahead.
    marks: &'t [u32],
    at: usize,
}

impl<'t> Walk<'t> {
    /// A walk from the beginning; `marks` are the places of all quotes and backslashes.
    pub fn new(text: &'t [u8], marks: &'t [u32]) -> Walk<'t> {
        Walk { text, marks, at: 0 }
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
        loop {
            match *self.text.get(self.at)? {
                b' ' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Walks over the one byte that can stand here.
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

    /// A string without escapes; gives what stands between its quotes.
    #[inline]
    pub fn plain(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let [_, end, ahead @ ..] = self.marks else {
            return None;
        };
        let inner = &self.text[self.at..*end as usize];
        self.at = *end as usize + 1;
        self.marks = ahead;
        (self.text[*end as usize] == b'"').then_some(inner)
    }

    /// A string that may have escapes of one letter; gives what stands between its quotes.
    pub fn string(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let start = self.at;
        let mut ahead = self.marks.get(1..)?;
        loop {
            let (mark, rest) = ahead.split_first()?;
            let mark = *mark as usize;
            if self.text[mark] == b'"' {
                self.marks = rest;
                self.at = mark + 1;
                return Some(&self.text[start..mark]);
            }
            ahead = match self.text.get(mark + 1)? {
                b'"' | b'\\' => rest.get(1..)?,
                b'/' | b'b' | b'f' | b'n' | b'r' | b't' => rest,
                _ => return None,
            };
        }
    }

    /// Any value.
    pub fn pass(&mut self) -> Option<()> {
        self.pass_at(0)
    }

    fn pass_at(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' if depth < DEPTH => self.object(depth),
            b'[' if depth < DEPTH => self.array(depth),
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let mut names = [&b""[..]; NAMES];
        let mut count = 0;
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let name = self.plain()?;
            if names[..count].contains(&name) {
                return None;
            }
            *names.get_mut(count)? = name;
            count += 1;
            self.take(b':')?;
            self.pass_at(depth + 1)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
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

    fn scalar(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let is_part =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let (value, _) = rest.split_at(rest.iter().take_while(is_part).count());
        self.at += value.len();
        (matches!(value, b"null" | b"true" | b"false") || is_number(value)).then_some(())
    }
}
