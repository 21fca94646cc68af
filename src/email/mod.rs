//! Addresses of users. Anybody may claim an address; proof decides between them.

pub mod entity;

pub use entity::Model as Address;

use crate::kit::{
    db::{self, Tx},
    error::{Code, Result},
    id::{EmailId, UserId},
    text::Email,
};
use chrono::{DateTime, Utc};
use entity::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IdenStatic, IntoActiveModel, Iterable, JoinType,
    ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The addresses of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The one in force.
    pub primary: Model,
    /// The one that takes its place when it is proven.
    pub pending: Option<Model>,
}

/// Names of the two rows in a statement that reads both.
const PRIMARY: &str = "primary_email";
const PENDING: &str = "pending_email";

impl Addresses {
    /// Makes a statement over users read their addresses as well.
    pub fn join(query: &mut SelectStatement, user: &Expr) {
        for name in [PRIMARY, PENDING] {
            for column in Column::iter() {
                query.expr_as(Expr::col((name, column)), format!("{name}{}", column.as_str()));
            }
        }
        join(query, user);
    }

    /// The addresses in a row of such a statement.
    ///
    /// # Errors
    /// There is no address in force.
    pub fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            primary: Model::from_query_result(row, PRIMARY)?,
            pending: Model::from_query_result_optional(row, PENDING)?,
        })
    }

    /// The addresses as the audit trail keeps them.
    #[must_use]
    pub fn audit_view(&self) -> Value {
        json!({
            "email": self.primary.address,
            "emailVerified": self.primary.verified_at.is_some(),
            "pendingEmail": self.pending.as_ref().map(|pending| &pending.address),
        })
    }
}

fn join(query: &mut SelectStatement, user: &Expr) {
    for (name, is_primary) in [(PRIMARY, true), (PENDING, false)] {
        let theirs = Expr::col((name, Column::UserId)).eq(user.clone());
        let of_kind = Expr::col((name, Column::IsPrimary)).eq(is_primary);
        query.join_as(JoinType::LeftJoin, Entity, name, theirs.and(of_kind));
    }
}

/// Makes a statement over users read, after its own columns, what is shown of their addresses: the
/// one in force, whether it is proven, and the one that waits for proof.
pub fn join_shown(query: &mut SelectStatement, user: &Expr) {
    query
        .column((PRIMARY, Column::Address))
        .expr(Expr::col((PRIMARY, Column::VerifiedAt)).is_not_null())
        .column((PENDING, Column::Address));
    join(query, user);
}

/// The addresses of these users.
pub async fn of_users(tx: &Tx, users: &[UserId]) -> Result<HashMap<UserId, Addresses>> {
    let rows = Entity::find()
        .filter(Column::UserId.is_in(users.iter().copied()))
        .all(tx)
        .await?;
    let (primary, pending): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_primary);
    let mut pending: HashMap<_, _> = pending.into_iter().map(|row| (row.user_id, row)).collect();
    Ok(primary
        .into_iter()
        .map(|primary| {
            let pending = pending.remove(&primary.user_id);
            (primary.user_id, Addresses { primary, pending })
        })
        .collect())
}

/// The addresses of one user.
///
/// # Errors
/// [`Code::UserNotFound`] if there is no such user.
pub async fn of_user(tx: &Tx, user: UserId) -> Result<Addresses> {
    let mut addresses = of_users(tx, &[user]).await?;
    addresses.remove(&user).ok_or(Code::UserNotFound.into())
}

/// Users by the address in force: those of one of these keys, or those who have not proven theirs.
///
/// A statement to be made part of another, with the column the users are selected from.
#[must_use]
pub fn by_primary(keys: Option<Vec<String>>) -> (SelectStatement, Expr) {
    let mut users = Query::select();
    users
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::IsPrimary.into_expr())
        .and_where(match keys {
            Some(keys) => Column::AddressKey.is_in(keys),
            None => Column::VerifiedAt.is_null(),
        });
    (users, Expr::col((Entity, Column::UserId)))
}

/// Users whose address in force this is and who have not proven it. A statement to be made part of another.
#[must_use]
pub fn unproven_claims(email: &Email) -> SelectStatement {
    let mut users = Query::select();
    users
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::AddressKey.eq(email.key()))
        .and_where(Column::IsPrimary.into_expr())
        .and_where(Column::VerifiedAt.is_null());
    users
}

/// How many users have not proven their address.
pub async fn count_unproven(tx: &Tx) -> Result<u64> {
    let unproven = Entity::find()
        .filter(Column::IsPrimary.into_expr())
        .filter(Column::VerifiedAt.is_null());
    Ok(unproven.count(tx).await?)
}

/// The user who has proven this address.
pub async fn owner(tx: &Tx, key: &str) -> Result<Option<UserId>> {
    let owner = Entity::find()
        .select_only()
        .column(Column::UserId)
        .filter(Column::AddressKey.eq(key))
        .filter(Column::VerifiedAt.is_not_null());
    Ok(owner.into_tuple().one(tx).await?)
}

/// Who has proven which of these addresses.
pub async fn owners(tx: &Tx, keys: &[&str]) -> Result<HashMap<String, UserId>> {
    let owners = Entity::find()
        .select_only()
        .columns([Column::AddressKey, Column::UserId])
        .filter(Column::AddressKey.is_in(keys.iter().copied()))
        .filter(Column::VerifiedAt.is_not_null());
    let owners: Vec<(String, UserId)> = owners.into_tuple().all(tx).await?;
    Ok(owners.into_iter().collect())
}

