//! The rules about sys events: the envelope, and the data that the reference names.

use super::fields::name_of;
use super::finding::FindingPlace;
use super::rule::Rule;
use super::subject::Subject;
use crate::model::sys_event::{DataType, SYS_TYPES, SysType};
use crate::model::text::did_you_mean;
use crate::wire::json::NodeKind;

/// Judges an envelope.
pub fn check(subject: &mut Subject<'_>, root: usize) {
    let kind = envelope_text(subject, root, "kind");
    let event_type = envelope_text(subject, root, "type");
    let (Some(kind), Some(type_value)) = (kind, event_type) else {
        return;
    };
    if !subject.document.is_text(subject.text(), kind, "sys") {
        return;
    }
    let Some(typed) = subject.string(type_value) else {
        return;
    };
    let starred = typed.ends_with('*');
    if starred {
        let message = format!("the star in {typed} is a footnote mark of the reference");
        subject.report(
            Rule::SysStarInType,
            FindingPlace::Value(type_value),
            message,
        );
    }
    let Some(known) = SysType::find(typed.trim_end_matches('*')) else {
        let guess = did_you_mean(&typed, SYS_TYPES.iter().map(|known| known.name));
        let message = format!("the reference does not list the sys event {typed}{guess}");
        subject.report(
            Rule::SysUnknownType,
            FindingPlace::Value(type_value),
            message,
        );
        return;
    };
    let data = subject.get(root, "data");
    if let Some(data) = data
        && !matches!(subject.node(data).kind, NodeKind::Object | NodeKind::Broken)
    {
        let message = format!(
            "data is {} where an object is needed",
            name_of(subject.node(data).kind)
        );
        subject.report(Rule::SysWrongType, FindingPlace::Value(data), message);
        return;
    }
    for field in known.data {
        let value = data.and_then(|data| subject.get(data, field.name));
        match value {
            Some(value) => check_type(subject, field.name, field.data_type, value),
            // An error text is only there when there is an error.
            None if known.verb() == "ok" && field.name == "error" => {}
            None if subject.document.is_whole_in(data.unwrap_or(root)) => {
                let place = data.map_or(FindingPlace::Record, FindingPlace::Value);
                let message = format!("{} has no data.{}", known.name, field.name);
                subject.report(Rule::SysMissingData, place, message);
            }
            None => {}
        }
    }
    if let Some(data) = data {
        contradiction(subject, known, data);
    }
}

/// A member that must be text with something in it.
fn envelope_text(subject: &mut Subject<'_>, root: usize, name: &str) -> Option<usize> {
    let Some(value) = subject.get(root, name) else {
        if subject.document.is_whole_in(root) {
            subject.report(
                Rule::SysMissingField,
                FindingPlace::Record,
                format!("{name} is missing"),
            );
        }
        return None;
    };
    match subject.node(value).kind {
        NodeKind::Text | NodeKind::Escaped if !subject.value(value).is_blank() => {
            return Some(value);
        }
        NodeKind::Text | NodeKind::Escaped => {
            subject.report(
                Rule::SysMissingField,
                FindingPlace::Value(value),
                format!("{name} is empty"),
            );
        }
        NodeKind::Broken => {}
        other => {
            let message = format!("{name} is {} where text is needed", name_of(other));
            subject.report(Rule::SysWrongType, FindingPlace::Value(value), message);
        }
    }
    None
}

fn check_type(subject: &mut Subject<'_>, name: &str, wanted: DataType, value: usize) {
    let kind = subject.node(value).kind;
    let (fits, word) = match wanted {
        DataType::String => (matches!(kind, NodeKind::Text | NodeKind::Escaped), "text"),
        DataType::Number => (kind == NodeKind::Number, "a number"),
        DataType::Boolean => (
            matches!(kind, NodeKind::True | NodeKind::False),
            "a boolean",
        ),
        DataType::Any => (true, "anything"),
    };
    if !fits && kind != NodeKind::Broken {
        let message = format!("data.{name} is {} where {word} is needed", name_of(kind));
        subject.report(Rule::SysWrongType, FindingPlace::Value(value), message);
    }
}

fn contradiction(subject: &mut Subject<'_>, known: &SysType, data: usize) {
    let ok = subject.get(data, "ok");
    let ok_is = |wanted: NodeKind| ok.is_some_and(|value| subject.node(value).kind == wanted);
    let error = subject.get(data, "error").filter(|value| {
        subject
            .string(*value)
            .is_some_and(|text| !text.trim().is_empty())
    });
    let (place, what) = match (known.verb(), ok, error) {
        ("ok", Some(ok), _) if ok_is(NodeKind::False) => (ok, "ok=false"),
        ("ok", _, Some(error)) => (error, "an error text"),
        ("error", Some(ok), _) if ok_is(NodeKind::True) => (ok, "ok=true"),
        _ => return,
    };
    let message = format!("{} with {what}", known.name);
    subject.report(Rule::SysContradiction, FindingPlace::Value(place), message);
}
