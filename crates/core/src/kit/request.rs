//! The request that a task answers.

tokio::task_local! {
    static ID: String;
}

/// The id of the request this task answers; empty outside a request.
#[must_use]
pub fn id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

/// Whether this task answers a request.
pub(super) fn is_under_way() -> bool {
    ID.try_with(|_| ()).is_ok()
}

/// Runs what answers the request of this id.
pub(super) async fn scope<T>(id: String, answer: impl Future<Output = T>) -> T {
    ID.scope(id, answer).await
}
