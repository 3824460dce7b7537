//! The names of triggers by their ids: not every event repeats them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// How many places there are.
const PLACES: usize = 4096;

/// A bounded memory: each id has one place, and the latest id replaces the one before.
#[derive(Debug, Default)]
pub struct Names(Vec<KnownName>);

/// An id and behind it its name, and where that begins.
#[derive(Debug, Default)]
struct KnownName {
    text: String,
    begin: usize,
}

impl Names {
    /// Remembers a name.
    pub fn learn(&mut self, id: &str, name: &str) {
        self.learn_at(place(id), id, name);
    }

    /// Remembers a name that a block teaches.
    pub fn take(&mut self, learned: &LearnedName<'_>) {
        self.learn_at(learned.place, learned.id, learned.name);
    }

    fn learn_at(&mut self, place: usize, id: &str, name: &str) {
        if self.0.is_empty() {
            self.0.resize_with(PLACES, KnownName::default);
        }
        let known = &mut self.0[place];
        known.text.clear();
        known.text.push_str(id);
        known.begin = known.text.len();
        known.text.push_str(name);
    }

    /// The name under an id, unless it has been forgotten.
    pub fn of(&self, id: &str) -> Option<&str> {
        let known = self.0.get(place(id))?;
        let (its_id, name) = known.text.split_at(known.begin);
        (its_id == id).then_some(name)
    }
}

/// What an event of a block teaches.
#[derive(Clone, Copy, Debug)]
pub struct LearnedName<'b> {
    /// The record of the event, counted from 0.
    pub record: usize,
    place: usize,
    id: &'b str,
    name: &'b str,
}

/// What the events of a block teach, in their order: one text for all, since they are many.
#[derive(Debug, Default)]
pub struct LearnedNames {
    text: String,
    all: Vec<Learned>,
}

/// Where in the text an id and its name are.
#[derive(Debug)]
struct Learned {
    record: usize,
    place: usize,
    id: Range<usize>,
    name: Range<usize>,
}

impl LearnedNames {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = LearnedName<'_>> {
        self.all.iter().map(|learned| self.at(learned))
    }

    fn at(&self, learned: &Learned) -> LearnedName<'_> {
        LearnedName {
            record: learned.record,
            place: learned.place,
            id: &self.text[learned.id.clone()],
            name: &self.text[learned.name.clone()],
        }
    }

    fn push(&mut self, record: usize, place: usize, id: &str, name: &str) {
        let begin = self.text.len();
        self.text.push_str(id);
        let middle = self.text.len();
        self.text.push_str(name);
        self.all.push(Learned {
            record,
            place,
            id: begin..middle,
            name: middle..self.text.len(),
        });
    }
}

/// Gathers what the events of a block teach. What changes nothing is left out: most events repeat
/// what is known.
#[derive(Debug, Default)]
pub struct NamesOfBlock {
    learned: LearnedNames,
    /// What each place has learned last, with the number of the block.
    latest: Vec<(u64, usize)>,
    block: u64,
}

impl NamesOfBlock {
    /// Notes what an event teaches.
    pub fn learn(&mut self, record: usize, id: &str, name: &str) {
        if self.latest.is_empty() {
            self.latest.resize(PLACES, (u64::MAX, 0));
        }
        let place = place(id);
        let latest = &mut self.latest[place];
        if latest.0 == self.block {
            let known = self.learned.at(&self.learned.all[latest.1]);
            if known.id == id && known.name == name {
                return;
            }
        }
        *latest = (self.block, self.learned.all.len());
        self.learned.push(record, place, id, name);
    }

    /// What was learned. The next block begins.
    pub fn end_block(&mut self) -> LearnedNames {
        self.block += 1;
        std::mem::take(&mut self.learned)
    }
}

fn place(id: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_name_counts_and_no_id_has_the_name_of_another() {
        let mut names = Names::default();
        assert_eq!(names.of("1"), None);
        for id in 0..3 * PLACES {
            names.learn(&id.to_string(), "old");
            names.learn(&id.to_string(), &format!("trigger {id}"));
        }
        let known = (0..3 * PLACES)
            .filter(|id| match names.of(&id.to_string()) {
                Some(name) => {
                    assert_eq!(name, format!("trigger {id}"));
                    true
                }
                None => false,
            })
            .count();
        assert!((PLACES / 2..=PLACES).contains(&known), "{known}");
        assert_eq!(names.0.len(), PLACES);
    }
}
