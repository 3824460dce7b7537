//! The names of triggers by their ids: not every event repeats them.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How many places there are.
const PLACES: usize = 4096;

/// A bounded memory: each id has one place, and the latest id replaces the one before.
#[derive(Debug, Default)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// Remembers a name.
    pub fn learn(&mut self, id: &str, name: &str) {
        self.0.resize_with(PLACES, Default::default);
        let (known, its_name) = &mut self.0[place(id)];
        if known != id {
            id.clone_into(known);
        }
        if its_name != name {
            name.clone_into(its_name);
        }
    }

    /// The name under an id, unless it has been forgotten.
    pub fn of(&self, id: &str) -> Option<&str> {
        let (known, name) = self.0.get(place(id))?;
        (known == id).then_some(name)
    }
}

/// What an event of a block teaches.
#[derive(Debug)]
pub struct LearnedName {
    /// The record of the event, counted from 0.
    pub record: usize,
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// What the events of a block teach, in their order. What changes nothing is left out: most events
/// repeat what is known.
#[derive(Debug, Default)]
pub struct NamesOfBlock {
    learned: Vec<LearnedName>,
    /// What each place has learned last, with the number of the block.
    latest: Vec<(u64, usize)>,
    block: u64,
}

impl NamesOfBlock {
    /// Notes what an event teaches.
    pub fn learn(&mut self, record: usize, id: &str, name: &str) {
        self.latest.resize(PLACES, (u64::MAX, 0));
        let latest = &mut self.latest[place(id)];
        if latest.0 == self.block {
            let known = &self.learned[latest.1];
            if known.id == id && known.name == name {
                return;
            }
        }
        *latest = (self.block, self.learned.len());
        self.learned.push(LearnedName {
            record,
            id: id.to_owned(),
            name: name.to_owned(),
        });
    }

    /// What was learned. The next block begins.
    pub fn end_block(&mut self) -> Vec<LearnedName> {
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
