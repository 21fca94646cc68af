//! The caller's own account: as it is shown, and leaving it.

use super::{SignUp, provider::began_now};
use crate::{
    access::{Authority, Principal},
    context::Person,
    kit::{
        db::Tx,
        error::{Code, Result},
    },
    setting,
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

/// Whether the caller has shown a moment ago who they are.
///
/// # Errors
/// [`Code::ReauthenticationRequired`].
pub(super) async fn check_recent(tx: &Tx, me: &Principal) -> Result<()> {
    // Without a session they sent their password just now.
    let Some(session) = me.session else {
        return Ok(());
    };
    match began_now(tx, session).await? {
        true => Ok(()),
        false => Err(Code::ReauthenticationRequired.into()),
    }
}

/// Deletes the caller with everything of theirs, where the tenant lets people leave, and answers who they were.
///
/// # Errors
/// [`Code::PolicyForbids`], [`Code::ReauthenticationRequired`], [`Code::LastOwner`].
pub async fn leave(tx: &Tx, authority: &Authority, me: &Principal) -> Result<Detailed> {
    let user = user::get_own(tx, me).await?;
    let (policy, _) = setting::read::<SignUp>(tx).await?;
    if !policy.account_deletion {
        return Err(Code::PolicyForbids.into());
    }
    check_recent(tx, me).await?;
    user::delete(tx, authority, &user).await?;
    Ok(user.into_inner())
}
