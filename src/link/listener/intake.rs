//! The body of one request: read as it arrives, split, checked and queued, with a bound on what all
//! of them hold together.
//!
//! A short body is accepted whole or not at all. A long one is handed on in batches as it arrives,
//! so that it is never held whole; an error in the middle ends it, and the answer says how many
//! values before it were accepted.

use super::gate::RequestGate;
use super::received::{ReceivedRequest, RequestOutcome, ValueBatch};
use super::rejection::Rejection;
use crate::wire::posted::{BodyReader, LARGEST_BODY, Posted, Unreadable};
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

/// Up to this size a body is accepted whole or not at all.
const WHOLE_BODY: usize = 256 << 10;

/// What each body may hold without a permit: large ones never delay small ones.
const FREE_ALLOWANCE: usize = 16 << 10;

/// How much of a body that is too large is still read, so that its sender sees the answer.
const LARGEST_DRAINED: usize = 2 * LARGEST_BODY;

/// How long a body may take once its head was read; a second more for each [`BYTES_PER_SECOND`] bytes.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
const BYTES_PER_SECOND: usize = 16 << 10;

/// How long an answer waits for what it confirms.
const CONFIRMATION: Duration = Duration::from_secs(10);

/// Reads and queues the values of a request.
pub(super) async fn read_body(
    gate: &RequestGate,
    posted: Posted,
    body: Body,
) -> Result<(), Rejection> {
    if body.size_hint().lower() > LARGEST_DRAINED as u64 {
        return Err(Unreadable::too_large_body().into());
    }
    let mut body = TimedBody {
        stream: body.into_data_stream(),
        began: Instant::now(),
        length: 0,
    };
    let mut intake = BodyIntake {
        gate,
        batch: ValueBatch::default(),
        large: None,
        accepted: 0,
        written: None,
    };
    let reader = posted.reader(gate.layout.clone())?;
    let read = intake.read(reader, &mut body).await;
    if let Err(IntakeError { rejection, drained }) = read {
        intake.batch = ValueBatch::default();
        intake.large = None;
        if drained {
            body.drain().await;
        }
        return Err(rejection.after(intake.accepted));
    }
    intake
        .confirm()
        .await
        .map_err(|rejection| rejection.after(intake.accepted))
}

/// Why a body is not read to its end.
struct IntakeError {
    rejection: Rejection,
    /// Whether the rest is read all the same, so that the sender sees the answer.
    drained: bool,
}

impl IntakeError {
    fn unreadable(unreadable: Unreadable) -> IntakeError {
        IntakeError {
            rejection: unreadable.into(),
            drained: true,
        }
    }

    fn immediate(rejection: Rejection) -> IntakeError {
        IntakeError {
            rejection,
            drained: false,
        }
    }
}

/// The body as it comes.
struct TimedBody {
    stream: BodyDataStream,
    began: Instant,
    length: usize,
}

impl TimedBody {
    async fn next(&mut self) -> Result<Option<Bytes>, Rejection> {
        let more = Duration::from_secs((self.length / BYTES_PER_SECOND) as u64);
        let piece = poll_fn(|context| Pin::new(&mut self.stream).poll_next(context));
        match timeout_at(self.began + BODY_TIMEOUT + more, piece).await {
            Err(_) => {
                let why = "the body did not arrive in time";
                Err(Rejection::new(StatusCode::REQUEST_TIMEOUT, why))
            }
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => {
                self.length += piece.len();
                Ok(Some(piece))
            }
            Ok(Some(Err(_))) => {
                let why = "the body ended before its announced length";
                Err(Rejection::new(StatusCode::BAD_REQUEST, why))
            }
        }
    }

    /// Reads on and discards, so that the sender sees the answer.
    async fn drain(&mut self) {
        while self.length <= LARGEST_DRAINED
            && let Ok(Some(_)) = self.next().await
        {}
    }
}

/// The values of one body on their way.
struct BodyIntake<'g> {
    gate: &'g RequestGate,
    /// What is not handed on yet.
    batch: ValueBatch,
    large: Option<OwnedSemaphorePermit>,
    /// How many values were handed on.
    accepted: usize,
    written: Option<oneshot::Receiver<()>>,
}

impl BodyIntake<'_> {
    async fn read(
        &mut self,
        mut reader: BodyReader,
        body: &mut TimedBody,
    ) -> Result<(), IntakeError> {
        while let Some(piece) = body.next().await.map_err(IntakeError::immediate)? {
            let mut rest = &piece[..];
            loop {
                let step = reader.step(&mut rest, &mut |value| self.batch.push(value));
                let more = step.map_err(IntakeError::unreadable)?;
                self.make_room(reader.held()).await?;
                if self.batch.size() > WHOLE_BODY {
                    self.hand_on(true).await?;
                }
                if !more {
                    break;
                }
                // A little that was sent may become much: others get their turn in between.
                tokio::task::yield_now().await;
            }
        }
        let finished = reader.finish(&mut |value| self.batch.push(value));
        finished.map_err(IntakeError::unreadable)?;
        // Whoever sends little is answered at once, and may come again.
        let is_long = self.accepted > 0;
        self.hand_on(is_long).await
    }

    /// Waits until as much may be held.
    async fn make_room(&mut self, incomplete: usize) -> Result<(), IntakeError> {
        if self.large.is_some() || incomplete + self.batch.size() <= FREE_ALLOWANCE {
            return Ok(());
        }
        let room = Arc::clone(&self.gate.memory.large).acquire_owned();
        match timeout(BODY_TIMEOUT, room).await {
            Ok(Ok(room)) => self.large = Some(room),
            _ => return Err(IntakeError::immediate(Rejection::behind())),
        }
        Ok(())
    }

    /// Hands on what is complete.
    async fn hand_on(&mut self, may_wait: bool) -> Result<(), IntakeError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let patience = if may_wait {
            BODY_TIMEOUT
        } else {
            Duration::ZERO
        };
        let batch = std::mem::take(&mut self.batch);
        let (count, size) = (batch.len(), batch.size());
        let room = self.wait_for(size, patience).await?;
        let (written, confirmation) = oneshot::channel();
        let confirmed = self.gate.options.confirmed;
        let received = ReceivedRequest {
            outcome: RequestOutcome::Accepted(batch),
            written: confirmed.then_some(written),
            _permit: Some(room),
        };
        let place = match timeout(patience, self.gate.queue.reserve()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(IntakeError::immediate(ended())),
            Err(_) => return Err(IntakeError::immediate(Rejection::behind())),
        };
        place.send(received);
        self.accepted += count;
        self.written = confirmed.then_some(confirmation);
        Ok(())
    }

    async fn wait_for(
        &self,
        size: usize,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, IntakeError> {
        let many = u32::try_from(size).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.gate.memory.waiting).acquire_many_owned(many);
        match timeout(patience, room).await {
            Ok(Ok(room)) => Ok(room),
            _ => Err(IntakeError::immediate(Rejection::behind())),
        }
    }

    /// Waits until the last of what was handed on, and so all of it, is durable.
    async fn confirm(&mut self) -> Result<(), Rejection> {
        let Some(written) = self.written.take() else {
            return Ok(());
        };
        match timeout(CONFIRMATION, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(ended()),
            Err(_) => Err(Rejection::behind()),
        }
    }
}

/// The run has ended, or cannot write.
fn ended() -> Rejection {
    Rejection::new(StatusCode::SERVICE_UNAVAILABLE, "nothing more is accepted")
}
