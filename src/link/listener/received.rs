//! What became of a request, so that it can be shown.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What came of a request, or of a part of a long one.
pub struct ReceivedRequest {
    /// Its outcome.
    pub outcome: RequestOutcome,
    /// Notified once the values are durable, where an answer waits for that.
    pub written: Option<oneshot::Sender<()>>,
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

/// What came of a request.
pub enum RequestOutcome {
    /// JSON values, each readable as an event.
    Accepted(ValueBatch),
    /// Why it was rejected.
    Rejected(String),
}

/// JSON values, held together: one by one they would take many times their size.
#[derive(Debug, Default)]
pub struct ValueBatch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl ValueBatch {
    pub(super) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len());
    }

    /// The values in the order in which they came.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.bytes[start..*end])
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// What it takes in memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }
}
