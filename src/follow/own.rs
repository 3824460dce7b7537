//! The events that our own logins cause.

use crate::model::event::Event;
use crate::model::sys_event::SysMember;

/// The events that our own logins will cause, and that are still to come.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) username: Option<String>,
    pub(super) ok: u32,
    pub(super) renew: u32,
    pub(super) error: u32,
}

impl Own {
    /// Whether an event is one of ours; each of ours comes once.
    pub(super) fn takes(&mut self, event: &Event<'_>) -> bool {
        let due = match event.event_type.as_ref() {
            "auth.ok" => &mut self.ok,
            "auth.renew" => &mut self.renew,
            "auth.error" => &mut self.error,
            _ => return false,
        };
        let ours = *due > 0 && event.facts().text(SysMember::Username) == self.username.as_deref();
        *due -= u32::from(ours);
        ours
    }
}
