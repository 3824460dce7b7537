//! What came under the latest ids: it distinguishes two events that share an id from one event that
//! came twice.

use crate::model::event::Event;

/// How many digests are kept at most: four for each id in the window, so that most have a place
/// of their own. Where two fall into one, the later one counts, and of the earlier nothing is known.
const MOST: usize = 1 << 18;
const FEWEST: usize = 1 << 10;

/// The digests of the latest events: of each half of its id's digest, by which it has its place,
/// and half of that of what came under it. Zero is nothing.
#[derive(Debug)]
pub(super) struct Digests {
    places: Vec<u64>,
    noted: usize,
}

impl Digests {
    /// Nothing is known yet.
    pub fn new() -> Digests {
        Digests {
            places: vec![0; FEWEST],
            noted: 0,
        }
    }

    /// Notes what came under an id for the first time.
    pub fn note(&mut self, digests: u64) {
        self.noted += 1;
        if 4 * self.noted > self.places.len() && self.places.len() < MOST {
            let wider = vec![0; 4 * self.places.len()];
            for digests in std::mem::replace(&mut self.places, wider) {
                self.put(digests);
            }
        }
        self.put(digests);
    }

    /// Whether what comes under an id again differs from what is known to have come before.
    pub fn differs(&self, digests: u64) -> bool {
        let known = self.places[self.place(digests)];
        known != 0 && known != digests && known >> 32 == digests >> 32
    }

    fn put(&mut self, digests: u64) {
        if digests != 0 {
            let place = self.place(digests);
            self.places[place] = digests;
        }
    }

    fn place(&self, digests: u64) -> usize {
        (digests >> 32) as usize & (self.places.len() - 1)
    }
}

/// Half of the digest of an id, and half of that of what came under it.
pub fn digests(id: &str, event: &Event<'_>) -> u64 {
    let key = digest([id.as_bytes(), b"", b""]);
    // The rest of an envelope changes when a server has handled an event.
    let content = digest([
        event.event_type.as_bytes(),
        event.ts.as_deref().unwrap_or_default().as_bytes(),
        event.data().unwrap_or_default().as_bytes(),
    ]);
    key >> 32 << 32 | content >> 32
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
            known.note(digests("a", &Event::read(one).unwrap()));
            for other in all {
                let event = Event::read(other).unwrap();
                assert_eq!(
                    known.differs(digests("a", &event)),
                    one != other,
                    "{one} {other}"
                );
                assert!(
                    !known.differs(digests("b", &event)),
                    "nothing is known of it"
                );
            }
            let handled = one.replacen('{', "{\"handled\":true,", 1);
            assert!(!known.differs(digests("a", &Event::read(&handled).unwrap())));
        }
    }

    #[test]
    fn most_contents_are_known_as_far_as_the_window_reaches() {
        let mut known = Digests::new();
        let (one, other) = (r#"{"type":"x"}"#, r#"{"type":"y"}"#);
        let (one, other) = (Event::read(one).unwrap(), Event::read(other).unwrap());
        let ids: Vec<String> = (0..65_536).map(|id| format!("e-{id}")).collect();
        for id in &ids {
            known.note(digests(id, &one));
        }
        let differing = |event| {
            let ids = ids.iter().filter(|id| known.differs(digests(id, event)));
            ids.count()
        };
        assert!(differing(&other) > 50_000);
        let wrong = differing(&one);
        assert!(wrong < 10, "{wrong}");
        assert_eq!(known.places.len(), MOST);
    }
}
