//! Names of fields, as people type them.

use super::event_log::Field;
use super::sys_event::SysMember;
use super::text::nearest;

/// The members of an envelope, and of the records that hivelog adds.
const MEMBERS: [&str; 21] = [
    "id",
    "ts",
    "kind",
    "type",
    "persistent",
    "src",
    "src_id",
    "handled",
    "data",
    "source_flow_id",
    "origin_flow_id",
    "origin_trigger_id",
    "updated_at",
    "hivelogSource",
    "at",
    "from",
    "to",
    "recovered",
    "resumed",
    "count",
    "exit",
];

/// Says what was most likely meant by a name that is nearly a known one.
///
/// Events may carry data nobody has documented, so a name that is like no other is left alone,
/// and so is everything behind `data.`.
pub fn misspelt(path: &str) -> Option<String> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    // What is very short is near to everything.
    if first.chars().count() < 3 || documented().any(|name| name == first) {
        return None;
    }
    let near = match rest {
        None => nearest(first, documented())?,
        Some(_) => nearest(first, ["data"])?,
    };
    Some(match rest {
        None => format!("did you mean {near}? (a field of the data by that name is data.{path})"),
        Some(rest) => format!("did you mean {near}.{rest}?"),
    })
}

/// Whether a name is that of a documented field, so that an event without it is nothing odd.
pub fn is_documented(path: &str) -> bool {
    let path = path.strip_prefix("data.").unwrap_or(path);
    let first = path.split('.').next();
    documented().any(|name| Some(name) == first)
}

/// The documented names of members, of events and of event logs.
pub fn documented() -> impl Iterator<Item = &'static str> + Clone {
    MEMBERS
        .into_iter()
        .chain(SysMember::ALL.map(SysMember::name))
        .chain(Field::ALL.map(Field::name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nearly_a_known_name_is_a_mistake() {
        for (typed, meant) in [
            ("typ", Some("type?")),
            ("Type", Some("type?")),
            ("flowName", Some("flow_name?")),
            ("duration-ms", Some("duration_ms?")),
            ("dta.inputs", Some("data.inputs?")),
            ("type", None),
            ("schedule_id", None),
            ("data.typ", None),
            ("n", None),
            ("order", None),
            ("order_number", None),
            ("nested.deep", None),
        ] {
            let said = misspelt(typed);
            assert_eq!(said.is_some(), meant.is_some(), "{typed}: {said:?}");
            if let (Some(said), Some(meant)) = (said, meant) {
                assert!(said.starts_with(&format!("did you mean {meant}")), "{said}");
            }
        }
    }
}
