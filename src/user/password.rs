//! What hangs between users and their passwords.

use super::{
    Detailed, changed,
    entity::{Column, Entity},
    get, get_by_id, set, touch,
};
use crate::{
    email,
    kit::{
        db::Tx,
        error::Result,
        id::{SessionId, UserId},
        text::{Language, UserName},
    },
    message::{self, Outgoing, Template, Wish},
    password::Words,
    session, verification,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::Value;

/// Another password of a user.
#[derive(Debug)]
pub struct NewHash {
    /// PHC string of it.
    pub hash: String,
    /// Whether somebody else chose it, so that they must choose their own.
    pub must_change: bool,
    /// The session that asks for it.
    pub keep: Option<SessionId>,
    /// The language of the notice.
    pub language: Language,
}

/// Gives a user another password. Their sessions end, but for the one that asks; so does what was
/// mailed to them and an address that waits for proof. The owner of the address is told.
///
/// # Errors
/// The database's.
pub async fn set_password(tx: &Tx, old: Detailed, new: NewHash) -> Result<Detailed> {
    let id = old.user.id;
    set(tx, id, Column::PasswordHash, new.hash.into()).await?;
    set(tx, id, Column::MustChangePassword, new.must_change.into()).await?;
    session::end_others(tx, id, new.keep).await?;
    verification::end_of_user(tx, id).await?;
    email::forget_pending(tx, id).await?;
    let primary = &old.addresses.primary;
    if primary.verified_at.is_some() {
        let wanted = Outgoing {
            template: Template::PasswordChanged,
            address: &primary.address,
            wish: Wish {
                language: new.language,
                client_id: None,
            },
            verification: None,
        };
        message::queue(tx, wanted).await?;
    }
    touch(tx, id).await?;
    tx.changed("password", &old.user.name, Value::Null, Value::Null);
    changed(tx, &old).await
}

/// The hash of a user's password, which nobody else changes before the transaction ends.
///
/// # Errors
/// The database's.
pub async fn password_hash(tx: &Tx, id: UserId) -> Result<Option<String>> {
    let user = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    Ok(user.and_then(|user| user.password_hash))
}

/// The words that the password of the user of this id may not be made of.
///
/// # Errors
/// [`crate::kit::error::Code::UserNotFound`].
pub async fn words_of(tx: &Tx, id: UserId) -> Result<Words> {
    Ok(words(&get_by_id(tx, id).await?))
}

/// The words that the password of the user of this name may not be made of.
///
/// # Errors
/// [`crate::kit::error::Code::UserNotFound`].
pub async fn words_of_name(tx: &Tx, name: &UserName) -> Result<Words> {
    Ok(words(&get(tx, name).await?))
}

fn words(of: &Detailed) -> Words {
    let pending = of.addresses.pending.iter().map(|address| address.address.as_str());
    let known = [&of.user.name, &of.user.display_name, &of.addresses.primary.address];
    Words::of(known.into_iter().map(String::as_str).chain(pending))
}

/// Keeps a hash that was made anew of the same password, unless another password was set
/// meanwhile, and tells whether it did. Nobody did anything: the version stays, and so do the
/// sessions.
///
/// # Errors
/// The database's.
pub async fn upgrade_password_hash(tx: &Tx, id: UserId, old: &str, new: &str) -> Result<bool> {
    let kept = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new))
        .filter(Column::Id.eq(id))
        .filter(Column::PasswordHash.eq(old))
        .exec(tx)
        .await?;
    Ok(kept.rows_affected == 1)
}
