//! Which records ended in one way: sorted ranges of lines, or ids.

use crate::commands::emit::output::Naming;
use crate::commands::emit::result::Delivery;
use crate::model::text::short_id;
use crate::render::sanitise;
use std::collections::BTreeMap;

/// How many ranges are shown; more help nobody.
const SHOWN: usize = 8;

/// How many ids are shown: 'hivelog spool list' has them all.
const SHOWN_IDS: usize = 3;

/// How many ranges are kept, however records that ended in other ways lie between them.
const MOST: usize = 10_000;

/// A set of records, as a person finds them again.
#[derive(Debug)]
pub(super) enum Named {
    Lines(Places),
    Ids { first: Vec<String>, count: usize },
}

impl Named {
    /// No record.
    pub(super) fn new(naming: Naming) -> Named {
        match naming {
            Naming::Lines => Named::Lines(Places::default()),
            Naming::Ids => Named::Ids {
                first: Vec::new(),
                count: 0,
            },
        }
    }

    /// Adds a record. They come in any order.
    pub(super) fn add(&mut self, delivery: &Delivery) {
        match self {
            Named::Lines(places) => places.add(delivery),
            Named::Ids { first, count } => {
                *count += 1;
                if first.len() < SHOWN_IDS {
                    first.extend(delivery.id.as_deref().map(|id| short_id(id).to_owned()));
                }
            }
        }
    }

    /// ` (lines 7, 31-40)`, or ` (4f2a91c3, 9d0b11e7)`. The name of a source is given where it is
    /// not `usual`.
    pub(super) fn shown(&self, usual: &str) -> String {
        match self {
            Named::Lines(places) => places.shown(usual),
            Named::Ids { first, .. } if first.is_empty() => String::new(),
            Named::Ids { first, count } => {
                format!(" ({}{})", first.join(", "), more(count - first.len()))
            }
        }
    }
}

/// What stands for those that are not shown.
fn more(hidden: usize) -> String {
    match hidden {
        0 => String::new(),
        hidden => format!(", … {hidden} more"),
    }
}

/// Records by source in the order of appearance, and by number.
#[derive(Debug, Default)]
pub(super) struct Places {
    sources: Vec<(String, BTreeMap<u64, Range>)>,
    ranges: usize,
}

/// Records that follow one another.
#[derive(Clone, Copy, Debug)]
struct Range {
    last_record: u64,
    first_line: u64,
    last_line: u64,
}

impl Places {
    fn add(&mut self, delivery: &Delivery) {
        let known = self
            .sources
            .iter()
            .position(|(source, _)| *source == delivery.source);
        let place = known.unwrap_or_else(|| {
            self.sources
                .push((delivery.source.clone(), BTreeMap::new()));
            self.sources.len() - 1
        });
        let ranges = &mut self.sources[place].1;
        let before = ranges.range_mut(..=delivery.record).next_back();
        let start = match before {
            Some((_, range)) if delivery.record <= range.last_record => return,
            Some((start, range)) if delivery.record == range.last_record + 1 => {
                range.last_record = delivery.record;
                range.last_line = delivery.line;
                *start
            }
            _ if self.ranges >= MOST => return,
            _ => {
                self.ranges += 1;
                let range = Range {
                    last_record: delivery.record,
                    first_line: delivery.line,
                    last_line: delivery.line,
                };
                ranges.insert(delivery.record, range);
                delivery.record
            }
        };
        if let Some(next) = ranges.remove(&(delivery.record + 1))
            && let Some(range) = ranges.get_mut(&start)
        {
            range.last_record = next.last_record;
            range.last_line = next.last_line;
            self.ranges -= 1;
        }
    }

    fn shown(&self, usual: &str) -> String {
        let ranges = self.sources.iter().flat_map(|(source, ranges)| {
            let name = if source == usual {
                String::new()
            } else {
                format!("{}:", sanitise::line(source))
            };
            ranges.values().map(move |range| format!("{name}{range}"))
        });
        let shown: Vec<String> = ranges.take(SHOWN).collect();
        let more = more(self.ranges.saturating_sub(SHOWN));
        let word = match shown.as_slice() {
            [] => return String::new(),
            [only] if !only.contains('-') && more.is_empty() => "line",
            _ => "lines",
        };
        format!(" ({word} {}{more})", shown.join(", "))
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.first_line, self.last_line) {
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}
