//! Tenants: each has its own users, keys, mail and address.

pub mod api;
pub mod entity;
pub mod key;

use crate::{
    access::policy,
    app::App,
    audit,
    kit::{
        counter,
        db::{self, Mode, SystemTx, Tx},
        error::{Code, Error, OnConflict, Result},
        id::TenantId,
        text::{DisplayName, Email, UserName},
    },
    user::{self, NewUser},
};
use entity::{Column, Entity, Model, State};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

/// The tenant that exists from the first start, and answers where no other is named.
pub const DEFAULT: &str = "default";

/// The tenant of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its stable handle.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// Whether it answers.
    pub state: State,
}

impl From<Model> for Tenant {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            display_name: row.display_name,
            state: row.state,
        }
    }
}

/// The first owner of a tenant.
#[derive(Debug)]
pub struct Owner {
    /// Their handle.
    pub name: UserName,
    /// Their address.
    pub email: Email,
    /// PHC string of their password.
    pub password_hash: String,
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

/// Founds a tenant: its row, its place, its signing key and its first owner.
///
/// If that was interrupted, founding it again goes on where it stopped. Answers with `false` if
/// the tenant was there already.
///
/// # Errors
/// The database's.
pub async fn found(app: &App, name: &str, display_name: &DisplayName, owner: Owner) -> Result<bool> {
    let begun = async |tx: &SystemTx| match find(tx, name).await? {
        Some(tenant) if tenant.state != State::Founding => Ok(None),
        Some(tenant) => Ok(Some(tenant)),
        None => insert(tx, name, display_name).await.map(Some),
    };
    let Some(tenant) = app.db.run_system(Mode::Write, begun).await? else {
        return Ok(false);
    };
    app.db.make_room(tenant.id).await?;
    let furnish = async |tx: &Tx| furnish(tx, app, owner).await;
    app.db.run(tenant.id, Mode::Write, furnish).await?;
    let open = async |tx: &SystemTx| set_state(tx, tenant.id, State::Active).await;
    app.db.run_system(Mode::Write, open).await?;
    Ok(true)
}

/// What a tenant begins with: its key and its first owner.
async fn furnish(tx: &Tx, app: &App, owner: Owner) -> Result<()> {
    key::ensure(tx, &app.master).await?;
    counter::found(tx).await?;
    let new = NewUser {
        proven: true,
        password_hash: Some(owner.password_hash),
        roles: vec![policy::OWNER.to_owned()],
        ..NewUser::new(owner.name, owner.email)
    };
    match user::get(tx, &new.name).await {
        Ok(_) => return Ok(()),
        Err(Error::Refused(Code::UserNotFound)) => {}
        Err(error) => return Err(error),
    }
    user::create(tx, new).await?;
    let act = audit::Act {
        actor: None,
        client: None,
        action: "tenants:create",
        object: "*",
        outcome: audit::Outcome::Done,
    };
    audit::append(tx, &app.master, act).await
}

async fn insert(tx: &SystemTx, name: &str, display_name: &DisplayName) -> Result<Tenant> {
    let row = Model {
        id: TenantId::new(tx.now),
        name: name.to_owned(),
        display_name: display_name.to_string(),
        state: State::Founding,
        created_at: tx.now,
    };
    db::insert(tx, row.clone())
        .await
        .on_conflict("tenant_name_key", "tenant.name", Code::Busy)?;
    Ok(row.into())
}

/// The tenant of this name.
///
/// # Errors
/// The database's.
pub async fn find(tx: &SystemTx, name: &str) -> Result<Option<Tenant>> {
    let row = Entity::find().filter(Column::Name.eq(name)).one(tx).await?;
    Ok(row.map(Into::into))
}

/// All tenants, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &SystemTx) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Name).all(tx).await?)
}

/// The tenant of this id.
///
/// # Errors
/// [`Code::TenantNotFound`].
pub async fn get(app: &App, id: TenantId) -> Result<Tenant> {
    let find = async |tx: &SystemTx| Ok(Entity::find_by_id(id).one(tx).await?);
    let row = app.db.run_system(Mode::Read, find).await?;
    Ok(row.ok_or(Code::TenantNotFound)?.into())
}

/// Stops a tenant, or lets it answer again. Answers with `false` if there is none to change.
///
/// # Errors
/// The database's.
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
pub async fn remove(app: &App, name: &str) -> Result<bool> {
    let mark = async |tx: &SystemTx| {
        let found = find(tx, name).await?;
        if let Some(tenant) = &found {
            set_state(tx, tenant.id, State::Deleting).await?;
        }
        Ok(found)
    };
    let Some(tenant) = app.db.run_system(Mode::Write, mark).await? else {
        return Ok(false);
    };
    app.db.erase(tenant.id).await?;
    let forget = async |tx: &SystemTx| Ok(Entity::delete_by_id(tenant.id).exec(tx).await?);
    app.db.run_system(Mode::Write, forget).await?;
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
