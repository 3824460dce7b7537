//! Shows what `codes` has found.

use crate::command::codes::Answer;
use crate::view::{self, Page};

/// The answer on its page; an export has a form of its own.
pub fn render(answer: &Answer, page: &Page) -> Vec<u8> {
    match answer {
        Answer::Codes(codes) => view::codes::codes(codes, page),
        Answer::Stages(stages) => view::codes::stages(stages, page),
        Answer::Choices(choices) => view::codes::choices(choices, page),
        Answer::Sys(types) => view::codes::sys_types(types, page),
        Answer::Rules(rules) => view::codes::rules(rules, page),
        Answer::Picks(picks) => view::codes::picks(picks, page),
        Answer::Export(export) => view::export::render(*export),
    }
}
