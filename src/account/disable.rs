//! Keeping somebody out, and letting them in again.

use crate::{
    access::{Authority, Managed},
    kit::{db::Tx, error::Result},
    user::{self, Detailed},
    verification,
};

/// Keeps a user from signing in and ends their sessions and what was mailed to them, or lets them sign in
/// again. Doing it twice is doing it once.
///
/// # Errors
/// Those of [`user::set_disabled`].
pub async fn set_disabled(tx: &Tx, authority: &Authority, old: Managed<Detailed>, disabled: bool) -> Result<Detailed> {
    if disabled {
        verification::end_all(tx, old.user.id).await?;
    }
    user::set_disabled(tx, authority, old, disabled).await
}
