//! The caller's own account, as it is shown.

use crate::{
    context::Person,
    kit::error::Result,
    user::{self, Detailed},
};
use std::sync::Arc;

/// The caller, with what is shown beside them.
///
/// # Errors
/// `user_not_found` if they were deleted meanwhile.
pub async fn get_own(caller: &Person) -> Result<Arc<Detailed>> {
    caller.read_own(async |tx| user::get_by_id(tx, caller.user).await).await
}
