//! The quick way to read events: nothing is allocated, and most of the text is only compared.
//!
//! A server writes the events of a type the same way each time: only the values differ. So what
//! stands between the values is learned when it is met first, and recognised whole ever after.
//!
//! Only sound events are known. Whatever is out of the ordinary, from a member that comes twice
//! to broken JSON, is left to the exact reader, which says what is meant or wrong.

mod found;
mod reader;

use crate::model::event::{Event, Flaw};
use found::{Found, Slot};
use reader::Reader;
use std::ops::Range;

/// How many texts are remembered, how long each may be, and how many may be in an event: all of
/// them take less than 1 MiB.
const MOST: usize = 2048;
const LONGEST: usize = 256;

/// How many texts may be known for one place.
const CHOICES: usize = 32;

/// The forms of events that have been met: a tree of the texts before their values.
#[derive(Debug, Default)]
pub struct Forms {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

/// What stands before a value, or at the end.
#[derive(Debug)]
struct Node {
    text: String,
    /// Where the data begin or end, when they do so within the text.
    data_begins: Option<usize>,
    data_ends: Option<usize>,
    slot: Slot,
    /// What may stand behind the value. Longer texts come first, as others may begin like them.
    next: Vec<usize>,
}

/// A value in an event that is being learned.
struct Mark {
    slot: Slot,
    value: Range<usize>,
}

impl Forms {
    /// Reads an envelope.
    pub fn read<'a>(&mut self, raw: &'a str) -> Result<Event<'a>, Flaw> {
        if let Some(event) = self.recognised(raw) {
            return Ok(event);
        }
        match self.learned(raw) {
            Some(event) => Ok(event),
            None => Event::read(raw),
        }
    }

    fn recognised<'a>(&self, text: &'a str) -> Option<Event<'a>> {
        let mut reader = Reader::new(text);
        let mut found = Found::default();
        let mut choices = &self.roots;
        loop {
            let begin = reader.at;
            let node = choices
                .iter()
                .map(|choice| &self.nodes[*choice])
                .find(|node| reader.passes(&node.text))?;
            if let Some(offset) = node.data_begins {
                found.data.start = begin + offset;
            }
            if let Some(offset) = node.data_ends {
                found.data.end = begin + offset;
            }
            if node.slot == Slot::End {
                return found.event(text).filter(|_| reader.is_at_end());
            }
            let from = reader.at;
            let value = reader.value(1)?;
            if node.slot == Slot::Data {
                // Data that are an object have texts of their own.
                found.data = from..reader.at;
                if text[from..].starts_with('{') {
                    return None;
                }
            }
            found.put(node.slot, value)?;
            choices = &node.next;
        }
    }

    /// Reads an event of a form that is not known, and remembers the form.
    fn learned<'a>(&mut self, text: &'a str) -> Option<Event<'a>> {
        let (marks, found) = taken_apart(text)?;
        let data = found.data.clone();
        let event = found.event(text)?;
        if marks.len() > LONGEST {
            return Some(event);
        }
        if self.nodes.len() + marks.len() > MOST {
            *self = Forms::default();
        }
        let mut before = None;
        let mut at = 0;
        for mark in marks {
            let between = at..mark.value.start;
            if between.len() > LONGEST {
                break;
            }
            let within = |offset: usize| {
                let inside = !data.is_empty() && between.contains(&offset);
                inside.then(|| offset - between.start)
            };
            let node = Node {
                text: text[between.clone()].to_owned(),
                data_begins: within(data.start),
                data_ends: within(data.end),
                slot: mark.slot,
                next: Vec::new(),
            };
            let Some(place) = self.place(before, node) else {
                break;
            };
            (before, at) = (Some(place), mark.value.end);
        }
        Some(event)
    }

    /// Finds or makes a place behind another; none if there are too many.
    fn place(&mut self, before: Option<usize>, node: Node) -> Option<usize> {
        let new = self.nodes.len();
        let choices = match before {
            Some(before) => &self.nodes[before].next,
            None => &self.roots,
        };
        let same = |choice: &&usize| {
            let known = &self.nodes[**choice];
            (&known.text, known.slot) == (&node.text, node.slot)
        };
        if let Some(known) = choices.iter().find(same) {
            return Some(*known);
        }
        if choices.len() == CHOICES {
            return None;
        }
        let longer = |choice: &usize| self.nodes[*choice].text.len() > node.text.len();
        let at = choices.partition_point(longer);
        self.nodes.push(node);
        match before {
            Some(before) => self.nodes[before].next.insert(at, new),
            None => self.roots.insert(at, new),
        }
        Some(new)
    }
}

/// Takes an event apart: its values one after the other, and what they say.
fn taken_apart(text: &str) -> Option<(Vec<Mark>, Found<'_>)> {
    let mut reader = Reader::new(text);
    let mut found = Found::default();
    let mut marks: Vec<Mark> = Vec::new();
    reader.members(&mut |reader, name| {
        let begin = reader.at;
        let slot = Slot::of_envelope(name);
        if slot == Slot::Data && reader.peek() == Some(b'{') {
            reader.members(&mut |reader, name| {
                noted(reader, Slot::of_data(name), &mut marks, &mut found)
            })?;
        } else {
            noted(reader, slot, &mut marks, &mut found)?;
        }
        if slot == Slot::Data {
            // A second one would be no sound event.
            let first = std::mem::replace(&mut found.data, begin..reader.at).is_empty();
            return first.then_some(());
        }
        Some(())
    })?;
    marks.push(Mark {
        slot: Slot::End,
        value: text.len()..text.len(),
    });
    reader.is_at_end().then_some((marks, found))
}

fn noted<'a>(
    reader: &mut Reader<'a>,
    slot: Slot,
    marks: &mut Vec<Mark>,
    found: &mut Found<'a>,
) -> Option<()> {
    if slot != Slot::Other && marks.iter().any(|mark| mark.slot == slot) {
        return None;
    }
    let begin = reader.at;
    let value = reader.value(1)?;
    marks.push(Mark {
        slot,
        value: begin..reader.at,
    });
    found.put(slot, value)
}

#[cfg(test)]
mod tests;
