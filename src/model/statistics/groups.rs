//! Counts by group, bounded in number.

use super::sketch::Sketch;
use indexmap::IndexMap;
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// How many groups are counted separately; any further one goes to [`OTHERS`].
pub const GROUPS: usize = 2000;

/// The group of everything for which there was no room.
pub const OTHERS: &str = "(others)";

/// What is known of one group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Records in it.
    pub count: u64,
    /// Those of them that report something bad.
    pub errors: u64,
    /// The values of each field that is watched.
    pub values: Vec<Sketch>,
}

impl Group {
    /// The share of bad ones.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn error_rate(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.errors as f64 / self.count as f64
        }
    }

    /// The values of a field that is watched, counted from 0; those before it are there already.
    fn sketch(&mut self, at: usize) -> &mut Sketch {
        if self.values.len() <= at {
            self.values.push(Sketch::default());
        }
        &mut self.values[at]
    }

    /// Counts what another group has counted.
    pub fn merge(&mut self, other: Group) {
        self.count += other.count;
        self.errors += other.errors;
        for (at, sketch) in other.values.into_iter().enumerate() {
            match self.values.get_mut(at) {
                Some(own) => own.merge(sketch),
                None => self.values.push(sketch),
            }
        }
    }

    /// The row of the first field that `stats` writes.
    pub fn row(&self, key: &str, percentiles: &[f64]) -> Map<String, Value> {
        let sketch = self.values.first();
        let value = |value: Option<f64>| value.map_or(Value::Null, number);
        let mut row = Map::new();
        row.insert("key".into(), key.into());
        row.insert("count".into(), self.count.into());
        row.insert("errors".into(), self.errors.into());
        row.insert("errorRate".into(), number(self.error_rate()));
        row.insert("min".into(), value(sketch.and_then(Sketch::min)));
        row.insert("mean".into(), value(sketch.and_then(Sketch::mean)));
        for percent in percentiles {
            let found = sketch.and_then(|sketch| sketch.percentile(*percent));
            row.insert(format!("p{percent}"), value(found));
        }
        row.insert("max".into(), value(sketch.and_then(Sketch::max)));
        row
    }
}

