//! When a stream that its server keeps open has brought what there was, for a run that wants no
//! more (`--no-follow`).

use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use std::time::Duration;

/// What there was comes at once; after so long without an event there is no more of it.
pub(super) const QUIET: Duration = Duration::from_secs(5);

/// What a stream had to bring when it was opened.
#[derive(Debug)]
pub(super) struct InitialBacklog {
    opened: Timestamp,
    latest: Duration,
    /// Whether an event has come since the last time something was heard. The first one says
    /// whether those with it are new.
    has_event: bool,
}

impl InitialBacklog {
    /// A stream has been opened.
    pub(super) fn new(run: Duration, opened: Timestamp) -> InitialBacklog {
        InitialBacklog {
            opened,
            latest: run,
            has_event: false,
        }
    }

    /// Whether an event was created only after the stream was opened.
    pub(super) fn is_behind(&mut self, event: &Event<'_>) -> bool {
        if std::mem::replace(&mut self.has_event, true) {
            return false;
        }
        let created = event.ts.as_deref().and_then(Timestamp::parse);
        created.is_some_and(|created| created > self.opened)
    }

    /// Something has come over the connection.
    pub(super) fn heard(&mut self, run: Duration) {
        if std::mem::take(&mut self.has_event) {
            self.latest = run;
        }
    }

    /// When there is no more of it unless something comes.
    pub(super) fn ends_at(&self) -> Duration {
        self.latest + QUIET
    }
}
