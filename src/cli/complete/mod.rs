//! Completion candidates of flags. A closed list goes with `#[arg(value_parser = complete::codes())]`
//! and is known to static scripts, too; the others with `#[arg(add = complete::profiles())]`.

mod dynamic;
mod lists;

pub use dynamic::{
    PATHS, attached, event_type_list, formats, in_any_case, prepared, profiles, report_and_file,
    rule_levels, spool_ids, text_or_file,
};
pub use lists::{
    LEVELS, auth_ways, codes, described, directions, event_types, fields, help_topics,
    manual_pages, modes, outcomes, reports, rule_settings, rules, sort_orders, stages, sys_types,
    words, zones,
};
