//! What came under the latest ids: it distinguishes two events that share an id from one event that
//! came twice.

use crate::model::event::Event;

/// How many events are known at most: two for each id in the window, so that most have a place of
/// their own. Where two fall into one, the later one counts, and of the earlier nothing is known.
const MOST: usize = 1 << 17;
const FEWEST: usize = 1 << 10;

/// What came under the latest ids: of each a digest of its key, by which it has its place, and one
/// of what came under it. Zeros are nothing.
///
/// A repeat is taken for another event if its place is held by one whose key has the same digest,
/// which for a million repeats has a probability of 2^20 / 2^(64 - 17), less than one in a hundred
/// million. With 32 bits of each it was likely.
#[derive(Debug)]
pub(super) struct Digests {
    places: Vec<(u64, u64)>,
    noted: usize,
}

impl Digests {
    /// Nothing is known yet.
    pub fn new() -> Digests {
        Digests {
            places: vec![(0, 0); FEWEST],
            noted: 0,
        }
    }

    /// Notes what came under a key for the first time.
    pub fn note(&mut self, key: u128, content: u64) {
        self.noted += 1;
        if 4 * self.noted > self.places.len() && self.places.len() < MOST {
            let wider = vec![(0, 0); (4 * self.places.len()).min(MOST)];
            for known in std::mem::replace(&mut self.places, wider) {
                let place = self.place(known.0);
                self.places[place] = known;
            }
        }
        let key = of_key(key);
        let place = self.place(key);
        self.places[place] = (key, content);
    }

    /// Whether what comes under a key again differs from what is known to have come before.
    pub fn differs(&self, key: u128, content: u64) -> bool {
        let key = of_key(key);
        let (known, before) = self.places[self.place(key)];
        known == key && before != content
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are taken")]
    fn place(&self, key: u64) -> usize {
        key as usize & (self.places.len() - 1)
    }
}

fn of_key(key: u128) -> u64 {
    digest([&key.to_le_bytes(), b"", b""])
}

/// The digest of what came under an id.
pub fn content(event: &Event<'_>) -> u64 {
    // The rest of an envelope changes when a server has handled an event.
    digest([
        event.event_type.as_bytes(),
        event.ts.as_deref().unwrap_or_default().as_bytes(),
        event.data().unwrap_or_default().as_bytes(),
    ])
}

/// A digest of bytes in three parts. It finds what differs by chance or mistake, not by malice.
fn digest(parts: [&[u8]; 3]) -> u64 {
    let (mut sum, mut length) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    let mut mix = |low: [u8; 8], high: [u8; 8]| {
        let low = u64::from_le_bytes(low) ^ sum;
        let high = u64::from_le_bytes(high) ^ 0xe703_7ed1_a0b4_28db;
        let product = u128::from(low) * u128::from(high);
        sum = fold(product);
    };
    for part in parts {
        let (whole, rest) = part.as_chunks::<16>();
        let mut halves = |block: &[u8; 16]| {
            let (low, high) = block.split_at(8);
            mix(eight(low), eight(high));
        };
        whole.iter().for_each(&mut halves);
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        halves(&last);
        length += part.len() as u64;
    }
    sum ^ length
}

fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.first_chunk().copied().unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn fold(product: u128) -> u64 {
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_differ_in_type_time_or_data_and_not_in_what_a_server_adds() {
        let all = [
            r#"{"type":"x"}"#,
            r#"{"type":"x","ts":"t"}"#,
            r#"{"type":"xt"}"#,
            r#"{"type":"x","data":{}}"#,
            r#"{"type":"x","data":{"n":1,"text":"longer than a block"}}"#,
            r#"{"type":"x","data":{"n":1,"text":"longer than a blocK"}}"#,
            r#"{"type":"x","data":{"n":2,"text":"longer than a block"}}"#,
        ];
        for one in all {
            let mut known = Digests::new();
            known.note(1, content(&Event::read(one).unwrap()));
            for other in all {
                let event = Event::read(other).unwrap();
                assert_eq!(
                    known.differs(1, content(&event)),
                    one != other,
                    "{one} {other}"
                );
                assert!(!known.differs(2, content(&event)), "nothing is known of it");
            }
            let handled = one.replacen('{', "{\"handled\":true,", 1);
            assert!(!known.differs(1, content(&Event::read(&handled).unwrap())));
        }
    }

    #[test]
    fn most_contents_are_known_as_far_as_the_window_reaches() {
        let mut known = Digests::new();
        for id in 0..65_536 {
            known.note(id, 7);
        }
        let differing = (0..65_536).filter(|id| known.differs(*id, 8)).count();
        assert!(differing > 50_000);
        assert_eq!(known.places.len(), MOST);
    }

    #[test]
    fn a_repeat_is_never_taken_for_another_event() {
        let mut known = Digests::new();
        for id in 0..300_000 {
            known.note(u128::from(id), id);
        }
        let wrong = (0..300_000).filter(|id| known.differs(u128::from(*id), *id));
        assert_eq!(wrong.count(), 0);
    }
}
