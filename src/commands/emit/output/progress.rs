//! The progress bar of `emit`: on a terminal, on standard error, gone when the work is done.

use crate::model::delivery::DeliveryStatus;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::cell::Cell;
use std::time::Duration;

/// A bar that counts results.
pub struct ResultBar {
    bar: ProgressBar,
    delivered: Cell<u64>,
    other: Cell<u64>,
}

impl ResultBar {
    /// A bar that shows itself when the work takes a while.
    pub fn new() -> ResultBar {
        let bar = ProgressBar::no_length();
        // The template is a constant; a mistake in it would leave the built-in style.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({rate}, {elapsed})") {
            bar.set_style(style.with_key("rate", rate));
        }
        bar.set_message("sending");
        bar.enable_steady_tick(Duration::from_millis(120));
        ResultBar {
            bar,
            delivered: Cell::new(0),
            other: Cell::new(0),
        }
    }

    /// How many results there will be is known now.
    pub fn expect(&self, total: u64) {
        self.bar.set_length(total);
        let template = "{spinner} {bar:24} {pos}/{len} {msg} ({rate}, {eta} left)";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.with_key("rate", rate));
        }
    }

    /// One more result.
    pub fn count(&self, status: DeliveryStatus) {
        let counter = if status == DeliveryStatus::Delivered {
            &self.delivered
        } else {
            &self.other
        };
        counter.set(counter.get() + 1);
        let delivered = self.delivered.get();
        self.bar.inc(1);
        self.bar.set_message(match self.other.get() {
            0 => format!("delivered {delivered}"),
            other => format!("delivered {delivered}, not delivered {other}"),
        });
    }

    /// Does something that may write to the terminal, with the bar out of the way.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Results a second, without decimals.
fn rate(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    let _ = write!(text, "{:.0}/s", state.per_sec());
}

impl Default for ResultBar {
    fn default() -> ResultBar {
        ResultBar::new()
    }
}
