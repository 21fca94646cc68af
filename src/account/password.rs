//! Another password for an account.

use super::confirm_password;
use crate::{
    access::Managed,
    context::{Person, RequestContext},
    email,
    kit::{
        db::Tx,
        error::{Error, Result},
        id::SessionId,
        text::{GivenPassword, Language, NewPassword},
    },
    message::{self, MailOptions, Outgoing, Template},
    password::{self, Accepted, Hasher, Words},
    server::Server,
    session, setting,
    user::{self, Detailed},
    verification,
};
use serde_json::Value;

/// A new password that the tenant's policy accepts for a user with these words; `field` is what
/// the request calls it. It is judged with no transaction open: that takes milliseconds.
///
/// # Errors
/// [`crate::kit::error::Error::Invalid`] with every rule it does not meet.
pub async fn accept_password(
    context: &RequestContext,
    field: &str,
    new: &NewPassword,
    about: &Words,
) -> Result<Accepted> {
    let (policy, _) = context.read(async |tx| setting::read(tx).await).await?;
    password::accept(&policy, &context.tenant, field, new, about)
}

/// The hash of a new password that the tenant's policy accepts.
///
/// # Errors
/// Those of [`accept_password`]; [`crate::kit::error::Code::Busy`].
pub async fn hash_password(
    context: &RequestContext,
    hasher: &Hasher,
    field: &str,
    new: &NewPassword,
    about: &Words,
) -> Result<String> {
    let accepted = accept_password(context, field, new, about).await?;
    hasher.hash(&accepted).await
}

/// Another password of a user.
#[derive(Debug)]
pub struct NewHash {
    /// PHC string of it.
    pub hash: String,
    /// Whether somebody else chose it, so that they must choose their own.
    pub must_change: bool,
    /// The session that asks for it.
    pub keep: Option<SessionId>,
    /// The language of the notice; that of the tenant if `None`.
    pub language: Option<Language>,
}

/// Gives a user another password, which an administrator may.
pub async fn override_password(tx: &Tx, old: Managed<Detailed>, new: NewHash) -> Result<Detailed> {
    verification::end_all(tx, old.user.id).await?;
    set_password(tx, old.into_inner(), new).await
}

/// Gives a user another password. Their sessions end, but for the one that asks; so does what was
/// mailed to them and an address that waits for proof. The owner of the address is told.
pub(super) async fn set_password(tx: &Tx, old: Detailed, new: NewHash) -> Result<Detailed> {
    let id = old.user.id;
    session::end_others(tx, id, new.keep).await?;
    verification::end_of_user(tx, id).await?;
    email::forget_pending(tx, id).await?;
    let primary = &old.addresses.primary;
    if primary.verified_at.is_some() {
        let wanted = Outgoing {
            template: Template::PasswordChanged,
            address: &primary.address,
            options: MailOptions {
                language: new.language,
                client_id: None,
            },
            about: None,
            deed: None,
            verification: None,
        };
        message::queue(tx, wanted).await?;
    }
    tx.changed("password", &old.user.name, Value::Null, Value::Null);
    let mut now = old.clone();
    now.user.password_hash = Some(new.hash);
    now.user.must_change_password = new.must_change;
    now.user.password_expires_at = new.must_change.then(|| tx.now + user::TEMPORARY);
    now.addresses.pending = None;
    user::save(tx, &old, now).await
}

/// Gives the caller another password, for the present one. Their other sessions end. Another password is another
/// one: who must choose their own keeps none that somebody knows.
///
/// # Errors
/// `invalid` if it is the same, `password_wrong`, `too_many_attempts`, and those of a password.
pub async fn change_password(
    caller: &Person,
    server: &Server,
    current: &GivenPassword,
    (field, new): (&'static str, &NewPassword),
) -> Result<Detailed> {
    if current.expose() == new.expose() {
        return Err(Error::field(field, "value", "must not be the present one"));
    }
    let confirmed = confirm_password(caller, server, caller.user, current).await?;
    let about = caller.read(async |tx| user::words_of(tx, caller.user).await).await?;
    let new = NewHash {
        hash: hash_password(caller, &server.passwords, field, new, &about).await?,
        must_change: false,
        keep: caller.me.session,
        language: caller.peer.language,
    };
    caller
        .run(async |tx| {
            confirmed.recheck(tx, caller.user).await?;
            set_password(tx, user::get_own(tx, &caller.me).await?.into_inner(), new).await
        })
        .await
}
