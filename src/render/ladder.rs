//! The stages of a journey: which were reported, how often and how badly.

use crate::model::stage::{STAGES, Stage};
use crate::render::mark::Mark;

/// A stage of the journey's direction.
#[derive(Clone, Copy, Debug)]
pub struct Rung {
    /// The stage.
    pub stage: &'static Stage,
    /// The worst that was reported; nothing where nothing was.
    pub worst: Option<Mark>,
    /// How many event logs reported it.
    pub times: usize,
}

/// The stages of a direction, with what was reported of each: its key, and how bad it was.
pub fn rungs<'a>(
    direction: &str,
    reported: impl Iterator<Item = (&'a str, Mark)> + Clone,
) -> impl Iterator<Item = Rung> {
    let stages = STAGES
        .iter()
        .filter(move |stage| stage.direction.name() == direction);
    stages.map(move |stage| {
        let marks = reported.clone().filter(|(key, _)| *key == stage.key);
        let (worst, times) = marks.fold((None, 0), |(worst, times), (_, mark)| {
            (worst.max(Some(mark)), times + 1)
        });
        Rung {
            stage,
            worst,
            times,
        }
    })
}
