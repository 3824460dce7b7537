//! Reads one body as it comes.

use super::{LARGEST_BODY, Posted, Unreadable, undecoded};
use crate::model::event::Flaw;
use crate::wire::coding::{Coding, ContentDecoder};
use crate::wire::envelope::{LIMIT, Layout, Opener};
use crate::wire::records::{Framer, Record};

/// Reads one body as it comes, with a bound on what is held of it.
#[derive(Debug)]
pub struct BodyReader {
    decoder: Option<ContentDecoder>,
    content: BodyContent,
}

/// What a body says once it is decoded.
#[derive(Debug)]
struct BodyContent {
    posted: Posted,
    opener: Opener,
    /// The data of a `CloudEvent` in binary mode, which is read when it is whole.
    whole: Option<Vec<u8>>,
    /// The first bytes, until there are enough of them to recognise an encoding.
    start: Vec<u8>,
    begun: bool,
    /// Whether nothing but blanks has come.
    blank: bool,
    framer: Framer,
    length: usize,
    /// How many bytes belong to records that were handed over.
    settled: usize,
}

/// How much of a body that is not coded is looked at in one step.
const STEP: usize = 64 << 10;

impl BodyReader {
    pub(super) fn new(posted: Posted, coding: Option<Coding>, layout: Layout) -> BodyReader {
        let whole = posted.is_binary_mode().then(Vec::new);
        BodyReader {
            decoder: coding.map(ContentDecoder::new),
            content: BodyContent {
                posted,
                opener: Opener::new(layout),
                whole,
                start: Vec::new(),
                begun: false,
                blank: true,
                framer: Framer::new(LIMIT),
                length: 0,
                settled: 0,
            },
        }
    }

    /// Looks at the next bytes, a bounded amount at once, and hands over the JSON values that are
    /// complete, each with at least an event; true when there is more to look at.
    pub fn step(
        &mut self,
        bytes: &mut &[u8],
        take: &mut impl FnMut(&[u8]),
    ) -> Result<bool, Unreadable> {
        let Some(decoder) = &mut self.decoder else {
            let (part, rest) = bytes.split_at(bytes.len().min(STEP));
            *bytes = rest;
            self.content.push(part, take)?;
            return Ok(!rest.is_empty());
        };
        let (part, more) = decoder.step(bytes).map_err(|error| undecoded(&error))?;
        self.content.push(part, take)?;
        Ok(more)
    }

    /// The body has ended: hands over what is left.
    pub fn finish(self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if let Some(decoder) = &self.decoder {
            decoder.finish().map_err(|error| undecoded(&error))?;
        }
        self.content.finish(take)
    }

    /// How many bytes are held of a value that is not complete.
    pub fn held(&self) -> usize {
        let BodyContent {
            length, settled, ..
        } = self.content;
        length.saturating_sub(settled).min(LIMIT)
    }
}

impl BodyContent {
    fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        self.length += bytes.len();
        if self.length > LARGEST_BODY {
            return Err(Unreadable::too_large_body());
        }
        self.blank &= bytes.trim_ascii().is_empty();
        if self.begun {
            return self.split(bytes, take);
        }
        self.start.extend_from_slice(bytes);
        if self.start.len() < 2 {
            return Ok(());
        }
        self.begin(take)
    }

    fn begin(&mut self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        self.begun = true;
        let start = std::mem::take(&mut self.start);
        if self.posted.is_utf16(&start) {
            let why = "the body is UTF-16; JSON is sent as UTF-8";
            return Err(Unreadable::Unsupported(why.to_owned()));
        }
        self.split(&start, take)
    }

    fn split(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if let Some(whole) = &mut self.whole {
            if whole.len() + bytes.len() > LIMIT {
                let flaw = Flaw::TooLarge((whole.len() + bytes.len()) as u64);
                return Err(Unreadable::TooLarge(flaw.to_string()));
            }
            whole.extend_from_slice(bytes);
            return Ok(());
        }
        let BodyContent {
            posted,
            opener,
            framer,
            settled,
            ..
        } = self;
        let mut wrong = None;
        let mut each = |record: Record<'_>| {
            if wrong.is_some() {
                return;
            }
            *settled = usize::try_from(record.offset + record.length).unwrap_or(usize::MAX);
            match posted.open(opener, record) {
                Ok(0) => {}
                Ok(_) => take(record.bytes),
                Err(why) => wrong = Some(why),
            }
        };
        framer.push_sequence(bytes, &mut each);
        wrong.map_or(Ok(()), Err)
    }

    fn finish(mut self, take: &mut impl FnMut(&[u8])) -> Result<(), Unreadable> {
        if !self.begun {
            self.begin(take)?;
        }
        if let Some(data) = &self.whole {
            let event = self.posted.cloud_event(data)?;
            self.posted.open(&mut self.opener, Record::alone(&event))?;
            take(&event);
            return Ok(());
        }
        if self.blank {
            return Err(Unreadable::Malformed("the body is empty".to_owned()));
        }
        let BodyContent {
            posted,
            mut opener,
            mut framer,
            ..
        } = self;
        let mut wrong = None;
        framer.finish(&mut |record| match posted.open(&mut opener, record) {
            Err(why) => drop(wrong.get_or_insert(why)),
            Ok(0) => {}
            Ok(_) if wrong.is_none() => take(record.bytes),
            Ok(_) => {}
        });
        wrong.map_or(Ok(()), Err)
    }
}