/// A number with at most three decimals, whole when it is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers are cast"
)]
pub fn number(value: f64) -> Value {
    let rounded = (value * 1000.0).round() / 1000.0;
    if rounded.fract() == 0.0 && rounded.abs() < 9e15 {
        return Value::Number(Number::from(rounded as i64));
    }
    Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

/// The groups of a few records with every value, in the order in which they came up: what one core
/// counts by itself.
#[derive(Debug, Default)]
pub struct PartialGroups(IndexMap<String, PartialGroup>);

#[derive(Debug, Default)]
struct PartialGroup {
    count: u64,
    errors: u64,
    /// Of each field that is watched.
    values: Vec<Vec<f64>>,
}

/// What counts records in groups.
pub trait CountGroups {
    /// Counts a record in its group; `values` are those of the fields that are watched.
    fn count(&mut self, key: &str, bad: bool, values: &[Option<f64>]);
}

impl CountGroups for PartialGroups {
    fn count(&mut self, key: &str, bad: bool, values: &[Option<f64>]) {
        let group = match self.0.get_mut(key) {
            Some(group) => group,
            None => self.0.entry(key.to_owned()).or_default(),
        };
        group.count += 1;
        group.errors += u64::from(bad);
        for (at, value) in values.iter().enumerate() {
            if group.values.len() <= at {
                group.values.push(Vec::new());
            }
            group.values[at].extend(*value);
        }
    }
}

/// Groups by key, bounded in number.
#[derive(Clone, Debug, Default)]
pub struct Groups(HashMap<String, Group>);

impl CountGroups for Groups {
    fn count(&mut self, key: &str, bad: bool, values: &[Option<f64>]) {
        let key = self.bounded(key);
        let group = match self.0.get_mut(key) {
            Some(group) => group,
            None => self.0.entry(key.to_owned()).or_default(),
        };
        group.count += 1;
        group.errors += u64::from(bad);
        for (at, value) in values.iter().enumerate() {
            let sketch = group.sketch(at);
            if let Some(value) = value {
                sketch.add(*value);
            }
        }
    }
}

impl Groups {
    /// The key under which a group is counted: that of the rest where there is no room for another.
    fn bounded<'k>(&self, key: &'k str) -> &'k str {
        if self.0.len() < GROUPS || self.0.contains_key(key) {
            key
        } else {
            OTHERS
        }
    }

    /// Takes in the groups of the next records.
    pub fn absorb(&mut self, partial: PartialGroups) {
        for (key, part) in partial.0 {
            let group = self.0.entry(self.bounded(&key).to_owned()).or_default();
            group.count += part.count;
            group.errors += part.errors;
            for (at, values) in part.values.into_iter().enumerate() {
                let sketch = group.sketch(at);
                for value in values {
                    sketch.add(value);
                }
            }
        }
    }

    /// Gives groups other keys, where there are any; those that have the same one then become one.
    pub fn rename(&mut self, new: impl Fn(&str) -> Option<String>) {
        let renamed = self
            .0
            .keys()
            .filter_map(|key| Some((key.clone(), new(key)?)));
        for (old, new) in renamed.collect::<Vec<_>>() {
            if let Some(group) = self.0.remove(&old) {
                self.0.entry(new).or_default().merge(group);
            }
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The group of a key.
    pub fn get(&self, key: &str) -> Option<&Group> {
        self.0.get(key)
    }

    /// All groups as one.
    pub fn total(&self) -> Group {
        let mut total = Group::default();
        for (_, group) in self.by_count() {
            total.merge(group.clone());
        }
        total
    }

    /// The groups, the largest first, and then the rest for which there was no room.
    pub fn by_count(&self) -> Vec<(&str, &Group)> {
        let mut groups: Vec<_> = self
            .0
            .iter()
            .map(|(key, group)| (key.as_str(), group))
            .collect();
        groups.sort_by(|a, b| {
            let rest = (a.0 == OTHERS).cmp(&(b.0 == OTHERS));
            rest.then(b.1.count.cmp(&a.1.count)).then(a.0.cmp(b.0))
        });
        groups
    }

    /// The groups by key.
    pub fn by_key(&self) -> Vec<(&str, &Group)> {
        let mut groups = self.by_count();
        groups.sort_by_key(|(key, _)| (*key == OTHERS, *key));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::statistics::sketch::EXACT;
    use proptest::prelude::*;

    #[test]
    fn groups_are_bounded() {
        let mut groups = Groups::default();
        for at in 0..GROUPS * 2 {
            groups.count(&at.to_string(), at % 2 == 0, &[]);
        }
        assert_eq!(groups.by_count().len(), GROUPS + 1);
        assert_eq!(groups.by_count()[GROUPS].0, OTHERS);
        assert_eq!(groups.by_key()[GROUPS].0, OTHERS);
    }

    #[test]
    fn groups_that_are_one_after_all_are_as_if_they_had_always_been() {
        for (first, second) in [
            (5, 7),
            (5, EXACT + 9),
            (EXACT + 9, 5),
            (EXACT + 9, EXACT + 1),
        ] {
            let (mut apart, mut whole) = (Groups::default(), Groups::default());
            for at in 0..first + second {
                let key = if at < first { "Orders" } else { "id-1" };
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let value = [Some(at as f64), None];
                apart.count(key, at % 3 == 0, &value);
                whole.count("Orders", at % 3 == 0, &value);
            }
            apart.rename(|key| (key == "id-1").then(|| "Orders".to_owned()));
            let row = |groups: &Groups| {
                let all = groups.by_count();
                assert_eq!(all.len(), 1);
                all[0].1.row(all[0].0, &[0.0, 50.0, 99.0])
            };
            assert_eq!(row(&apart), row(&whole), "{first} {second}");
        }
    }

    proptest! {
        /// However many records were counted together, and whatever the groups are.
        #[test]
        fn groups_do_not_depend_on_how_the_records_were_shared_out(
            records in proptest::collection::vec((0..2200_u32, any::<bool>(), -1e3_f64..1e6), 0..6000),
            size in 1..4000_usize,
        ) {
            let (mut one_by_one, mut shared_out) = (Groups::default(), Groups::default());
            for (key, bad, value) in &records {
                one_by_one.count(&key.to_string(), *bad, &[Some(*value), None]);
            }
            for records in records.chunks(size) {
                let mut partial = PartialGroups::default();
                for (key, bad, value) in records {
                    partial.count(&key.to_string(), *bad, &[Some(*value), None]);
                }
                shared_out.absorb(partial);
            }
            let rows = |groups: &Groups| {
                let rows = groups.by_count().into_iter();
                rows.map(|(key, group)| group.row(key, &[50.0, 99.0])).collect::<Vec<_>>()
            };
            prop_assert_eq!(rows(&shared_out), rows(&one_by_one));
        }
    }
}
