//! Completion candidates of flags. A closed list goes with `#[arg(value_parser = complete::codes())]`
//! and is known to static scripts, too; the others with `#[arg(add = complete::profiles())]`.

mod dynamic;
mod lists;

pub use dynamic::{
    PATHS, event_type_list, help_topics, prepared, profiles, report_and_file, rule_levels,
    spool_ids, text_or_file,
};
pub use lists::{
    LEVELS, codes, described, directions, event_types, fields, modes, outcomes, reports,
    rule_settings, rules, stages, sys_types, words,
};
