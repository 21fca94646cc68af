//! Another name for a user: by an administrator, or by themself where the tenant lets people.

use super::{SignUp, own_account::check_recent};
use crate::{
    access::{Authority, Managed, Principal},
    kit::{
        db::Tx,
        error::{Code, Result},
        text::UserName,
    },
    role, setting,
    user::{self, Detailed},
};

/// Gives a user another name. Their sessions and tokens go on, rules of roles that name them do so by the new name, and
/// nobody else gets the old one for [`user::RESERVED`].
///
/// # Errors
/// [`Code::UserNameTaken`], [`Code::UserNameInRole`].
pub async fn rename(tx: &Tx, authority: &Authority, old: Managed<Detailed>, name: &UserName) -> Result<Detailed> {
    let before = old.user.name.clone();
    let user = user::rename(tx, old, name).await?;
    if user.user.name != before {
        role::rename_user(tx, &authority.policy, (&before, &user.user.name)).await?;
    }
    Ok(user)
}

/// Gives the caller another name, where the tenant lets people choose one that those who sign up may have. Not while the
/// one before is kept for them: names would be used up, and nobody would know any more who is who.
///
/// # Errors
/// [`Code::PolicyForbids`], [`Code::ReauthenticationRequired`], [`Code::RenamedLately`]; those of [`rename`].
pub async fn rename_own(tx: &Tx, authority: &Authority, me: &Principal, name: &UserName) -> Result<Detailed> {
    let user = user::get_own(tx, me).await?;
    let (policy, _) = setting::read::<SignUp>(tx).await?;
    if !policy.name_change {
        return Err(Code::PolicyForbids.into());
    }
    check_recent(tx, me).await?;
    if user::is_renamed_lately(tx, user.user.id).await? {
        return Err(Code::RenamedLately.into());
    }
    policy.check_name(name)?;
    rename(tx, authority, user, name).await
}
