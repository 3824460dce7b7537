//! The time in front of an event, and the line where a day begins.

use crate::commands::tail::output::clock::TimeFormatter;
use crate::model::duration::plain_duration;
use crate::model::event::Event;
use crate::model::format::Time;
use crate::model::timestamp::{Timestamp, Zone};
use crate::render::fit::columns;
use crate::render::sanitise;
use std::time::Duration;

/// Writes times in one form, below each other.
#[derive(Debug)]
pub(super) struct TimeColumn {
    form: Time,
    zone: Zone,
    clock: TimeFormatter,
    /// The time of the event before.
    before: Option<Timestamp>,
    /// The columns of the latest time.
    width: usize,
}

impl TimeColumn {
    pub(super) fn new(form: Time, zone: Zone) -> TimeColumn {
        TimeColumn {
            form,
            zone,
            clock: TimeFormatter::new(zone),
            before: None,
            width: usual_width(form),
        }
    }

    /// Writes the time of an event; returns the columns it takes.
    pub(super) fn write(&mut self, event: &Event<'_>, out: &mut String) -> usize {
        let begin = out.len();
        let own = || {
            let at = |name: &str| event.value().get(name)?.as_str();
            at("at")
                .or_else(|| at("to"))
                .filter(|_| event.kind == "hivelog")
        };
        match event.ts.as_deref().or_else(own) {
            Some(text) => self.text(text, out),
            // As wide as the one before, so that what follows is aligned.
            None => out.extend(std::iter::repeat_n(' ', self.width)),
        }
        self.width = columns(&out[begin..]);
        self.width
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let shown = match self.form {
            Time::Short => self.clock.short(text, out),
            Time::Full => Timestamp::parse(text).map(|ts| out.push_str(&ts.at(self.zone).full())),
            Time::Delta => Timestamp::parse(text).map(|ts| out.push_str(&self.delta(ts))),
            Time::None => Some(()),
        };
        if shown.is_none() {
            out.push_str(&sanitise::line(text));
        }
    }

    /// The time since the event before.
    fn delta(&mut self, ts: Timestamp) -> String {
        let before = self.before.replace(ts);
        let millis = before.map_or(0, |before| ts.millis_since(before));
        let sign = if millis < 0 { '-' } else { '+' };
        let gone = plain_duration(Duration::from_millis(millis.unsigned_abs()));
        format!("{:>14}", format!("{sign}{gone}"))
    }

    /// The day of the time that was written last, if it is another than that of the one before.
    pub(super) fn new_day(&mut self) -> Option<&str> {
        self.clock.new_day()
    }

    /// Whether times are shown at all.
    pub(super) fn is_shown(&self) -> bool {
        self.form != Time::None
    }

    /// Whether the latest time is as wide as times are.
    pub(super) fn is_usual(&self) -> bool {
        self.width == usual_width(self.form)
    }

    /// Forgets the day: the next one may follow on any.
    pub(super) fn forget_day(&mut self) {
        self.clock = TimeFormatter::new(self.zone);
    }

    /// Other times have been written, all as wide as times are.
    pub(super) fn pass_usual(&mut self) {
        self.width = usual_width(self.form);
    }
}

/// The columns that a time takes.
const fn usual_width(form: Time) -> usize {
    match form {
        Time::Short => 12,
        Time::Full => 30,
        Time::Delta => 14,
        Time::None => 0,
    }
}
