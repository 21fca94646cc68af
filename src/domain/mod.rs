//! Domains of a tenant's own: claimed by anybody, and the tenant's once it has shown that they are.

pub mod api;
pub mod entity;
mod job;
mod proof;
pub mod wire;

use crate::{
    kit::{
        db::{self, SystemTx},
        error::{Code, OnConflict, Result},
        id::TenantId,
        page::{Listed, Timeline},
        selector::Values,
        text::{DomainName, TenantName},
    },
    tenant,
};
use chrono::TimeDelta;
use entity::{Column, Entity};
pub use entity::{Model as Domain, State};
pub use job::{DomainJob, schedule};
pub use proof::{Found, look, record_name, record_text};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// Domains that a tenant may have, if its quota says nothing else.
pub const MOST: u64 = 20;
/// How long a domain whose record is gone is the tenant's.
const PATIENCE: TimeDelta = TimeDelta::days(30);

/// Which domains a list has: all of these must hold.
#[derive(Clone, Debug)]
pub enum Filter {
    /// They are in one of these states.
    State(Values),
    /// They are of this tenant.
    Tenant(TenantId),
    /// Their name has this in it.
    Keyword(String),
}

impl Filter {
    /// Those of the tenant of this name, if one is named.
    ///
    /// # Errors
    /// [`Code::TenantNotFound`].
    pub async fn of_tenant(tx: &SystemTx, name: Option<&TenantName>) -> Result<Option<Self>> {
        match name {
            Some(name) => Ok(Some(Self::Tenant(tenant::get_named(tx, name.as_str()).await?.id))),
            None => Ok(None),
        }
    }
}

/// One page of the domains that these let through.
pub async fn list_page(tx: &SystemTx, filters: &[Filter], timeline: &Timeline) -> Result<Listed<Domain>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        Filter::State(values) => query.filter(values.of(Column::State)),
        Filter::Tenant(tenant) => query.filter(Column::TenantId.eq(*tenant)),
        Filter::Keyword(word) => {
            let like = db::like(&word.to_lowercase(), true);
            query.filter(Column::Name.like(like))
        }
    });
    let place = |row: &Domain| (row.created_at, row.name.clone());
    timeline
        .read(tx, "domains", query, (Column::CreatedAt, Column::Name), place)
        .await
}

/// How many the tenant has.
pub async fn count(tx: &SystemTx, tenant: TenantId) -> Result<u64> {
    Ok(Entity::find().filter(Column::TenantId.eq(tenant)).count(tx).await?)
}

/// The tenant's domain of this name.
///
/// # Errors
/// [`Code::DomainNotFound`].
pub async fn get(tx: &SystemTx, tenant: TenantId, name: &DomainName) -> Result<Domain> {
    Ok(find(tx, tenant, name).await?.ok_or(Code::DomainNotFound)?)
}

/// The same, if the tenant has claimed it.
pub async fn find(tx: &SystemTx, tenant: TenantId, name: &DomainName) -> Result<Option<Domain>> {
    let key = (tenant, name.to_string());
    Ok(Entity::find_by_id(key).one(tx).await?)
}

/// All that the tenant has.
pub async fn all_of(tx: &SystemTx, tenant: TenantId) -> Result<Vec<Domain>> {
    let theirs = Entity::find().filter(Column::TenantId.eq(tenant));
    Ok(theirs.order_by_asc(Column::Name).all(tx).await?)
}

/// The tenant that has proven this domain.
pub async fn owner(tx: &SystemTx, name: &str) -> Result<Option<Domain>> {
    let proven = Entity::find().filter(Column::State.ne(State::Pending));
    Ok(proven.filter(Column::Name.eq(name)).one(tx).await?)
}

/// Every domain that somebody has proven.
pub async fn proven(tx: &SystemTx) -> Result<Vec<String>> {
    let proven = Entity::find().filter(Column::State.ne(State::Pending));
    let names = proven.select_only().column(Column::Name).order_by_asc(Column::Name);
    Ok(names.into_tuple().all(tx).await?)
}

/// Claims a domain for a tenant. Who has claimed it already has it claimed.
pub async fn claim(tx: &SystemTx, tenant: TenantId, name: &DomainName) -> Result<Domain> {
    if let Some(row) = find(tx, tenant, name).await? {
        return Ok(row);
    }
    let row = Domain {
        tenant_id: tenant,
        name: name.to_string(),
        state: State::Pending,
        created_at: tx.now,
        checked_at: None,
        verified_at: None,
        failing_since: None,
        problem: None,
    };
    db::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Writes what was found where the record of a domain should be. One that is missing for too long is the tenant's no
/// more, and their addresses do not begin with it any more.
///
/// # Errors
/// [`Code::DomainTaken`] if another tenant has proven it.
pub async fn note(tx: &SystemTx, old: &Domain, found: &Found) -> Result<Domain> {
    let checked_at = Some(tx.now);
    let new = match found {
        Found::Proof => Domain {
            state: State::Verified,
            verified_at: old.verified_at.or(checked_at),
            failing_since: None,
            problem: None,
            checked_at,
            ..old.clone()
        },
        Found::Other(said) => {
            let since = old.failing_since.unwrap_or(tx.now);
            let is_kept = old.state != State::Pending && since + PATIENCE > tx.now;
            Domain {
                state: if is_kept { State::Failing } else { State::Pending },
                verified_at: old.verified_at.filter(|_| is_kept),
                failing_since: Some(since).filter(|_| is_kept),
                problem: Some(said.join("; ")),
                checked_at,
                ..old.clone()
            }
        }
    };
    let found = Entity::find_by_id((old.tenant_id, old.name.clone()));
    // It may have been given up, or taken away, while servers were asked.
    if found.one(tx).await?.as_ref() != Some(old) {
        return Err(Code::Busy.into());
    }
    Entity::update_many()
        .set(db::difference(old, &new))
        .filter(Column::TenantId.eq(old.tenant_id))
        .filter(Column::Name.eq(&old.name))
        .exec(tx)
        .await
        .on_conflict("domain_name_key", "domain.name", Code::DomainTaken)?;
    if new.state == State::Pending {
        leave(tx, old).await?;
    }
    Ok(new)
}

/// Gives a domain up.
pub async fn remove(tx: &SystemTx, domain: &Domain) -> Result<()> {
    leave(tx, domain).await?;
    let key = (domain.tenant_id, domain.name.clone());
    Entity::delete_by_id(key).exec(tx).await?;
    Ok(())
}

/// Has no address of the tenant begin with this domain any more.
async fn leave(tx: &SystemTx, domain: &Domain) -> Result<()> {
    let Some(old) = tenant::find_by_id(tx, domain.tenant_id).await? else {
        return Ok(());
    };
    let new = old.clone().without_domain(&domain.name);
    tenant::save(tx, &old, new).await.map(drop)
}
