//! The journeys that may never have ended, for `never-ended`.

use super::table::Table;
use crate::model::outcome::UNFINISHED;
use uuid::Uuid;

/// The last record of a journey that may never have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The journey, as [`super::Step::journey`] tells it.
    pub journey: u64,
    /// The source's number in this run.
    pub source: u32,
    /// The record's number.
    pub number: u64,
    /// The line of its outcome.
    pub line: u64,
    /// The column of its outcome.
    pub column: u64,
    /// The journey's correlation id.
    pub correlation_id: String,
    /// The unfinished outcome.
    pub outcome: String,
}

/// The last records of unfinished journeys.
#[derive(Debug, Default)]
pub struct Ends {
    table: Table<Option<Packed>>,
}

/// An [`End`] in few bytes: there may be as many as records.
#[derive(Debug)]
struct Packed {
    number: u64,
    line: u64,
    column: u32,
    source: u32,
    id: Id,
    /// Its place among the unfinished ones.
    outcome: u8,
}

#[derive(Debug)]
enum Id {
    Uuid([u8; 16]),
    Text(Box<str>),
}

impl Ends {
    /// Remembers how a journey ends as far as is known.
    pub fn set(&mut self, end: &End) {
        let packed = Packed {
            number: end.number,
            line: end.line,
            column: u32::try_from(end.column).unwrap_or(u32::MAX),
            source: end.source,
            id: Id::of(&end.correlation_id),
            outcome: UNFINISHED
                .iter()
                .zip(0..)
                .find(|(outcome, _)| **outcome == end.outcome)
                .map_or(u8::MAX, |(_, at)| at),
        };
        self.table.set(end.journey, Some(packed));
    }

    /// Forgets a journey.
    pub fn clear(&mut self, key: u64) {
        if let Some(end) = self.table.get_mut(key) {
            *end = None;
        }
    }

    /// Takes all out, in input order.
    pub fn take(&mut self) -> impl Iterator<Item = End> + use<> {
        let ends = self.table.take();
        let mut ends: Vec<_> = ends.filter_map(|(key, end)| Some((key, end?))).collect();
        ends.sort_unstable_by_key(|(_, end)| (end.source, end.number));
        ends.into_iter().map(|(key, end)| end.unpack(key))
    }
}

impl Packed {
    fn unpack(self, journey: u64) -> End {
        let outcome = UNFINISHED.get(usize::from(self.outcome));
        End {
            journey,
            source: self.source,
            number: self.number,
            line: self.line,
            column: u64::from(self.column),
            correlation_id: match self.id {
                Id::Uuid(bytes) => Uuid::from_bytes(bytes).to_string(),
                Id::Text(text) => text.into(),
            },
            outcome: outcome.copied().unwrap_or_default().to_owned(),
        }
    }
}

impl Id {
    fn of(text: &str) -> Id {
        match Uuid::try_parse(text) {
            Ok(uuid) if uuid.to_string() == text => Id::Uuid(uuid.into_bytes()),
            _ => Id::Text(text.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_comes_back_as_it_was() {
        let ids = [
            "14cac731-6dd7-424c-bfbf-f0be0b07f8cf",
            "14CAC731-6DD7-424C-BFBF-F0BE0B07F8CF",
            "14cac7316dd7424cbfbff0be0b07f8cf",
            "order 7",
            "",
        ];
        let mut ends = Ends::default();
        let mut wanted = Vec::new();
        for (number, (id, outcome)) in (1..).zip(ids.iter().zip(UNFINISHED.iter().cycle())) {
            let end = End {
                journey: number << 40,
                source: 2,
                number,
                line: number + 1,
                column: 7,
                correlation_id: (*id).to_owned(),
                outcome: (*outcome).to_owned(),
            };
            ends.set(&end);
            wanted.push(end);
        }
        ends.clear(wanted.remove(1).journey);
        assert_eq!(ends.take().collect::<Vec<_>>(), wanted);
        assert_eq!(ends.take().count(), 0);
        assert!(size_of::<(u64, Option<Packed>)>() <= 64);
    }
}
