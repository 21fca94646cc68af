//! Tenants: each has its own users, keys, mail and address.

pub mod api;
pub mod entity;
pub mod former;
mod job;
mod known;
mod provision;

use crate::kit::{
    blob::Store,
    db::{self, Db, Mode, SystemTx, difference},
    error::{Code, Error, OnConflict, Result},
    id::TenantId,
    mail::TENANT_KEY,
    page::{Listed, Timeline},
    secret,
    selector::Values,
    text::{DisplayName, TenantName},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Column, Entity, Model};
pub use entity::{Model as TenantRow, State};
pub use job::{RemovalJob, schedule_removal};
pub use known::Known;
pub use provision::{Owner, begin, provision, set_up};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, Func},
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
pub use tenantry_core::tenant::{DEFAULT, Rate, Tenant};

/// How long nobody else gets the name of a tenant that was removed.
const NAME_KEPT: TimeDelta = TimeDelta::days(90);
/// Names that are, or may become, part of the instance's own addresses.
const RESERVED: [&str; 6] = [DEFAULT, "system", "api", "www", "admin", "login"];

impl From<Model> for Tenant {
    fn from(row: Model) -> Self {
        let count = |given: Option<i32>| given.and_then(|given| u32::try_from(given).ok());
        let rate = count(row.requests_per_second).map(|per_second| Rate {
            per_second,
            burst: count(row.request_burst).unwrap_or(per_second),
        });
        Self {
            id: row.id,
            name: row.name.into(),
            display_name: row.display_name.into(),
            bounce_key: row.bounce_key.try_into().unwrap_or_default(),
            domain: row.domain.map(Into::into),
            former_domain: row.former_domain.map(Into::into),
            rate,
        }
    }
}

/// Whether a tenant may be founded with this name: one that is not reserved.
///
/// # Errors
/// It may not.
pub fn check_new_name(name: &TenantName) -> Result<()> {
    match RESERVED.contains(&name.as_str()) {
        true => Err(Error::field("name", "value", "is a reserved name")),
        false => Ok(()),
    }
}

/// Begins a tenant, which does not answer yet.
///
/// # Errors
/// [`Code::TenantNameTaken`].
async fn insert(tx: &SystemTx, name: &str, display_name: &DisplayName) -> Result<Model> {
    let named = (name, &*display_name.to_string());
    let row = Model::begun(TenantId::new(tx.now), named, new_bounce_key(), tx.now);
    add_new(tx, &row).await?;
    Ok(row)
}

/// A key for the addresses that mail of a new tenant comes back to.
#[must_use]
pub fn new_bounce_key() -> Vec<u8> {
    secret::random::<TENANT_KEY>().to_vec()
}

/// Adds a tenant whose name nobody has, and nobody had of late.
///
/// # Errors
/// [`Code::TenantNameTaken`].
pub async fn add_new(tx: &SystemTx, row: &Model) -> Result<()> {
    former::Entity::delete_many()
        .filter(former::Column::Until.lte(tx.now))
        .exec(tx)
        .await?;
    if former::Entity::find_by_id(&row.name).one(tx).await?.is_some() {
        return Err(Code::TenantNameTaken.into());
    }
    db::insert(tx, row.clone())
        .await
        .on_conflict("tenant_name_key", "tenant.name", Code::TenantNameTaken)
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

/// The tenants of these ids, by these.
pub async fn of_ids(tx: &SystemTx, ids: BTreeSet<TenantId>) -> Result<HashMap<TenantId, Model>> {
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
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

/// Which tenants a list has: all of these must hold.
#[derive(Clone, Debug)]
pub enum Filter {
    /// They are in one of these states.
    State(Values),
    /// Their name or what people call them has this in it.
    Keyword(String),
}

/// One page of the tenants that these let through.
pub async fn list_page(tx: &SystemTx, filters: &[Filter], timeline: &Timeline) -> Result<Listed<Model>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        Filter::State(values) => query.filter(values.of(Column::State)),
        Filter::Keyword(word) => {
            let word = db::like(&word.to_lowercase(), true);
            let shown = Expr::expr(Func::lower(Expr::col(Column::DisplayName)));
            let named = Expr::col(Column::Name).like(word.clone());
            query.filter(Condition::any().add(named).add(shown.like(word)))
        }
    });
    let place = |row: &Model| (row.created_at, row.id);
    timeline
        .read(tx, "tenants", query, (Column::CreatedAt, Column::Id), place)
        .await
}

/// The tenant of this name, for an operator.
///
/// # Errors
/// [`Code::TenantNotFound`].
pub async fn get_named(tx: &SystemTx, name: &str) -> Result<Model> {
    Ok(find(tx, name).await?.ok_or(Code::TenantNotFound)?)
}

/// Writes what an operator changed, and counts the version. One that stays as it is is not written.
pub async fn save(tx: &SystemTx, old: &Model, new: Model) -> Result<Model> {
    match *old == new {
        true => Ok(new),
        false => write(tx, old, new).await,
    }
}

/// Writes what an operator changed, here or in the tenant itself, and counts the version.
pub async fn write(tx: &SystemTx, old: &Model, new: Model) -> Result<Model> {
    let new = Model {
        version: old.version + 1,
        updated_at: Some(tx.now),
        ..new
    };
    Entity::update_many()
        .set(difference(old, &new))
        .filter(Column::Id.eq(old.id))
        .exec(tx)
        .await?;
    Ok(new)
}

