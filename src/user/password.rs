//! Passwords of users: their hashes, and the words they may not be made of.

use super::{
    Detailed,
    entity::{Column, Entity},
    get, get_by_id,
};
use crate::{
    kit::{db::Tx, error::Result, id::UserId, text::UserName},
    password::Words,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

/// The hash of a user's password, which nobody else changes before the transaction ends.
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
    let said = [&of.user.first_name, &of.user.last_name, &of.user.nickname];
    let said = said.into_iter().flatten();
    Words::of(known.into_iter().chain(said).map(String::as_str).chain(pending))
}

/// Keeps a hash that was made anew of the same password, unless another password was set
/// meanwhile, and tells whether it did. Nobody did anything: the version stays, and so do the
/// sessions.
pub async fn upgrade_password_hash(tx: &Tx, id: UserId, old: &str, new: &str) -> Result<bool> {
    let kept = Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new))
        .filter(Column::Id.eq(id))
        .filter(Column::PasswordHash.eq(old))
        .exec(tx)
        .await?;
    Ok(kept.rows_affected == 1)
}
