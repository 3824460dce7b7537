//! What each kind of value means, in words made from the tables.

use crate::check::rule::Description;
use crate::commands::explain::explanation::Explanation;
use crate::commands::explain::named;
use crate::failure::Exit;
use crate::model::code::{Category, GLOSSARY, Suffix};
use crate::model::event_log::{FieldInfo, Shape};
use crate::model::outcome::{ListedValue, UNFINISHED};
use crate::model::stage::{Direction, STAGES, Stage, StageSender};
use crate::model::sys_event::SysType;
use crate::model::trigger::{FailurePrefix, TriggerKind};

/// A lifecycle stage.
pub fn stage(stage: &Stage) -> Explanation {
    let explanation = Explanation::new(stage.key, "lifecycle stage", stage.description)
        .fact("number", format!("{} of {}", stage.number, STAGES.len()))
        .fact("direction", stage.direction.name())
        .fact(
            "sender",
            match stage.sender {
                StageSender::Connector => "connector",
                StageSender::Platform => "platform",
            },
        );
    match stage.sender {
        StageSender::Connector => explanation.note(format!(
            "An event log with this stage has the direction {}.",
            stage.direction.name()
        )),
        StageSender::Platform => {
            explanation.note("For platform use only: a connector must not send this stage.")
        }
    }
}

/// An outcome.
pub fn outcome(known: &ListedValue) -> Explanation {
    let explanation = Explanation::new(known.value, "outcome", known.description);
    let explanation = match known.value {
        "FAILED" => explanation.note("It goes with an error code, which ends the message."),
        "RETRYING" => explanation
            .note("It goes with a warning code; with an error code it contradicts itself."),
        "FILTERED" => explanation.note("It goes with 3000N (filtered) and 3001N (skipped)."),
        "MESSAGE_STORED" => {
            explanation.note("Storing is what the platform does in INBOUND_5; a connector reports MESSAGE_DELIVERED or PROCESSING.")
        }
        _ => explanation,
    };
    let explanation = if UNFINISHED.contains(&known.value) {
        explanation.note("It leaves the journey open: another event log is expected to follow.")
    } else {
        explanation
    };
    inferred(explanation)
}

/// A mode of operation.
pub fn mode(known: &ListedValue) -> Explanation {
    inferred(Explanation::new(known.value, "mode", known.description))
}

fn inferred(explanation: Explanation) -> Explanation {
    explanation.note("The document lists the value without describing it; this is our reading.")
}

/// A direction.
pub fn direction(direction: Direction) -> Explanation {
    let stages: Vec<_> = STAGES
        .iter()
        .filter(|stage| stage.direction == direction && stage.sender == StageSender::Connector)
        .map(|stage| stage.key)
        .collect();
    let (title, identifier) = match direction {
        Direction::Inbound => (
            "Data flows into SyncHive",
            "dataId may carry externalIdentities or an iri. The connector makes the correlation id and uses it in every log of the message.",
        ),
        Direction::Outbound => (
            "Data flows out of SyncHive",
            "dataId must carry the iri, and the correlation id is the one of the message that was received.",
        ),
    };
    Explanation::new(direction.name(), "direction", title)
        .fact("stages", stages.join(", "))
        .note(identifier)
}

/// The letter of an event code.
pub fn suffix(suffix: Suffix) -> Explanation {
    let count = GLOSSARY.iter().filter(|code| code.suffix == suffix).count();
    let meaning = match suffix {
        Suffix::N => "Information: something was done",
        Suffix::W => "Warning: something is wrong, and the connector keeps trying",
        Suffix::E => "Error: terminal, the connector has given up on the message",
    };
    Explanation::new(suffix.letter().to_string(), "level", meaning)
        .fact("name", suffix.level().name())
        .fact("codes", format!("{count} of {}", GLOSSARY.len()))
}

/// A range of codes.
pub fn category(category: Category) -> Explanation {
    let codes: Vec<_> = GLOSSARY
        .iter()
        .filter(|code| code.category() == category)
        .map(named)
        .collect();
    let start = Explanation::new(category.name(), "category", category.row().description)
        .fact("range", category.row().range);
    codes
        .into_iter()
        .fold(start, |explanation, code| explanation.fact("code", code))
}

