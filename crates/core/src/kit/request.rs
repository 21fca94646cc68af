//! The request that a task answers.

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
