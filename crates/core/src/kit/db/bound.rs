//! The end of a request's waiting, whatever the database does.

use super::{Backend, Db};
use crate::kit::{
    error::{Code, Error, Result},
    request,
};
use std::{pin::Pin, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How much longer than for its turn a request waits for a database to say by itself that it cannot go on.
const MORE: Duration = Duration::from_secs(1);

/// Until when a transaction of a request is waited for. PostgreSQL may be stopped, or behind a network that swallows
/// everything: then it says nothing at all, for as long as TCP goes on trying. A file needs no such end, and
/// what jobs and commands do may take its time.
pub(super) struct Bound(Option<Instant>);

impl Bound {
    /// From now on.
    pub(super) fn begin(db: &Db) -> Self {
        let is_remote = matches!(db.0.backend, Backend::Postgres(_));
        Self((is_remote && request::is_under_way()).then(|| Instant::now() + db.0.wait + MORE))
    }

    /// What comes before the end of a transaction. By reference, since every copy of it makes the future of each
    /// request larger.
    pub(super) async fn work<T>(&self, work: Pin<&mut impl Future<Output = Result<T>>>) -> Result<T> {
        match self.0 {
            Some(end) => timeout_at(end, work).await.unwrap_or_else(|_| Err(silent())),
            None => work.await,
        }
    }

    /// Whether the time is not over. Else the transaction is given up: its connection is closed, and
    /// nothing is written.
    pub(super) fn check(&self) -> Result<()> {
        match self.0 {
            Some(end) if end <= Instant::now() => Err(silent()),
            _ => Ok(()),
        }
    }

    /// The end of a transaction, for which there is a moment left always. If it `writes` nobody knows
    /// what came of it when its time is over.
    pub(super) async fn end<T>(&self, writes: bool, ending: Pin<&mut impl Future<Output = Result<T>>>) -> Result<T> {
        let Some(end) = self.0 else {
            return ending.await;
        };
        let end = end.max(Instant::now() + MORE);
        timeout_at(end, ending).await.unwrap_or_else(|_| {
            Err(match writes {
                true => Error::later(Code::OutcomeUnknown),
                false => silent(),
            })
        })
    }
}

fn silent() -> Error {
    tracing::warn!("the database says nothing");
    Error::later(Code::DatabaseUnavailable)
}
