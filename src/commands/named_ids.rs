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
    type Found = Option<LearnedIds>;

    fn inspect(&self, memory: &mut Self::Memory, _: &str, batch: &Batch) -> Option<LearnedIds> {
        let (opener, filter) =
            memory.get_or_insert_with(|| (self.opener.clone(), self.filter.clone()));
        let known = filter.learned.count();
        for record in batch.records() {
            opener.open(record.bytes, None, &mut |found| {
                if let Ok(event) = found {
                    filter.learn(&event);
                }
            });
        }
        (filter.learned.count() > known).then(|| filter.learned.clone())
    }
}

struct LearnInto<'a>(&'a mut Filter);

impl Take<Option<LearnedIds>> for LearnInto<'_> {
    fn block(&mut self, _: &str, _: &Batch, found: Option<LearnedIds>) -> Progress {
        if let Some(found) = found {
            self.0.learned.merge(&found);
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, _: Failure) -> Progress {
        // It is reported when it is read for good.
        Progress::GoOn
    }
}
