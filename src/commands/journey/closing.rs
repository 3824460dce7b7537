//! What there is to say about a journey as a whole, and what the reader can do.

use super::summary::JourneyStatus;
use super::timeline::{Timeline, TimelineEntry};
use crate::model::code::{Code, CodeLevel};
use crate::model::duration::plain_duration;

/// The sentence a story ends with.
#[derive(Debug)]
pub struct Closing {
    /// `failed after 4.1 s: 4005E Authentication to external system failed`
    pub said: String,
    /// What to do, one thing a line.
    pub help: Vec<String>,
}

impl Closing {
    /// The sentence of a journey.
    pub fn of(timeline: &Timeline) -> Closing {
        let summary = &timeline.summary;
        let status = summary.status();
        let preposition = match status {
            JourneyStatus::Failed => "after",
            JourneyStatus::Retrying | JourneyStatus::Open => "for",
            JourneyStatus::Done => "in",
        };
        let lasted = summary
            .lasted()
            .filter(|lasted| !lasted.is_zero())
            .map(|lasted| format!(" {preposition} {}", plain_duration(lasted)));
        let code = summary.code();
        let meaning = code.and_then(Code::find).map(|code| code.description);
        let words = [code, meaning].into_iter().flatten().collect::<Vec<_>>();
        let mut said = format!("{}{}", status.name(), lasted.unwrap_or_default());
        if !words.is_empty() {
            said = format!("{said}: {}", words.join(" "));
        }
        Closing {
            said,
            help: help(timeline),
        }
    }
}

fn help(timeline: &Timeline) -> Vec<String> {
    let summary = &timeline.summary;
    let entries = &timeline.entries;
    let mut help = Vec::new();
    match summary.status() {
        JourneyStatus::Failed => {
            if let Some(action) = action(entries) {
                help.push(format!("the connector advises: {action}"));
            }
            help.push(match summary.code().and_then(Code::find) {
                Some(known) => format!(
                    "the message is not processed any further; 'hivelog explain {known}' says more"
                ),
                None => "the message is not processed any further".to_owned(),
            });
        }
        JourneyStatus::Retrying => help.push(
            "the connector keeps trying; it sends an error code once it has given up".to_owned(),
        ),
        JourneyStatus::Open => help.extend(summary.outcome.as_ref().map(|outcome| {
            format!("the last outcome is {outcome}: more event logs should follow")
        })),
        JourneyStatus::Done => {}
    }
    let waiting = entries.iter().filter(|entry| match entry {
        TimelineEntry::EventLog(log) => log.is_waiting,
        TimelineEntry::Sys(_) => false,
    });
    match waiting.count() {
        0 => {}
        1 => help.push("one of its event logs waits in the spool: hivelog spool drain".to_owned()),
        count => help.push(format!(
            "{count} of its event logs wait in the spool: hivelog spool drain"
        )),
    }
    help
}

/// The third part of the last error's detail, on one line: the action it asks for. The parts are
/// lines, or paragraphs where there are any.
fn action(entries: &[TimelineEntry]) -> Option<String> {
    let mut errors = entries.iter().rev().filter_map(|entry| match entry {
        TimelineEntry::EventLog(log) if log.level == Some(CodeLevel::Error) => Some(log),
        _ => None,
    });
    let detail = errors.next()?.detail.as_deref()?;
    let detail = detail.replace("\r\n", "\n");
    let has_paragraphs = detail.trim().contains("\n\n");
    let between = if has_paragraphs { "\n\n" } else { "\n" };
    let parts = detail.split(between).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let [_, _, action] = parts.as_slice() else {
        return None;
    };
    let words = action.split_whitespace().collect::<Vec<_>>();
    Some(words.join(" "))
}
