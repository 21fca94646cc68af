//! Tenants: each has its own users, keys, mail and address.

pub mod api;
pub mod entity;
mod known;
mod provision;

use crate::kit::{
    db::{self, Db, Mode, SystemTx},
    error::{Code, OnConflict, Result},
    id::TenantId,
    mail::TENANT_KEY,
    secret,
    text::DisplayName,
};
use entity::{Column, Entity, Model};
pub use entity::{Model as TenantRow, State};
pub use known::Known;
pub use provision::{Owner, provision};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
pub use tenantry_core::tenant::{DEFAULT, Tenant};

impl From<Model> for Tenant {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name.into(),
            display_name: row.display_name.into(),
            bounce_key: row.bounce_key.try_into().unwrap_or_default(),
        }
    }
}

/// A word for `/t/<name>` and host names: a DNS label (RFC 1035 §2.3.1) of up to 40 characters.
///
/// # Errors
/// It is not one; the text says why.
pub fn parse_name(text: &str) -> anyhow::Result<String> {
    let label = !text.is_empty()
        && text.len() <= 40
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    anyhow::ensure!(
        label,
        "a tenant's name has 1 to 40 of a-z, 0-9 and -, and begins and ends with a letter or digit"
    );
    Ok(text.to_owned())
}

async fn insert(tx: &SystemTx, name: &str, display_name: &DisplayName) -> Result<Model> {
    let row = Model {
        id: TenantId::new(tx.now),
        name: name.to_owned(),
        display_name: display_name.to_string(),
        state: State::Founding,
        bounce_key: secret::random::<TENANT_KEY>().to_vec(),
        created_at: tx.now,
    };
    db::insert(tx, row.clone())
        .await
        .on_conflict("tenant_name_key", "tenant.name", Code::Busy)?;
    Ok(row)
}

/// Adds a tenant that was one elsewhere. Answers with `false` if another one has its name.
pub async fn add(tx: &SystemTx, row: &Model) -> Result<bool> {
    if find(tx, &row.name).await?.is_some() {
        return Ok(false);
    }
    db::insert(tx, row.clone()).await?;
    Ok(true)
}

/// Lets a tenant answer that was only just made.
pub async fn open(tx: &SystemTx, id: TenantId) -> Result<()> {
    set_state(tx, id, State::Active).await
}

/// The tenant of this id, in whatever state.
pub async fn find_by_id(tx: &SystemTx, id: TenantId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(tx).await?)
}

/// The tenant of this name.
pub async fn find(tx: &SystemTx, name: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Name.eq(name)).one(tx).await?)
}

/// The tenant that answers and whose bounces have this key.
pub async fn find_by_bounce_key(tx: &SystemTx, key: [u8; TENANT_KEY]) -> Result<Option<Model>> {
    let of = Entity::find().filter(Column::BounceKey.eq(key.to_vec()));
    Ok(of.filter(Column::State.eq(State::Active)).one(tx).await?)
}

/// All tenants, by name.
pub async fn list(tx: &SystemTx) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Name).all(tx).await?)
}

/// The tenant of this id.
///
/// # Errors
/// [`Code::TenantNotFound`].
pub async fn get(db: &Db, id: TenantId) -> Result<Tenant> {
    let row = db.run_system(Mode::Read, async |tx| find_by_id(tx, id).await).await?;
    Ok(row.ok_or(Code::TenantNotFound)?.into())
}

/// Stops a tenant, or lets it answer again. Answers with `false` if there is none to change.
pub async fn set_suspended(tx: &SystemTx, name: &str, suspended: bool) -> Result<bool> {
    let (from, to) = match suspended {
        true => (State::Active, State::Suspended),
        false => (State::Suspended, State::Active),
    };
    match find(tx, name).await? {
        Some(tenant) if tenant.state == from => set_state(tx, tenant.id, to).await.map(|()| true),
        Some(tenant) => Ok(tenant.state == to),
        None => Ok(false),
    }
}

/// Removes a tenant and everything it owns. Answers with `false` if there is none.
///
/// # Errors
/// The database's; then removing it again goes on where it stopped.
pub async fn remove(db: &Db, name: &str) -> Result<bool> {
    let mark = async |tx: &SystemTx| {
        let found = find(tx, name).await?;
        if let Some(tenant) = &found {
            set_state(tx, tenant.id, State::Deleting).await?;
        }
        Ok(found)
    };
    let Some(tenant) = db.run_system(Mode::Write, mark).await? else {
        return Ok(false);
    };
    db.erase(tenant.id).await?;
    let forget = async |tx: &SystemTx| Ok(Entity::delete_by_id(tenant.id).exec(tx).await?);
    db.run_system(Mode::Write, forget).await?;
    Ok(true)
}

async fn set_state(tx: &SystemTx, id: TenantId, state: State) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_name_is_a_dns_label() {
        for good in ["a", "acme", "acme-2", "0x"] {
            assert!(parse_name(good).is_ok(), "{good:?}");
        }
        for bad in ["", "Acme", "-a", "a-", "a.b", "a/b", "ä", &"a".repeat(41)] {
            assert!(parse_name(bad).is_err(), "{bad:?}");
        }
    }
}
