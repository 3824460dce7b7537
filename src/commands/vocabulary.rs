//! Every word that has a meaning here, for finding the one that was probably meant.

use crate::check::rule::Rule;
use crate::model::code::{Category, GLOSSARY};
use crate::model::event_log::Field;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES};
use crate::model::sys_event::SYS_TYPES;
use crate::model::text;
use crate::model::trigger::FAILURE_PREFIXES;

/// Every word, the most likely to be meant first.
pub fn words() -> impl Iterator<Item = &'static str> {
    let codes = GLOSSARY.iter().map(|code| code.key);
    let stages = STAGES.iter().map(|stage| stage.key);
    let choices = OUTCOMES.iter().chain(&MODES).map(|choice| choice.value);
    let directions = Direction::ALL.map(Direction::name);
    let types = SYS_TYPES.iter().map(|known| known.name);
    let fields = Field::ALL.map(Field::name);
    let categories = Category::ALL.map(|category| category.row().word);
    let prefixes = FAILURE_PREFIXES.iter().map(|known| known.prefix);
    codes
        .chain(stages)
        .chain(choices)
        .chain(directions)
        .chain(types)
        .chain(Rule::names())
        .chain(fields)
        .chain(categories)
        .chain(prefixes)
}

/// The word that is meant by a loose spelling: case, blanks, `-`, `_` and `.` do not count.
pub fn meant(typed: &str) -> Option<&'static str> {
    text::meant(typed, words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_have_the_same_loose_spelling() {
        let mut spellings: Vec<_> = words().map(text::fold).collect();
        let count = spellings.len();
        spellings.sort();
        spellings.dedup();
        assert_eq!(spellings.len(), count);
    }

    #[test]
    fn loose_spellings_are_understood() {
        assert_eq!(meant("inbound-1"), Some("INBOUND_1"));
        assert_eq!(meant("life_cycle_stage"), Some("lifeCycleStage"));
        assert_eq!(
            meant("Trigger Schedule Failed"),
            Some("trigger.schedule.failed")
        );
        assert_eq!(meant("nothing of the kind"), None);
    }
}
