//! The ids that go with the names a filter asks for, wherever in the input a name stands beside its
//! id.

use crate::failure::Failure;
use crate::host::Interrupt;
use crate::query::filter::{Filter, LearnedIds};
use crate::records::{Batch, InspectRecords, Progress, Sources, Take, read_all};
use crate::wire::envelope::{LIMIT, Layout, Opener};

/// Reads the sources for ids that go with the names, and asks for those as well.
pub fn learn_names(filter: &mut Filter, sources: Sources, layout: Layout, interrupt: &Interrupt) {
    let learner = NameLearner {
        filter: filter.clone(),
        opener: Opener::new(layout),
    };
    // What stops this stops the reading that follows as well.
    let _ = read_all(sources, LIMIT, learner, interrupt, &mut LearnInto(filter));
}

struct NameLearner {
    filter: Filter,
    opener: Opener,
}

impl InspectRecords for NameLearner {
    type Memory = Option<(Opener, Filter)>;
    type Found = LearnedIds;

    fn inspect(&self, memory: &mut Self::Memory, _: &str, batch: &Batch) -> LearnedIds {
        let (opener, filter) =
            memory.get_or_insert_with(|| (self.opener.clone(), self.filter.clone()));
        for record in batch.records() {
            opener.open(record.bytes, None, &mut |found| {
                if let Ok(event) = found {
                    filter.learn(&event);
                }
            });
        }
        std::mem::take(&mut filter.learned)
    }
}

struct LearnInto<'a>(&'a mut Filter);

impl Take<LearnedIds> for LearnInto<'_> {
    fn block(&mut self, _: &str, _: &Batch, found: LearnedIds) -> Progress {
        self.0.learned.merge(&found);
        Progress::GoOn
    }

    fn unreadable(&mut self, _: Failure) -> Progress {
        // It is reported when it is read for good.
        Progress::GoOn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Event;

    #[test]
    fn a_block_that_is_inspected_again_has_the_same_ids() {
        let learner = NameLearner {
            filter: Filter {
                flows: vec!["Orders".to_owned()],
                ..Filter::default()
            },
            opener: Opener::new(Layout::default()),
        };
        let line = r#"{"type":"x","data":{"flow_id":"F1","flow_name":"Orders"}}"#;
        let mut memory = None;
        for _ in 0..2 {
            let found = learner.inspect(&mut memory, "f", &Batch::of(line));
            let mut filter = Filter {
                flows: vec!["other".to_owned()],
                ..Filter::default()
            };
            LearnInto(&mut filter).block("f", &Batch::default(), found);
            let nameless = r#"{"type":"x","data":{"flow_id":"F1"}}"#;
            assert!(filter.passes(&Event::read(nameless).unwrap()));
        }
    }
}
