//! The body of an answer, read ahead.
//!
//! A server may send each event in a chunk of its own, and waking the reader for every chunk
//! costs many times what reading it does. So a task of its own collects what there is, up to a
//! bound, and the reader is woken once for all of it.

use super::network_thread;
use reqwest::Response;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// With so many bytes waiting for the reader, no more are read.
const ENOUGH: usize = 64 * 1024;

/// A body that is being read ahead until this is dropped.
pub(super) struct Prefetch {
    shared: Arc<PrefetchShared>,
    block: Vec<u8>,
    task: AbortHandle,
}

#[derive(Default)]
struct PrefetchShared {
    held: Mutex<Held>,
    filled: Notify,
    taken: Notify,
}

#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    end: Option<reqwest::Result<()>>,
}

impl Prefetch {
    /// Begins to read.
    pub(super) fn of(response: Response) -> Prefetch {
        let shared = Arc::new(PrefetchShared::default());
        let task = network_thread::spawn(collect(response, Arc::clone(&shared)));
        Prefetch {
            shared,
            block: Vec::new(),
            task: task.abort_handle(),
        }
    }

    /// What has come since the last time; waits if that is nothing. None at the end. May be
    /// dropped while it waits and called again without losing anything.
    pub(super) async fn next(&mut self) -> reqwest::Result<Option<&[u8]>> {
        self.block.clear();
        loop {
            {
                let mut held = self.shared.held();
                std::mem::swap(&mut held.bytes, &mut self.block);
                if !self.block.is_empty() {
                    break;
                }
                if let Some(end) = held.end.take() {
                    return end.map(|()| None);
                }
            }
            self.shared.filled.notified().await;
        }
        self.shared.taken.notify_one();
        Ok(Some(&self.block))
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl PrefetchShared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn collect(mut response: Response, shared: Arc<PrefetchShared>) {
    loop {
        let chunk = response.chunk().await;
        let (first, waiting) = {
            let mut held = shared.held();
            let first = held.bytes.is_empty();
            match chunk {
                Ok(Some(bytes)) => held.bytes.extend_from_slice(&bytes),
                Ok(None) => held.end = Some(Ok(())),
                Err(error) => held.end = Some(Err(error)),
            }
            if held.end.is_some() {
                shared.filled.notify_one();
                return;
            }
            (first, held.bytes.len())
        };
        if first {
            shared.filled.notify_one();
        }
        if waiting >= ENOUGH {
            shared.taken.notified().await;
        }
    }
}
