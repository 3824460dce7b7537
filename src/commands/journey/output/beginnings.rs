//! Of each correlation id as much as distinguishes it from the others in a list.

use crate::commands::journey::list::JourneyList;

/// The shortest beginning of an id that is shown: as much as `journey` accepts for one.
const SHORTEST: usize = 8;

/// The beginnings of the ids of a list.
pub struct Beginnings<'a> {
    by_place: Vec<&'a str>,
}

/// An id with its first bytes, which most ids differ in: those are compared without a look at the
/// id, which is somewhere else in memory.
#[derive(Clone, Copy)]
struct PrefixedId<'a> {
    first: u128,
    place: usize,
    text: &'a str,
}

impl<'a> PrefixedId<'a> {
    fn new(place: usize, text: &'a str) -> PrefixedId<'a> {
        let mut first = [0; size_of::<u128>()];
        let length = text.len().min(first.len());
        first[..length].copy_from_slice(&text.as_bytes()[..length]);
        PrefixedId {
            first: u128::from_be_bytes(first),
            place,
            text,
        }
    }

    /// How many characters another id begins with as well.
    fn common(&self, other: &PrefixedId<'_>) -> usize {
        let differing = self.first ^ other.first;
        if differing != 0 && is_ascii(self.first) && is_ascii(other.first) {
            return differing.leading_zeros() as usize / 8;
        }
        let alike = self.text.chars().zip(other.text.chars());
        alike.take_while(|(one, other)| one == other).count()
    }

    fn beginning(&self, length: usize) -> &'a str {
        let end = if length <= size_of_val(&self.first) && is_ascii(self.first) {
            length.min(self.text.len())
        } else {
            let mut ends = self.text.char_indices().map(|(end, _)| end);
            ends.nth(length).unwrap_or(self.text.len())
        };
        &self.text[..end]
    }
}

fn is_ascii(bytes: u128) -> bool {
    bytes & 0x8080_8080_8080_8080_8080_8080_8080_8080 == 0
}

impl<'a> Beginnings<'a> {
    /// Those of a list.
    pub fn of(list: &'a JourneyList) -> Beginnings<'a> {
        let ids = list.as_read();
        let ids = ids.map(|(place, key, _)| PrefixedId::new(place, &key.correlation_id));
        Beginnings {
            by_place: distinct(ids.collect()),
        }
    }

    /// That of the journey at a place.
    pub fn at(&self, place: usize) -> &'a str {
        self.by_place[place]
    }
}

fn distinct(mut ids: Vec<PrefixedId<'_>>) -> Vec<&str> {
    let places = ids.iter().map(|id| id.place + 1).max();
    let mut shown = vec![""; places.unwrap_or_default()];
    ids.sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| a.text.cmp(b.text)));
    // Journeys of one id have the same beginning.
    let mut groups = ids
        .chunk_by(|a, b| a.first == b.first && a.text == b.text)
        .peekable();
    let mut before = 0;
    while let Some(group) = groups.next() {
        let after = groups.peek().map_or(0, |next| group[0].common(&next[0]));
        let length = SHORTEST.max(before.max(after) + 1);
        for id in group {
            shown[id.place] = id.beginning(length);
        }
        before = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown<'a>(ids: &[&'a str]) -> Vec<&'a str> {
        let ids = ids.iter().enumerate();
        distinct(ids.map(|(place, id)| PrefixedId::new(place, id)).collect())
    }

    #[test]
    fn a_beginning_is_as_long_as_it_must_be() {
        for (ids, wanted) in [
            (vec!["14cac731-6dd7", "99ff"], vec!["14cac731", "99ff"]),
            (
                vec!["14cac731-6d", "14cac731-7d"],
                vec!["14cac731-6", "14cac731-7"],
            ),
            (
                vec!["14cac731-6d", "14cac731-6d"],
                vec!["14cac731", "14cac731"],
            ),
            (
                vec!["äöüäöüäöüx", "äöüäöüäöüy"],
                vec!["äöüäöüäöüx", "äöüäöüäöüy"],
            ),
        ] {
            assert_eq!(shown(&ids), wanted);
        }
    }

    proptest! {
        #[test]
        fn ids_that_differ_are_shown_differently(ids in prop::collection::vec("[aé]{0,20}", 1..9)) {
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let shown = shown(&ids);
            for (one, other) in ids.iter().zip(&shown) {
                prop_assert!(one.starts_with(other));
                for (id, beginning) in ids.iter().zip(&shown) {
                    // One that is the beginning of another is shown whole.
                    prop_assert!(one == id || other != beginning, "{} {}", one, id);
                }
            }
        }
    }
}
