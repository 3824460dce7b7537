//! The names of triggers by their ids: not every event repeats them.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How many places there are.
const PLACES: usize = 4096;

/// A bounded memory: each id has one place, and whoever comes takes it from whom was there.
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
