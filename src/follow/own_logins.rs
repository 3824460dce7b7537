//! The events that our own logins cause.

use crate::model::event::Event;
use crate::model::sys_event::SysMember;

/// The events that our own logins will cause, and that are still to come.
#[derive(Debug, Default)]
pub(super) struct OwnLogins {
    username: Option<String>,
    ok: u32,
    renew: u32,
    error: u32,
}

impl OwnLogins {
    /// Leaves out the events of this name.
    pub(super) fn hide(&mut self, username: &str) {
        self.username = Some(username.to_owned());
    }

    pub(super) fn logged_in(&mut self) {
        self.ok += u32::from(self.username.is_some());
    }

    pub(super) fn renewed(&mut self) {
        self.renew += u32::from(self.username.is_some());
    }

    pub(super) fn refused(&mut self) {
        self.error += u32::from(self.username.is_some());
    }

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
