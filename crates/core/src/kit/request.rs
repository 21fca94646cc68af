//! The request that a task answers.

use futures_util::FutureExt;
use std::{
    cell::Cell,
    future::poll_fn,
    panic::resume_unwind,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use tracing::Instrument;

struct Scope {
    id: String,
    /// How long it has waited for the database so far.
    waited: Cell<Duration>,
    /// Whether it may take its time.
    is_long: bool,
    /// Whether it has begun to commit what it last began.
    commits: Cell<bool>,
}

tokio::task_local! {
    static REQUEST: Scope;
}

/// The id of the request this task answers; empty outside a request.
#[must_use]
pub fn id() -> String {
    REQUEST.try_with(|request| request.id.clone()).unwrap_or_default()
}

/// Whether this task answers a request that somebody waits for.
pub(super) fn is_under_way() -> bool {
    REQUEST.try_with(|request| !request.is_long).unwrap_or_default()
}

/// Runs what answers the request of this id.
pub(super) async fn scope<T>(id: String, answer: impl Future<Output = T>) -> T {
    in_scope(id, false, answer).await
}

async fn in_scope<T>(id: String, is_long: bool, answer: impl Future<Output = T>) -> T {
    let request = Scope {
        id,
        waited: Cell::default(),
        is_long,
        commits: Cell::default(),
    };
    REQUEST.scope(request, answer).await
}

/// Waits for a turn at the database: in one request no longer than `most` in all, however often it
/// waits. `None` if that was not enough.
pub(super) fn wait<T>(most: Duration, turn: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
    let waited = REQUEST.try_with(|request| match request.is_long {
        true => Duration::ZERO,
        false => request.waited.get(),
    });
    let waited = waited.unwrap_or_default();
    let begun = Instant::now();
    // Not an async function, which would hold `turn` twice.
    tokio::time::timeout(most.saturating_sub(waited), turn).map(move |turn| {
        let _ = REQUEST.try_with(|request| request.waited.set(waited + begun.elapsed()));
        turn.ok()
    })
}

/// Notes that a transaction of this request begins, or begins to be committed.
pub(super) fn note_commit(begun: bool) {
    let _ = REQUEST.try_with(|request| request.commits.set(begun));
}

/// The answer, if it comes before `end`; else what it was doing is given up. A commit that has begun is
/// waited for all the same: nobody would know what came of it.
pub async fn before<T>(end: tokio::time::Instant, answer: impl Future<Output = T>) -> Option<T> {
    if end <= tokio::time::Instant::now() {
        return None;
    }
    let (mut answer, mut timer) = (pin!(answer), pin!(tokio::time::sleep_until(end)));
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if timer.as_mut().poll(cx).is_ready() && !is_committing() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

fn is_committing() -> bool {
    REQUEST.try_with(|request| request.commits.get()).unwrap_or_default()
}

/// Answers to the end, also when nobody waits for it any more: a client that went away may come back
/// and ask what came of it.
pub async fn to_the_end<T: Send + 'static>(answer: impl Future<Output = T> + Send + 'static) -> anyhow::Result<T> {
    spawned(scope(id(), answer)).await
}

/// The same for what may take its time: each wait for the database is its own, and a transaction may be a long one.
pub async fn at_length<T: Send + 'static>(answer: impl Future<Output = T> + Send + 'static) -> anyhow::Result<T> {
    spawned(in_scope(id(), true, answer)).await
}

async fn spawned<T: Send + 'static>(answer: impl Future<Output = T> + Send + 'static) -> anyhow::Result<T> {
    let answer = tokio::spawn(answer.in_current_span()).await;
    answer.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_a_request_waits_for_is_counted_together() {
        let most = Duration::from_millis(20);
        scope(String::new(), async {
            assert!(wait(most, pending::<()>()).await.is_none());
            let again = Instant::now();
            assert!(wait(most, pending::<()>()).await.is_none());
            assert!(again.elapsed() < most, "nothing is left to wait with");
            assert_eq!(wait(most, ready(1)).await, Some(1), "what is there is taken");
        })
        .await;
        assert_eq!(
            wait(most, ready(1)).await,
            Some(1),
            "outside a request each wait is its own"
        );
    }

    #[tokio::test]
    async fn what_is_late_is_given_up_unless_it_commits() {
        use tokio::time::Instant;
        let soon = || Instant::now() + Duration::from_millis(20);
        scope(String::new(), async {
            assert_eq!(before(Instant::now(), ready(1)).await, None, "before it begins");
            assert_eq!(before(soon(), ready(1)).await, Some(1));
            assert_eq!(before(soon(), pending::<()>()).await, None);
            let commit = async {
                note_commit(true);
                tokio::time::sleep_until(soon() + Duration::from_millis(20)).await;
            };
            assert_eq!(before(soon(), commit).await, Some(()));
            let next = async {
                note_commit(false);
                pending::<()>().await;
            };
            assert_eq!(before(soon(), next).await, None);
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_answered_to_the_end_is_done_though_nobody_waits_for_it() {
        let ((go, gone), (done, told)) = (oneshot::channel(), oneshot::channel());
        let answer = async move {
            let _ = gone.await;
            let _ = done.send(id());
        };
        scope("1".to_owned(), async {
            let mut waiting = Box::pin(to_the_end(answer));
            assert!(futures_util::poll!(&mut waiting).is_pending());
        })
        .await;
        go.send(()).unwrap();
        assert_eq!(told.await.as_deref(), Ok("1"), "of the same request");
    }
}
