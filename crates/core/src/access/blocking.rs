//! Work that takes its time, away from the threads that answer requests.

use crate::kit::error::Result;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Tells work that nobody waits for it any more.
#[derive(Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// None when the work is to end.
    #[must_use]
    pub fn check(&self) -> Option<()> {
        (!self.0.load(Ordering::Relaxed)).then_some(())
    }
}

/// Says stop when the request that waits is gone.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Does work on a thread of its own, which ends early, without an answer, if the caller is dropped.
pub async fn run_blocking<T: Send + 'static>(work: impl FnOnce(&Stop) -> Option<T> + Send + 'static) -> Result<T> {
    let stop_on_drop = StopOnDrop(Stop::default());
    let stop = stop_on_drop.0.clone();
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || span.in_scope(|| work(&stop))).await;
    let done = done.map_err(anyhow::Error::from)?;
    Ok(done.ok_or_else(|| anyhow::anyhow!("work stopped that somebody waits for"))?)
}