/// A field of the event log.
pub fn field(field: &FieldInfo) -> Explanation {
    let explanation = Explanation::new(field.name, "event log field", field.description)
        .fact("required", if field.required { "yes" } else { "no" })
        .fact(
            "type",
            match field.shape {
                Shape::Text => "text",
                Shape::Reference => "a data reference object",
                Shape::Json => "any JSON",
            },
        );
    let explanation = match field.max_length {
        Some(length) => explanation.fact("length", format!("at most {length} characters")),
        None => explanation,
    };
    match field.note {
        "" => explanation,
        note => explanation.note(note),
    }
}

/// A type of system event.
pub fn sys_type(known: &SysType) -> Explanation {
    let start =
        Explanation::new(known.name, "system event", known.description).fact("group", known.group);
    let start = if known.transient {
        start.fact("stored", "probably not")
    } else {
        start
    };
    let explanation = known.data.iter().fold(start, |explanation, field| {
        explanation.fact("data", format!("{}: {}", field.name, field.description))
    });
    let Some(kind) = TriggerKind::of(known.name) else {
        return explanation;
    };
    match known.verb() {
        "ok" => explanation.note("Its absence proves nothing: each trigger can be configured not to raise it."),
        "error" => explanation.note("The flow ran and ended with an error. A flow that could not run at all raises .failed instead."),
        "failed" => explanation
            .note("The flow never ran. The error begins with one of four texts, which say what follows:")
            .note(consequences(kind)),
        "disabled" => explanation.note("It follows a .failed event of the same trigger. Nothing runs until somebody fixes the cause and enables the trigger again."),
        "sync" => explanation.note("The star after the name in the reference is a footnote mark, not part of the name; we read it as: not stored by the server."),
        _ => explanation,
    }
}

fn consequences(kind: TriggerKind) -> String {
    use crate::model::trigger::FAILURE_PREFIXES;
    let lines: Vec<_> = FAILURE_PREFIXES
        .iter()
        .map(|known| format!("{}: {}", known.prefix, known.consequence(kind)))
        .collect();
    lines.join("\n")
}

/// The types that begin alike.
pub fn group(name: &str, types: &[&SysType]) -> Explanation {
    let start = Explanation::new(
        name,
        "system events",
        format!("{} types that begin with {name}", types.len()),
    );
    types.iter().fold(start, |explanation, known| {
        explanation.fact("type", format!("{}: {}", known.name, known.description))
    })
}

/// A rule of `validate`.
pub fn rule(rule: &Description) -> Explanation {
    Explanation::new(rule.name, "rule", rule.summary)
        .fact("level", rule.level.name())
        .fact("basis", rule.basis.name())
        .fact("help", rule.help)
        .note(rule.explanation)
        .note(format!(
            "Another level for one run: --rule {}=error, =warning, =hint or =off; permanently: check.rules in the profile.",
            rule.name
        ))
}

/// The error text of an event whose flow could not run.
pub fn failure(known: &FailurePrefix, rest: &str) -> Explanation {
    let start = Explanation::new(known.prefix, "server error text", known.meaning);
    let explanation = if rest.is_empty() {
        start
    } else {
        start.fact("details", rest)
    };
    let kinds = [TriggerKind::Schedule, TriggerKind::Event];
    let disables = kinds.into_iter().any(|kind| known.disables(kind));
    explanation
        .fact("schedule trigger", known.consequence(TriggerKind::Schedule))
        .fact("event trigger", known.consequence(TriggerKind::Event))
        .note(format!("What to do: {}.", known.advice))
        .note(format!("The flow never ran: the text comes in the error of trigger.schedule.failed or trigger.event.failed{}.", if disables { ", and again as the reason of .disabled" } else { "" }))
}

/// How the program ended.
pub fn exit(exit: Exit) -> Explanation {
    Explanation::new(exit.code().to_string(), "exit code", exit.meaning())
        .note("All of them: hivelog help exit-codes")
}
