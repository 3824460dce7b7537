//! Journeys on a page of their own, which needs nothing from elsewhere.

use super::{DayClock, meaning};
use crate::commands::journey::closing::Closing;
use crate::commands::journey::timeline::{LogEntry, SysEntry, Timeline, TimelineEntry};
use crate::model::code::CodeLevel;
use crate::model::timestamp::Zone;
use crate::render::html;
use crate::render::html::journey::{Article, HtmlRemark, HtmlRow};
use crate::render::mark::Mark;
use std::sync::Arc;

/// The story of each journey of an id.
pub fn stories(found: &[Timeline], id: &str, zone: Zone) -> String {
    let articles = found.iter().enumerate();
    let articles = articles.map(|(at, journey)| article(journey, at, zone));
    html::page(&format!("journey {id}"), &articles.collect::<String>())
}

fn article(timeline: &Timeline, at: usize, zone: Zone) -> String {
    let entries = &timeline.entries;
    let mut clock = DayClock::new(zone);
    let rows = entries.iter().enumerate().map(|(row, entry)| {
        let anchor = format!("j{at}r{row}");
        match entry {
            TimelineEntry::EventLog(log) => log_row(log, anchor, &mut clock),
            TimelineEntry::Sys(event) => sys_row(event, anchor, &mut clock),
        }
    });
    let text = |text: &'_ Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    let (shape, integration) = (
        text(&timeline.summary.shape_name),
        text(&timeline.key.integration_key),
    );
    let closing = Closing::of(timeline);
    let status = timeline.summary.status();
    Article {
        anchor: format!("j{at}"),
        shape: &shape,
        integration: &integration,
        direction: timeline.key.direction.as_deref().unwrap_or_default(),
        correlation_id: &timeline.key.correlation_id,
        stream: timeline.key.stream.as_deref(),
        ends: Some((status.mark(), status.name())),
        closing: Some((closing.said, closing.help)),
        hidden: 0,
        rows: rows.collect(),
    }
    .html()
}

fn log_row<'a>(log: &'a LogEntry, anchor: String, clock: &mut DayClock) -> HtmlRow<'a> {
    let (day, clock) = clock.show(log.time.as_deref());
    let mark = Mark::of_level(log.level);
    let waits = || (Mark::Warning, "in the spool".to_owned());
    HtmlRow {
        anchor,
        day,
        clock,
        mark,
        stage_mark: mark,
        code: log.event_code.as_deref().unwrap_or("?"),
        what: meaning(log.meaning),
        stage: log.life_cycle_stage.as_deref().unwrap_or_default(),
        outcome: log.outcome.as_deref().unwrap_or_default(),
        badge: log.is_waiting.then(waits),
        detail: log.detail.as_deref(),
        from: format!("{}, line {}", log.place.source, log.place.line),
        raw: None,
        is_open: log.level >= Some(CodeLevel::Warning),
        remarks: log
            .findings
            .iter()
            .map(|finding| HtmlRemark {
                mark: Mark::of_finding(finding.level),
                rule: finding.rule,
                message: &finding.message,
                help: "",
            })
            .collect(),
    }
}

fn sys_row<'a>(event: &'a SysEntry, anchor: String, clock: &mut DayClock) -> HtmlRow<'a> {
    let (day, clock) = clock.show(event.time.as_deref());
    let mark = Mark::of_event(&event.event_type);
    HtmlRow {
        anchor,
        day,
        clock,
        mark,
        // It says nothing about a stage of the journey.
        stage_mark: Mark::Unknown,
        code: &event.event_type,
        what: event.name.as_deref().unwrap_or_default(),
        stage: "",
        outcome: "sys event",
        badge: None,
        detail: event.text.as_deref(),
        from: format!("{}, line {}", event.place.source, event.place.line),
        raw: None,
        is_open: mark == Mark::Error,
        remarks: Vec::new(),
    }
}
