//! When a stream ends by itself.

use std::time::Instant;

/// When a stream ends by itself.
#[derive(Clone, Copy)]
pub struct Lifetime {
    /// The token expires.
    pub expiry: Option<Instant>,
    /// A fault cuts it.
    pub cut: Option<Instant>,
}

impl Lifetime {
    pub fn is_reached(self) -> bool {
        let now = Instant::now();
        let mut moments = self.expiry.into_iter().chain(self.cut);
        moments.any(|moment| moment <= now)
    }
}

/// Waits for a moment, if there is to be one.
pub async fn moment(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
