//! How the body of one request is taken: read as it comes, split, checked and queued, with a bound
//! on what all of them hold together.
//!
//! A short body is taken whole or not at all. A long one is handed on in batches while it comes, so
//! that it is never held whole; what is wrong in the midst of it ends it, and the answer says how
//! many values before it were taken.

use super::{Gate, Outcome, Received, Refusal};
use crate::wire::posted::{BodyReader, LARGEST_BODY, Posted, Unreadable};
use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

/// How much of a body is taken whole or not at all.
const WHOLE: usize = 256 << 10;

/// What each body may hold without asking: small ones are never kept waiting by large ones.
const FREE: usize = 16 << 10;

/// How many bodies may hold more than that at once: an incomplete value of up to 1 MiB, and what
/// is not handed on yet.
const LARGE_BODIES: usize = 6;

/// How many bytes of values wait to be shown, at most.
const WAITING: usize = 8 << 20;

/// How much of a body that is too large is still read, so that its sender sees the answer.
const POLITENESS: usize = 2 * LARGEST_BODY;

/// How long a body may take once its head was read; a second more for each [`SLOWEST`] bytes.
const PATIENCE: Duration = Duration::from_secs(30);
const SLOWEST: usize = 16 << 10;

/// How long an answer waits for what it confirms.
const CONFIRMATION: Duration = Duration::from_secs(10);

/// JSON values, held together: one by one they would take many times their size.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    fn push(&mut self, value: &[u8]) {
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
    fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }
}

/// What all bodies share.
pub(super) struct Rooms {
    /// For bodies that hold more than [`FREE`] while they come.
    large: Arc<Semaphore>,
    /// For values that wait to be shown, in bytes.
    waiting: Arc<Semaphore>,
}

impl Default for Rooms {
    fn default() -> Rooms {
        Rooms {
            large: Arc::new(Semaphore::new(LARGE_BODIES)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

/// Takes the events of a request.
pub(super) async fn take(gate: &Gate, posted: Posted, body: Body) -> Result<(), Refusal> {
    if body.size_hint().lower() > POLITENESS as u64 {
        return Err(Unreadable::too_large_body().into());
    }
    let mut pieces = Pieces {
        stream: body.into_data_stream(),
        began: Instant::now(),
        length: 0,
    };
    let mut intake = Intake {
        gate,
        batch: Batch::default(),
        large: None,
        taken: 0,
        written: None,
    };
    let reader = posted.reader(gate.layout.clone())?;
    let read = intake.read(reader, &mut pieces).await;
    if let Err(Stopped { refusal, politely }) = read {
        intake.batch = Batch::default();
        intake.large = None;
        if politely {
            pieces.drain().await;
        }
        return Err(refusal.after(intake.taken));
    }
    intake
        .confirm()
        .await
        .map_err(|refusal| refusal.after(intake.taken))
}

/// Why a body is not read to its end.
struct Stopped {
    refusal: Refusal,
    /// Whether its sender is heard out.
    politely: bool,
}

impl Stopped {
    fn unreadable(unreadable: Unreadable) -> Stopped {
        Stopped {
            refusal: unreadable.into(),
            politely: true,
        }
    }

    fn at_once(refusal: Refusal) -> Stopped {
        Stopped {
            refusal,
            politely: false,
        }
    }
}

/// The body as it comes.
struct Pieces {
    stream: BodyDataStream,
    began: Instant,
    length: usize,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let more = Duration::from_secs((self.length / SLOWEST) as u64);
        let piece = poll_fn(|context| Pin::new(&mut self.stream).poll_next(context));
        match timeout_at(self.began + PATIENCE + more, piece).await {
            Err(_) => {
                let why = "the body did not come in time";
                Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, why))
            }
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => {
                self.length += piece.len();
                Ok(Some(piece))
            }
            Ok(Some(Err(_))) => {
                let why = "the body ended before its announced length";
                Err(Refusal::new(StatusCode::BAD_REQUEST, why))
            }
        }
    }

    /// Reads on without a purpose but to be heard.
    async fn drain(&mut self) {
        while self.length <= POLITENESS
            && let Ok(Some(_)) = self.next().await
        {}
    }
}

/// The values of one body on their way.
struct Intake<'g> {
    gate: &'g Gate,
    /// What is not handed on yet.
    batch: Batch,
    large: Option<OwnedSemaphorePermit>,
    /// How many values were handed on.
    taken: usize,
    written: Option<oneshot::Receiver<()>>,
}

impl Intake<'_> {
    async fn read(&mut self, mut reader: BodyReader, pieces: &mut Pieces) -> Result<(), Stopped> {
        while let Some(piece) = pieces.next().await.map_err(Stopped::at_once)? {
            let mut rest = &piece[..];
            loop {
                let step = reader.step(&mut rest, &mut |value| self.batch.push(value));
                let more = step.map_err(Stopped::unreadable)?;
                self.make_room(reader.held()).await?;
                if self.batch.size() > WHOLE {
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
        finished.map_err(Stopped::unreadable)?;
        // Whoever sends little is answered at once, and may come again.
        let is_long = self.taken > 0;
        self.hand_on(is_long).await
    }

    /// Waits until as much may be held.
    async fn make_room(&mut self, incomplete: usize) -> Result<(), Stopped> {
        if self.large.is_some() || incomplete + self.batch.size() <= FREE {
            return Ok(());
        }
        let room = Arc::clone(&self.gate.rooms.large).acquire_owned();
        match timeout(PATIENCE, room).await {
            Ok(Ok(room)) => self.large = Some(room),
            _ => return Err(Stopped::at_once(Refusal::behind())),
        }
        Ok(())
    }

    /// Hands on what is complete.
    async fn hand_on(&mut self, may_wait: bool) -> Result<(), Stopped> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let patience = if may_wait { PATIENCE } else { Duration::ZERO };
        let batch = std::mem::take(&mut self.batch);
        let (count, size) = (batch.len(), batch.size());
        let room = self.wait_for(size, patience).await?;
        let (written, confirmation) = oneshot::channel();
        let confirmed = self.gate.options.confirmed;
        let received = Received {
            outcome: Outcome::Taken(batch),
            written: confirmed.then_some(written),
            _room: Some(room),
        };
        let place = match timeout(patience, self.gate.queue.reserve()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(Stopped::at_once(over())),
            Err(_) => return Err(Stopped::at_once(Refusal::behind())),
        };
        place.send(received);
        self.taken += count;
        self.written = confirmed.then_some(confirmation);
        Ok(())
    }

    async fn wait_for(
        &self,
        size: usize,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, Stopped> {
        let many = u32::try_from(size).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.gate.rooms.waiting).acquire_many_owned(many);
        match timeout(patience, room).await {
            Ok(Ok(room)) => Ok(room),
            _ => Err(Stopped::at_once(Refusal::behind())),
        }
    }

    /// Waits until the last of what was handed on, and so all of it, is written down.
    async fn confirm(&mut self) -> Result<(), Refusal> {
        let Some(written) = self.written.take() else {
            return Ok(());
        };
        match timeout(CONFIRMATION, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(over()),
            Err(_) => Err(Refusal::behind()),
        }
    }
}

/// The run has ended, or cannot write.
fn over() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "nothing more is taken")
}
