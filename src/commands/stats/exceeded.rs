//! Thresholds and the groups that exceed them.

use super::output::{StatsReport, measure};
use crate::model::text::counted;
use crate::query::threshold::Threshold;

/// How many groups that exceed a threshold are named.
const NAMED: usize = 10;

/// Which groups are beyond which threshold.
pub fn exceeded(thresholds: &[(Threshold, usize)], report: &StatsReport<'_>) -> Vec<String> {
    let mut passed = Vec::new();
    for (threshold, field) in thresholds {
        let mut more = 0;
        for row in &report.rows {
            let before = row.before.group();
            let Some(beyond) = threshold.beyond(&row.group, *field, before) else {
                continue;
            };
            if passed.len() >= NAMED {
                more += 1;
                continue;
            }
            let watched = threshold.field.as_deref().unwrap_or(report.field);
            let shown = |value: f64| match threshold.is_rate() {
                true => format!("{:.1}%", value * 100.0),
                false if threshold.needs_values() => measure(value, watched.ends_with("_ms")),
                false => format!("{value}"),
            };
            let (measured, limit) = threshold.parts();
            let before = if threshold.is_relative() {
                format!(" (before: {})", shown(beyond.other))
            } else {
                String::new()
            };
            passed.push(format!(
                "threshold exceeded: {measured} {} {limit}{before} ({})",
                shown(beyond.value),
                row.key()
            ));
        }
        if more > 0 {
            passed.push(format!(
                "threshold exceeded by {}",
                counted(more, "more group")
            ));
        }
    }
    passed
}
