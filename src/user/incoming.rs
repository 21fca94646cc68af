//! Users who come from elsewhere, many at a time.

use super::{
    NewUser, Profile,
    entity::{Column, Entity, Model, label, role, word},
    filter, row, with_user,
};
use crate::{
    email,
    kit::{db::Tx, error::Result, id::UserId, total},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

/// Rows of a table that are written at once: no database takes more than some ten thousand values.
const AT_ONCE: usize = 500;

/// A user who comes from elsewhere.
#[derive(Debug)]
pub struct Incoming {
    /// Who it is.
    pub new: NewUser,
    /// Their id, if they had one of ours.
    pub id: Option<UserId>,
    /// When they were made there.
    pub created_at: DateTime<Utc>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// What they say of themselves.
    pub profile: Profile,
}

/// Somebody who is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// The address in force, as addresses are compared.
    pub address_key: String,
}

/// Those who have one of these names or ids.
pub async fn known(tx: &Tx, names: &[&str], ids: &[UserId]) -> Result<Vec<Known>> {
    let which = Condition::any()
        .add(Column::Name.is_in(names.iter().copied()))
        .add(Column::Id.is_in(ids.iter().copied()));
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(which);
    let found: Vec<(UserId, String)> = found.into_tuple().all(tx).await?;
    let all: Vec<_> = found.iter().map(|(id, _)| *id).collect();
    let mut addresses = email::of_users(tx, &all).await?;
    let each = found.into_iter().map(|(id, name)| Known {
        id,
        name,
        address_key: addresses
            .remove(&id)
            .map(|of| of.primary.address_key)
            .unwrap_or_default(),
    });
    Ok(each.collect())
}

/// Adds users. Whoever does found that no name, proven address and id of theirs is taken, and that there is
/// room for them.
pub async fn add_all(tx: &Tx, users: Vec<Incoming>) -> Result<()> {
    let (mut rows, mut words, mut roles, mut labels) = (vec![], vec![], vec![], vec![]);
    for user in &users {
        let id = user.id.unwrap_or_else(|| UserId::new(tx.now));
        let row = row_of(tx, id, user);
        words.extend(filter::words(&row.search).into_iter().map(|word| word::ActiveModel {
            word: Set(word),
            user_id: Set(id),
        }));
        let theirs = with_user(user.new.roles.clone());
        // The event is about many: what they may do is what the trail cannot be without.
        tx.changed("user", &row.name, Value::Null, json!({ "roles": theirs }));
        roles.extend(theirs.into_iter().map(|role| role::ActiveModel {
            user_id: Set(id),
            role: Set(role),
        }));
        labels.extend(user.new.labels.iter().map(|(key, value)| label::ActiveModel {
            user_id: Set(id),
            key: Set(key.clone()),
            value: Set(value.clone()),
        }));
        rows.push(row);
    }
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    insert::<Entity>(tx, rows.collect()).await?;
    insert::<word::Entity>(tx, words).await?;
    insert::<role::Entity>(tx, roles).await?;
    insert::<label::Entity>(tx, labels).await?;
    let addresses = ids
        .iter()
        .zip(&users)
        .map(|(id, user)| (*id, &user.new.email, user.new.proven));
    email::add_all(tx, addresses).await?;
    total::add(tx, total::USERS, i64::try_from(users.len()).unwrap_or(i64::MAX)).await
}

fn row_of(tx: &Tx, id: UserId, user: &Incoming) -> Model {
    let mut row = Model {
        disabled: user.disabled,
        created_at: user.created_at,
        ..row(tx, id, &user.new)
    };
    user.profile.clone().write_to(&mut row);
    row
}

async fn insert<E: EntityTrait>(tx: &Tx, mut rows: Vec<E::ActiveModel>) -> Result<()>
where
    E::ActiveModel: Send,
{
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(AT_ONCE));
        E::insert_many(rows).exec_without_returning(tx).await?;
        rows = rest;
    }
    Ok(())
}
