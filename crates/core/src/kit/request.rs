//! The request that a task answers.

use std::panic::resume_unwind;
use tracing::Instrument;

tokio::task_local! {
    static ID: String;
}

/// The id of the request this task answers; empty outside a request.
#[must_use]
pub fn id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

/// Runs what answers the request of this id.
pub(super) async fn scope<T>(id: String, answer: impl Future<Output = T>) -> T {
    ID.scope(id, answer).await
}

/// Answers to the end, also when nobody waits for it any more: a client that went away may come back
/// and ask what came of it.
pub async fn to_the_end<T: Send + 'static>(answer: impl Future<Output = T> + Send + 'static) -> anyhow::Result<T> {
    let answer = tokio::spawn(scope(id(), answer).in_current_span()).await;
    answer.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

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
