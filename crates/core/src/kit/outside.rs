//! Calls to the outside, none of which may take as long as it likes.

use super::failure::Failure;
use std::time::Duration;

/// The most that a call may take, whatever the other side does: well under the lease of a job.
pub const BOUND: Duration = Duration::from_secs(30);

/// Makes a call, and gives it up when it takes longer than [`BOUND`].
///
/// # Errors
/// What `call` returns, or that it took too long.
pub async fn within<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    bounded(BOUND, call).await
}

async fn bounded<T>(bound: Duration, call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(bound, call).await.unwrap_or_else(|_| {
        Err(Failure {
            error: format!("no answer within {} seconds", BOUND.as_secs()),
            permanent: false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_is_never_answered_is_given_up() {
        let never = std::future::pending::<Result<(), Failure>>();
        let failed = bounded(Duration::from_millis(1), never).await.unwrap_err();
        assert!(!failed.permanent && failed.error.contains("30 seconds"), "{failed:?}");
    }
}
