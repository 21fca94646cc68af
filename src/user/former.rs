//! Names of users, and those that they had before: for a while nobody else gets one of these, since links and
//! memories still lead to whoever had it.

use super::{
    Detailed, Known,
    entity::{Column, Entity, Model, former},
    write,
};
use crate::{
    access::Managed,
    audit::Named,
    email,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        text::UserName,
    },
};
use chrono::{SubsecRound, TimeDelta};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::OnConflict,
};
use serde_json::json;

/// How long nobody else gets a name that a user gave up.
pub const RESERVED: TimeDelta = TimeDelta::days(30);
/// Former names by which a user's history is looked up, the latest.
const REMEMBERED: u64 = 20;

/// Names that are not free yet.
fn reserved(tx: &Tx) -> Select<former::Entity> {
    former::Entity::find().filter(former::Column::LeftAt.gt(tx.now - RESERVED))
}

/// Refuses a name that somebody else than this user gave up lately.
pub(super) async fn check_free(tx: &Tx, name: &str, user: UserId) -> Result<()> {
    let others = reserved(tx)
        .filter(former::Column::Name.eq(name))
        .filter(former::Column::UserId.ne(user));
    match others.one(tx).await? {
        Some(_) => Err(Code::UserNameTaken.into()),
        None => Ok(()),
    }
}

/// Whether somebody has this name, or had it so lately that nobody else gets it.
pub async fn is_taken(tx: &Tx, name: &UserName) -> Result<bool> {
    let name = name.to_string();
    if Entity::find().filter(Column::Name.eq(&name)).one(tx).await?.is_some() {
        return Ok(true);
    }
    let given_up = reserved(tx).filter(former::Column::Name.eq(name)).one(tx).await?;
    Ok(given_up.is_some())
}

/// Those who had one of these names lately, by that name.
pub async fn known_before(tx: &Tx, names: &[&str]) -> Result<Vec<Known>> {
    let rows = reserved(tx).filter(former::Column::Name.is_in(names.iter().copied()));
    let rows = rows.all(tx).await?;
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<_> = rows.iter().map(|row| row.user_id).collect();
    let addresses = email::of_users(tx, &ids).await?;
    let each = rows.into_iter().map(|row| Known {
        address_key: addresses
            .get(&row.user_id)
            .map(|of| of.primary.address_key.clone())
            .unwrap_or_default(),
        id: row.user_id,
        name: row.name,
    });
    Ok(each.collect())
}

/// The names that a user has and had, the present one first.
pub async fn names_of(tx: &Tx, user: &Model) -> Result<Vec<Named>> {
    let rows = former::Entity::find()
        .filter(former::Column::UserId.eq(user.id))
        .order_by_desc(former::Column::LeftAt)
        .limit(REMEMBERED)
        .all(tx)
        .await?;
    let present = Named {
        name: user.name.clone(),
        since: rows.first().map_or(user.created_at, |last| last.left_at),
        until: None,
    };
    let former = rows.into_iter().map(|row| Named {
        name: row.name,
        since: row.taken_at,
        until: Some(row.left_at),
    });
    Ok([present].into_iter().chain(former).collect())
}

/// Whether a user got another name so lately that the one before is kept for them.
pub async fn is_renamed_lately(tx: &Tx, user: UserId) -> Result<bool> {
    let lately = reserved(tx).filter(former::Column::UserId.eq(user)).one(tx).await?;
    Ok(lately.is_some())
}

/// Gives a user another name. The one before is kept for them for [`RESERVED`]; who was shown by it is shown by the
/// new one. The name that they have changes nothing.
///
/// # Errors
/// [`Code::UserNameTaken`], also of a name that somebody else gave up lately.
pub async fn rename(tx: &Tx, old: Managed<Detailed>, name: &UserName) -> Result<Detailed> {
    let name = name.to_string();
    if name == old.user.name {
        tx.unchanged();
        return Ok(old.into_inner());
    }
    check_free(tx, &name, old.user.id).await?;
    leave(tx, &old.user).await?;
    let mut new = Detailed::clone(&old);
    if new.user.display_name == old.user.name {
        new.user.display_name.clone_from(&name);
    }
    new.user.name = name;
    let new = write(tx, &old, new).await?;
    let said = |of: &Detailed| json!({ "name": of.user.name, "displayName": of.user.display_name });
    tx.changed("user", &old.user.name, said(&old), said(&new));
    Ok(new)
}

/// Keeps the name that a user gives up now.
async fn leave(tx: &Tx, user: &Model) -> Result<()> {
    let present = names_of(tx, user).await?;
    let since = present.first().map_or(user.created_at, |present| present.since);
    let row = former::ActiveModel {
        name: Set(user.name.clone()),
        // As precise as the events of the trail, the last of which is that it is given up.
        left_at: Set(tx.now.trunc_subsecs(6)),
        user_id: Set(user.id),
        taken_at: Set(since),
    };
    former::Entity::insert(row)
        // Taken and given up within one moment, twice.
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
