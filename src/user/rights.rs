//! What users may do: the roles they have, and the owner every tenant keeps.

use super::{
    Detailed,
    entity::{Column, Entity, Model, role},
    save,
};
use crate::{
    access::{
        Authority, Managed, Policy,
        policy::{OWNER, USER},
    },
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Names of the roles of these users, sorted.
pub async fn roles_of(tx: &Tx, users: &[UserId]) -> Result<HashMap<UserId, Vec<String>>> {
    let rows = role::Entity::find()
        .filter(role::Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(role::Column::Role)
        .all(tx)
        .await?;
    let mut roles: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        roles.entry(row.user_id).or_default().push(row.role);
    }
    Ok(roles)
}

/// Gives a user these roles and no others; [`USER`] stays. Their sessions go on: what they may do
/// is asked anew with every request.
///
/// # Errors
/// [`Code::RoleUnknown`]; [`Code::Escalation`] if the roles permit what the caller's do not;
/// [`Code::LastOwner`].
pub async fn grant(tx: &Tx, authority: &Authority, old: Managed<Detailed>, mut roles: Vec<String>) -> Result<Detailed> {
    authority.policy.check_known(&roles)?;
    authority.may_give(&roles).await?;
    roles.push(USER.to_owned());
    roles.sort_unstable();
    roles.dedup();
    if roles == old.roles {
        tx.unchanged();
        return Ok(old.into_inner());
    }
    let id = old.user.id;
    role::Entity::delete_many()
        .filter(role::Column::UserId.eq(id))
        .exec(tx)
        .await?;
    let rows = roles.iter().map(|role| role::ActiveModel {
        user_id: Set(id),
        role: Set(role.clone()),
    });
    role::Entity::insert_many(rows).exec_without_returning(tx).await?;
    keep_owner(tx, &authority.policy, &old).await?;
    let mut new = Detailed::clone(&old);
    new.roles = roles;
    save(tx, &old, new).await
}

/// As [`ensure_owner`], after an act on one user: who was no owner took none away.
pub(super) async fn keep_owner(tx: &Tx, policy: &Arc<Policy>, before: &Detailed) -> Result<()> {
    match before.roles.iter().any(|role| role == OWNER) {
        true => ensure_owner(tx, policy).await,
        false => Ok(()),
    }
}

/// Whether the tenant still has an owner who can sign in and do everything.
///
/// To be asked at the end of every act that could take that away, among acts that take turns.
///
/// # Errors
/// [`Code::LastOwner`].
pub async fn ensure_owner(tx: &Tx, policy: &Arc<Policy>) -> Result<()> {
    /// Owners looked at at a time.
    const PART: u64 = 100;
    let mut last = UserId(uuid::Uuid::nil());
    loop {
        let owners = Entity::find()
            .filter(Column::Disabled.eq(false))
            .filter(Column::PasswordHash.is_not_null())
            .filter(Column::Id.gt(last))
            .filter(Column::Id.in_subquery(holding(&[OWNER.to_owned()])))
            .order_by_asc(Column::Id)
            .limit(PART)
            .all(tx)
            .await?;
        let Some(end) = owners.last() else {
            return Err(Code::LastOwner.into());
        };
        last = end.id;
        let ids: Vec<_> = owners.iter().map(|owner| owner.id).collect();
        let roles = roles_of(tx, &ids).await?;
        // An owner with a role that denies something cannot do everything.
        for roles in roles.values() {
            if policy.covers_async(roles, policy, &[OWNER.to_owned()]).await? {
                return Ok(());
            }
        }
    }
}

fn holding(roles: &[String]) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(role::Column::UserId)
        .from(role::Entity)
        .and_where(role::Column::Role.is_in(roles.iter().map(String::as_str)))
        .to_owned()
}

/// Whether somebody has one of these roles.
pub async fn holds_any(tx: &Tx, roles: &[String]) -> Result<bool> {
    Ok(tx.query_one(holding(roles).limit(1)).await?.is_some())
}

/// Whether somebody has one of these roles and one of those.
pub async fn holds_both(tx: &Tx, these: &[String], those: &[String]) -> Result<bool> {
    let mut both = holding(those);
    both.and_where(role::Column::UserId.in_subquery(holding(these)));
    Ok(tx.query_one(both.limit(1)).await?.is_some())
}

/// A user, as far as lists of other things name them.
#[derive(Clone, Debug)]
pub struct Named {
    /// Their id.
    pub id: UserId,
    /// The stable handle within the tenant.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// The tag of the language that they like best.
    pub language: Option<String>,
}

/// Up to `most` users who can sign in and have one of the roles of `with`, or any at all if that is
/// `None`, and none of `without`; in the order of their ids, after this one.
pub async fn holders(
    tx: &Tx,
    with: Option<&[String]>,
    without: &[String],
    after: Option<UserId>,
    most: u32,
) -> Result<Vec<Named>> {
    let mut query = Entity::find().filter(Column::Disabled.eq(false));
    if let Some(with) = with {
        query = query.filter(Column::Id.in_subquery(holding(with)));
    }
    if !without.is_empty() {
        query = query.filter(Column::Id.not_in_subquery(holding(without)));
    }
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    let users = query.order_by_asc(Column::Id).limit(u64::from(most)).all(tx).await?;
    let named = |user: Model| Named {
        id: user.id,
        name: user.name,
        display_name: user.display_name,
        language: user.language,
    };
    Ok(users.into_iter().map(named).collect())
}

/// The sets of roles that up to `most` holders of one of these roles have, and how many have each.
pub async fn role_sets(tx: &Tx, roles: &[String], most: u64) -> Result<BTreeMap<Vec<String>, u64>> {
    let mut some = holding(roles);
    some.distinct().limit(most);
    let found = tx.query_all(&some).await?;
    let ids: std::result::Result<Vec<UserId>, _> = found.iter().map(|row| row.try_get_by_index(0)).collect();
    let mut sets = BTreeMap::new();
    for roles in roles_of(tx, &ids?).await?.into_values() {
        *sets.entry(roles).or_default() += 1;
    }
    Ok(sets)
}

/// The roles that those of these users have who have no password; none if all have one.
pub async fn roles_without_password(tx: &Tx, users: SelectStatement) -> Result<Vec<String>> {
    let mut theirs = Query::select();
    theirs
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::PasswordHash.is_null())
        .and_where(Expr::col(Column::Id).in_subquery(users));
    let roles = role::Entity::find()
        .select_only()
        .column(role::Column::Role)
        .distinct()
        .filter(role::Column::UserId.in_subquery(theirs));
    Ok(roles.into_tuple().all(tx).await?)
}

/// Gives everybody who has a role another one instead.
pub async fn replace_role(tx: &Tx, old: &str, new: &str) -> Result<()> {
    role::Entity::delete_many()
        .filter(role::Column::Role.eq(old))
        .filter(role::Column::UserId.in_subquery(holding(&[new.to_owned()])))
        .exec(tx)
        .await?;
    role::Entity::update_many()
        .col_expr(role::Column::Role, Expr::value(new))
        .filter(role::Column::Role.eq(old))
        .exec(tx)
        .await?;
    Ok(())
}