/// Gives users who are made together their first addresses, each proven or not. Whoever does has the turn of each, and
/// found that nobody has proven it.
pub async fn add_all(tx: &Tx, users: impl Iterator<Item = (UserId, &Email, bool)>) -> Result<()> {
    let rows = users.map(|(user, email, proven)| row(tx, user, email, (true, proven)).into_active_model().reset_all());
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The one user an address stands for: the one who has proven it, else the first to claim it. Later
/// claims change nothing for them.
pub async fn holder(tx: &Tx, email: &Email) -> Result<Option<UserId>> {
    Ok(claims(tx, email, 1).await?.first().map(|(user, _)| *user))
}

/// The only user whose address this is, if nobody has proven it. A user who asks for it in the
/// place of another address is not meant: only they can prove that.
pub async fn claimant(tx: &Tx, email: &Email) -> Result<Option<UserId>> {
    Ok(match &claims(tx, email, 2).await?[..] {
        [(only, None)] => Some(*only),
        _ => None,
    })
}

/// So many of the users whose address in force this is, and when they proved it: the one who has comes
/// first, then the others in the order of their claims. Anybody can add to them, so never all are taken into memory.
async fn claims(tx: &Tx, email: &Email, most: u64) -> Result<Vec<(UserId, Option<DateTime<Utc>>)>> {
    // No more of a row than is wanted, so that somebody takes hardly longer than nobody.
    Ok(Entity::find()
        .select_only()
        .columns([Column::UserId, Column::VerifiedAt])
        .filter(Column::AddressKey.eq(email.key()))
        .filter(Column::IsPrimary.eq(true))
        .order_by_asc(Expr::col(Column::VerifiedAt).is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?)
}

/// Whether some user has this address, proven or not.
pub async fn is_claimed(tx: &Tx, email: &Email) -> Result<bool> {
    let row = Entity::find()
        .filter(Column::AddressKey.eq(email.key()))
        .one(tx)
        .await?;
    Ok(row.is_some())
}

/// Gives a new user their first address. Proven only if they came with a code.
///
/// # Errors
/// [`Code::EmailTaken`] if it is proven already by somebody else.
pub async fn add_first(tx: &Tx, user: UserId, email: &Email, proven: bool) -> Result<Model> {
    tx.lock(&format!("email/{}", email.key())).await?;
    if proven && owner(tx, email.key()).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    insert(tx, user, email, true, proven).await
}

/// Gives a user an address.
pub async fn insert(tx: &Tx, user: UserId, email: &Email, primary: bool, proven: bool) -> Result<Model> {
    let row = row(tx, user, email, (primary, proven));
    db::insert(tx, row.clone()).await?;
    Ok(row)
}

fn row(tx: &Tx, user: UserId, email: &Email, (primary, proven): (bool, bool)) -> Model {
    Model {
        id: EmailId::new(tx.now),
        user_id: user,
        address: email.address().to_owned(),
        address_key: email.key().to_owned(),
        is_primary: primary,
        verified_at: proven.then_some(tx.now),
        created_at: tx.now,
    }
}

/// Drops the address of a user that waits for proof, if one does.
pub async fn forget_pending(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::IsPrimary.into_expr().not())
        .exec(tx)
        .await?;
    Ok(())
}

/// Drops the address that waits for proof, if these have one.
pub async fn drop_pending(tx: &Tx, addresses: &Addresses) -> Result<()> {
    if let Some(pending) = &addresses.pending {
        pending.clone().delete(tx).await?;
    }
    Ok(())
}

/// Puts an address in force, and marks it as proven.
pub async fn mark_proven(tx: &Tx, address: Model) -> Result<Model> {
    let mut row: ActiveModel = address.into();
    row.is_primary = Set(true);
    row.verified_at = Set(Some(tx.now));
    Ok(row.update(tx).await?)
}

/// Puts another address in the place of the one in force.
///
/// # Errors
/// [`Code::EmailTaken`] if another user has proven it.
pub async fn set(tx: &Tx, user: UserId, primary: &Model, email: &Email, verified: bool) -> Result<Model> {
    tx.lock(&format!("email/{}", email.key())).await?;
    if owner(tx, email.key()).await?.is_some_and(|owner| owner != user) {
        return Err(Code::EmailTaken.into());
    }
    let same = primary.address_key == email.key();
    let mut row: ActiveModel = primary.clone().into();
    row.address = Set(email.address().to_owned());
    row.address_key = Set(email.key().to_owned());
    let proven = primary.verified_at.filter(|_| same);
    row.verified_at = Set(proven.or(verified.then_some(tx.now)));
    Ok(row.update(tx).await?)
}

/// Takes every address from a user.
pub async fn clear(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Removes an address.
pub async fn remove(tx: &Tx, address: &Model) -> Result<()> {
    address.clone().delete(tx).await?;
    Ok(())
}

/// An address from a row.
pub fn parse(address: &str) -> Result<Email> {
    Ok(address
        .parse::<Email>()
        .map_err(|why| anyhow::anyhow!("an address in the database {why}"))?)
}
