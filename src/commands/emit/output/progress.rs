//! The progress bar of `emit`: on a terminal, on standard error, gone when the work is done.

use crate::model::delivery::{DeliveryStatus, Problem};
use crate::render::sanitise;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// A bar that counts results.
pub struct ResultBar {
    bar: ProgressBar,
    delivered: Cell<u64>,
    other: Cell<u64>,
    /// Why nothing gets through at the moment.
    trouble: RefCell<Option<String>>,
}

impl ResultBar {
    /// A bar that shows itself when the work takes a while.
    pub fn new() -> ResultBar {
        let bar = ResultBar {
            bar: ProgressBar::no_length(),
            delivered: Cell::new(0),
            other: Cell::new(0),
            trouble: RefCell::new(None),
        };
        bar.show();
        bar.bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    /// How many results there will be is known now.
    pub fn expect(&self, total: u64) {
        self.bar.set_length(total);
        self.show();
    }

    /// Why nothing gets through at the moment; nothing once it does.
    pub fn explain(&self, trouble: Option<&Problem>) {
        let said = |trouble: &Problem| {
            let detail = trouble.detail.iter().filter(|said| **said != trouble.title);
            let whole = std::iter::once(&trouble.title).chain(detail);
            let whole: Vec<_> = whole.map(|part| sanitise::line(part)).collect();
            format!("trying again: {}", whole.join(": "))
        };
        self.trouble.replace(trouble.map(said));
        self.show();
    }

    /// One more result.
    pub fn count(&self, status: DeliveryStatus) {
        let counter = if status == DeliveryStatus::Delivered {
            &self.delivered
        } else {
            &self.other
        };
        counter.set(counter.get() + 1);
        self.bar.inc(1);
        self.bar.set_message(self.message());
    }

    /// How far it is. While nothing gets through, why takes the room: a bar, a rate and a time say
    /// nothing then.
    fn show(&self) {
        let trouble = self.trouble.borrow().is_some();
        let template = match (self.bar.length(), trouble) {
            (Some(_), true) => "{spinner} {pos}/{len} {wide_msg}",
            (None, true) => "{spinner} {wide_msg}",
            (Some(_), false) => "{spinner} {bar:24} {pos}/{len} {msg} ({rate}{left})",
            (None, false) => "{spinner} {msg} ({rate}, {elapsed})",
        };
        // The templates are constants; a mistake in one would leave the style before it.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar
                .set_style(style.with_key("rate", rate).with_key("left", left));
        }
        self.bar.set_message(self.message());
    }

    fn message(&self) -> String {
        let counted = match (self.delivered.get(), self.other.get()) {
            (0, 0) => None,
            (delivered, 0) => Some(format!("delivered {delivered}")),
            (delivered, other) => Some(format!("delivered {delivered}, not delivered {other}")),
        };
        match (counted, &*self.trouble.borrow()) {
            (None, None) => "sending".to_owned(),
            (Some(counted), None) => counted,
            (None, Some(trouble)) => trouble.clone(),
            (Some(counted), Some(trouble)) => format!("{counted}; {trouble}"),
        }
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

/// How long it will take, once a rate is known.
fn left(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    if state.per_sec() > 0.0 {
        let _ = write!(text, ", {:#} left", HumanDuration(state.eta()));
    }
}

impl Default for ResultBar {
    fn default() -> ResultBar {
        ResultBar::new()
    }
}
