//! Taking an identity at a provider from an account.

use super::{began_now, linking::tell};
use crate::{
    access::Principal,
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Result},
    },
    message::Template,
    provider::identity::{self, Linked, Which},
    user::{self, Detailed},
};

/// Removes an identity of a user, and tells the owner of the account's address.
///
/// # Errors
/// [`Code::IdentityNotFound`].
pub async fn unlink(tx: &Tx, context: &RequestContext, user: &Detailed, which: Which<'_>) -> Result<()> {
    let linked = identity::list(tx, user.user.id).await?;
    let found = linked.iter().find(|linked| linked.is(which));
    remove(tx, context, user, found).await
}

/// Removes one of one's own.
///
/// # Errors
/// [`Code::ReauthenticationRequired`] if they signed in too long ago, [`Code::IdentityNotFound`],
/// [`Code::LastSignInMethod`] if they would not get in any more.
pub async fn unlink_own(tx: &Tx, context: &RequestContext, me: &Principal, which: Which<'_>) -> Result<()> {
    let is_recent = match me.session {
        Some(session) => began_now(tx, session).await?,
        None => false,
    };
    if !is_recent {
        return Err(Code::ReauthenticationRequired.into());
    }
    // Nobody else takes the other way in meanwhile.
    let user = user::get_own(tx, me).await?;
    let linked = identity::list(tx, user.user.id).await?;
    let others = linked.iter().filter(|linked| !linked.is(which));
    let remains = user.user.password_hash.is_some() || others.into_iter().any(Linked::signs_in);
    let found = linked.iter().find(|linked| linked.is(which));
    if found.is_some() && !remains {
        return Err(Code::LastSignInMethod.into());
    }
    remove(tx, context, &user, found).await
}

async fn remove(tx: &Tx, context: &RequestContext, user: &Detailed, found: Option<&Linked>) -> Result<()> {
    let found = found.ok_or(Code::IdentityNotFound)?;
    identity::unlink(tx, &user.user.name, &found.identity).await?;
    tell(
        tx,
        context,
        (&user.user.name, &user.addresses),
        (Template::IdentityRemoved, &found.provider),
    )
    .await
}