/// A tenant as the audit trail keeps it.
#[must_use]
pub fn view(row: &Model) -> Value {
    json!({
        "displayName": row.display_name,
        "state": row.state.to_value(),
        "reason": row.reason,
        "deleteAfter": row.delete_after,
        "requestsPerSecond": row.requests_per_second,
        "requestBurst": row.request_burst,
        "domain": row.domain,
    })
}

/// Whether operators may stop the tenant or take it away.
///
/// # Errors
/// [`Code::DefaultTenant`].
pub fn check_not_default(row: &Model) -> Result<()> {
    match row.name == DEFAULT {
        true => Err(Code::DefaultTenant.into()),
        false => Ok(()),
    }
}

impl Model {
    /// A tenant that does not answer yet, by its name and what people call it.
    #[must_use]
    pub fn begun(
        id: TenantId,
        (name, display_name): (&str, &str),
        bounce_key: Vec<u8>,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            state: State::Founding,
            bounce_key,
            created_at,
            version: 1,
            updated_at: None,
            reason: None,
            delete_after: None,
            requests_per_second: None,
            request_burst: None,
            domain: None,
            former_domain: None,
        }
    }

    /// The same, which may get so many requests; none is as many as come.
    #[must_use]
    pub fn limited(self, rate: Option<Rate>) -> Self {
        let count = |given: u32| i32::try_from(given).unwrap_or(i32::MAX);
        Self {
            requests_per_second: rate.map(|rate| count(rate.per_second)),
            request_burst: rate.map(|rate| count(rate.burst)),
            ..self
        }
    }

    /// The same, whose addresses begin with this domain, or with the instance's. Tokens that name the address of before are
    /// still taken.
    ///
    /// # Errors
    /// [`Code::DefaultTenant`].
    pub fn at_domain(self, domain: Option<&str>) -> Result<Self> {
        check_not_default(&self)?;
        if self.domain.as_deref() == domain {
            return Ok(self);
        }
        Ok(Self {
            former_domain: self.domain,
            domain: domain.map(str::to_owned),
            ..self
        })
    }

    /// The same without this domain, which is theirs no more.
    #[must_use]
    pub fn without_domain(self, domain: &str) -> Self {
        let others = |known: Option<String>| known.filter(|known| known != domain);
        Self {
            domain: others(self.domain),
            former_domain: others(self.former_domain),
            ..self
        }
    }

    /// The same, stopped for this reason.
    ///
    /// # Errors
    /// [`Code::DefaultTenant`], [`Code::TenantDeleting`].
    pub fn suspended(self, reason: Option<String>) -> Result<Self> {
        check_not_default(&self)?;
        self.answering(State::Suspended, reason)
    }

    /// The same, which answers again.
    ///
    /// # Errors
    /// [`Code::TenantDeleting`].
    pub fn resumed(self) -> Result<Self> {
        self.answering(State::Active, None)
    }

    fn answering(self, state: State, reason: Option<String>) -> Result<Self> {
        match self.state {
            State::Deleting => Err(Code::TenantDeleting.into()),
            // Its founding is to be gone on with first.
            State::Founding => Err(Code::Busy.into()),
            State::Active | State::Suspended => Ok(Self { state, reason, ..self }),
        }
    }

    /// The same, which answers no more and is removed at this time.
    ///
    /// # Errors
    /// [`Code::DefaultTenant`].
    pub fn deleted(self, at: DateTime<Utc>) -> Result<Self> {
        check_not_default(&self)?;
        Ok(Self {
            state: State::Deleting,
            delete_after: self.delete_after.or(Some(at)),
            ..self
        })
    }

    /// The same, kept after all: suspended if it was when it was deleted.
    #[must_use]
    pub fn kept(self) -> Self {
        if self.state != State::Deleting {
            return self;
        }
        let state = match self.reason {
            Some(_) => State::Suspended,
            None => State::Active,
        };
        Self {
            state,
            delete_after: None,
            ..self
        }
    }
}

/// Stops a tenant, or lets it answer again. Answers with `false` if there is none to change.
///
/// # Errors
/// Those of [`Model::suspended`].
pub async fn set_suspended(tx: &SystemTx, name: &str, suspended: bool) -> Result<bool> {
    let Some(old) = find(tx, name).await? else {
        return Ok(false);
    };
    let new = match suspended {
        true => old.clone().suspended(Some(String::new()))?,
        false => old.clone().resumed()?,
    };
    save(tx, &old, new).await?;
    Ok(true)
}

/// Removes a tenant and everything it owns. Answers with `false` if there is none.
///
/// # Errors
/// Those of the database and the store; then removing it again goes on where it stopped.
pub async fn remove(db: &Db, files: &dyn Store, name: &str) -> Result<bool> {
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
    files.clear(tenant.id).await?;
    db.erase(tenant.id).await?;
    let forget = async |tx: &SystemTx| {
        let kept = former::Model {
            name: tenant.name.clone(),
            until: tx.now + NAME_KEPT,
        };
        former::Entity::delete_by_id(&kept.name).exec(tx).await?;
        db::insert(tx, kept).await?;
        Entity::delete_by_id(tenant.id).exec(tx).await?;
        Ok(())
    };
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
