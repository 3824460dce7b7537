//! What hivelog itself has to say in the stream.

use super::{Session, StopReason};
use crate::commands::tail::Gap;
use crate::follow::Follow;
use crate::follow::notice::Notice;
use crate::follow::verdict::{RunAnswer, RunOutcome};
use crate::model::event::Event;

impl Session<'_> {
    /// Takes all that there is to report about a source.
    pub(in crate::commands::tail) fn notices(&self, follow: &mut Follow, source: Option<&str>) {
        for notice in follow.notices() {
            self.notice(&notice, source);
        }
    }

    /// Takes what hivelog itself has to say.
    pub(in crate::commands::tail) fn notice(&self, notice: &Notice, source: Option<&str>) {
        let inner = &mut *self.inner.borrow_mut();
        if notice.is_always_shown() || self.rules.meta {
            let json = notice.json();
            // Our own JSON is an event; should it not be, nothing is lost but the notice.
            if let Ok(event) = Event::read(&json) {
                inner.show(&event, source);
            }
        }
        match notice {
            Notice::Gap {
                from,
                to,
                recovered: false,
                reason,
            } if self.rules.gap != Gap::Ignore => {
                let (from, to) = (from.rfc3339(), to.rfc3339());
                let text = format!("events may be missing from {from} to {to}: {reason}");
                if self.rules.gap == Gap::Fail {
                    inner.decide(StopReason::Decided(RunOutcome {
                        answer: RunAnswer::No,
                        reason: text,
                    }));
                    self.sooner.notify_one();
                } else {
                    inner.audience.remark(&text);
                }
            }
            Notice::Conflict { id, count } => {
                let all = match count {
                    1 => String::new(),
                    count => format!(", which makes {count} so far"),
                };
                inner.audience.remark(&format!(
                    "skipped another event with the id {id}{all}: ids must be unique"
                ));
            }
            Notice::Connected { to, .. } => inner.audience.detail(&format!("connected to {to}")),
            _ => {}
        }
    }
}
