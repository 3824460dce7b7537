//! The thread on which the connections to event streams live: what comes is read while what
//! came before is looked at.

use std::sync::OnceLock;
use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

/// How many steps run before the operating system is asked for new events. A chunk that is handed
/// on takes two, so that a few hundred are collected at a time.
const STEPS: u32 = 512;

/// Begins something over there.
pub(super) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    static NETWORK: OnceLock<Option<Handle>> = OnceLock::new();
    match NETWORK.get_or_init(start) {
        Some(network) => network.spawn(work),
        // Where there can be no further thread, this one must do.
        None => tokio::spawn(work),
    }
}

/// Does something over there; it is given up when this is dropped.
pub(super) async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = Given(spawn(work));
    match (&mut task.0).await {
        Ok(done) => done,
        // Nobody else ends it, so it can only have panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

struct Given<T>(JoinHandle<T>);

impl<T> Drop for Given<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn start() -> Option<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .event_interval(STEPS)
        .build()
        .ok()?;
    let handle = runtime.handle().clone();
    let forever = move || runtime.block_on(std::future::pending::<()>());
    thread::Builder::new()
        .name("network".into())
        .spawn(forever)
        .ok()?;
    Some(handle)
}
