//! APIs that trust the tenant's tokens (RFC 8707): each has an audience, scopes, and secrets to ask about
//! tokens with.

pub mod api;
pub mod entity;
mod known;
mod secret;
pub mod spec;
pub mod wire;

pub use known::{KnownApi, all_known, touch};
pub use secret::{NewSecret, Secret, add_secret, remove_secret, secrets};

use crate::{
    application::{self, spec::Audience},
    kit::{
        db::{self, Tx},
        error::{Code, Error, OnConflict, Result},
        id::ResourceServerId,
        object::check_version,
        page::{Listed, Timeline},
        selector::Values,
    },
};
use entity::{Column, Entity, Model, scope};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use spec::{Description, Scope, Spec};
use std::collections::HashMap;

/// APIs a tenant may have.
const MOST: u64 = 200;

/// An API that trusts the tenant's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceServer {
    row: Model,
    /// What an administrator decided.
    pub spec: Spec,
}

impl ResourceServer {
    fn new(row: Model, scopes: Vec<Scope>) -> Result<Self> {
        let name = row.display_name.parse();
        let spec = Spec {
            audience: row.audience.clone(),
            display_name: name.map_err(|why| anyhow::anyhow!("an API in the database {why}"))?,
            access_token_alg: row.access_token_alg,
            access_token_seconds: row.access_token_seconds.and_then(|seconds| seconds.try_into().ok()),
            scopes,
        };
        Ok(Self { row, spec })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ResourceServerId {
        self.row.id
    }

    /// Counts the writes to it.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.version
    }
}

/// The scopes of these APIs.
async fn scopes_of(tx: &Tx, ids: &[ResourceServerId]) -> Result<HashMap<ResourceServerId, Vec<Scope>>> {
    let rows = scope::Entity::find()
        .filter(scope::Column::ResourceServerId.is_in(ids.iter().copied()))
        .order_by_asc(scope::Column::Position)
        .all(tx)
        .await?;
    let mut scopes: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        scopes.entry(row.resource_server_id).or_default().push(Scope {
            scope: row.scope,
            description: Description {
                en: row.description_en,
                zh: row.description_zh,
            },
            public: row.public,
        });
    }
    Ok(scopes)
}

async fn set_scopes(tx: &Tx, id: ResourceServerId, scopes: &[Scope]) -> Result<()> {
    let of = scope::Column::ResourceServerId.eq(id);
    scope::Entity::delete_many().filter(of).exec(tx).await?;
    if scopes.is_empty() {
        return Ok(());
    }
    let rows = (0..).zip(scopes).map(|(position, scope)| scope::ActiveModel {
        resource_server_id: Set(id),
        scope: Set(scope.scope.clone()),
        description_en: Set(scope.description.en.clone()),
        description_zh: Set(scope.description.zh.clone()),
        public: Set(scope.public),
        position: Set(position),
    });
    scope::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Something that must be so of an API.
#[derive(Clone, Debug)]
pub enum ResourceServerFilter {
    /// Its audience.
    Audience(Values),
}

/// One page of the APIs.
pub async fn list(tx: &Tx, filters: &[ResourceServerFilter], timeline: &Timeline) -> Result<Listed<ResourceServer>> {
    let query = filters.iter().fold(Entity::find(), |query, filter| match filter {
        ResourceServerFilter::Audience(values) => query.filter(values.of(Column::Audience)),
    });
    let columns = (Column::CreatedAt, Column::Id);
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "resource-servers", query, columns, place).await?;
    let ids: Vec<_> = listed.items.iter().map(|row| row.id).collect();
    let mut scopes = scopes_of(tx, &ids).await?;
    listed.try_map(|row| {
        let scopes = scopes.remove(&row.id).unwrap_or_default();
        ResourceServer::new(row, scopes)
    })
}

/// The audiences of all APIs, with their scopes: what applications may be given.
pub async fn audiences(tx: &Tx) -> Result<Vec<Audience>> {
    let rows = Entity::find().all(tx).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut scopes = match ids.is_empty() {
        true => HashMap::new(),
        false => scopes_of(tx, &ids).await?,
    };
    let api = |row: Model| {
        let scopes = scopes.remove(&row.id).unwrap_or_default().into_iter();
        Audience {
            audience: row.audience,
            scopes: scopes.map(|scope| scope.scope).collect(),
        }
    };
    Ok(rows.into_iter().map(api).collect())
}

/// The API of this audience.
pub async fn find(tx: &Tx, audience: &str) -> Result<Option<ResourceServer>> {
    let row = Entity::find().filter(Column::Audience.eq(audience)).one(tx).await?;
    with_scopes(tx, row).await
}

async fn with_scopes(tx: &Tx, row: Option<Model>) -> Result<Option<ResourceServer>> {
    let Some(row) = row else { return Ok(None) };
    let scopes = scopes_of(tx, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    ResourceServer::new(row, scopes).map(Some)
}

/// The API of this id.
///
/// # Errors
/// [`Code::ResourceServerNotFound`].
pub async fn get(tx: &Tx, id: ResourceServerId) -> Result<ResourceServer> {
    let row = Entity::find_by_id(id).one(tx).await?;
    with_scopes(tx, row).await?.ok_or(Code::ResourceServerNotFound.into())
}

/// The API of this id, to be written to.
///
/// # Errors
/// [`Code::ResourceServerNotFound`]; those of the conditions of the request.
pub async fn get_for_update(tx: &Tx, id: ResourceServerId) -> Result<ResourceServer> {
    // Applications that are given a scope and scopes that go take turns.
    tx.lock("policy").await?;
    let found = get(tx, id).await?;
    tx.check_preconditions(Some(found.row.version), Some(found.row.updated_at))?;
    Ok(found)
}

fn check(spec: &Spec, issuer: &str) -> Result<()> {
    let wrong = spec.problems(issuer);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

/// Registers an API in the tenant of this address.
///
/// # Errors
/// [`Code::AudienceTaken`]; [`Error::Invalid`] with everything that is wrong; those of the conditions of the
/// request.
pub async fn create(tx: &Tx, spec: Spec, issuer: &str) -> Result<ResourceServer> {
    tx.check_preconditions(None, None)?;
    check(&spec, issuer)?;
    tx.lock("policy").await?;
    if Entity::find().count(tx).await? >= MOST {
        let why = format!("is one too many: a tenant has up to {MOST} APIs");
        return Err(Error::field("audience", "value", why));
    }
    let row = Model {
        id: ResourceServerId::new(tx.now),
        audience: spec.audience.clone(),
        display_name: spec.display_name.to_string(),
        access_token_alg: spec.access_token_alg,
        access_token_seconds: seconds(&spec),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    db::insert(tx, row.clone()).await.on_conflict(
        "resource_server_audience_key",
        "resource_server.audience",
        Code::AudienceTaken,
    )?;
    set_scopes(tx, row.id, &spec.scopes).await?;
    tx.changed("resource-server", &row.id, Value::Null, json!(spec));
    Ok(ResourceServer { row, spec })
}

fn seconds(spec: &Spec) -> Option<i32> {
    spec.access_token_seconds.and_then(|seconds| seconds.try_into().ok())
}

/// Changes what is decided about an API. Applications lose the scopes that go.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, those of [`check_version`], and what `change` returns.
pub async fn update(
    tx: &Tx,
    old: ResourceServer,
    (expected, issuer): (Option<i64>, &str),
    change: impl FnOnce(&ResourceServer) -> Result<Spec>,
) -> Result<ResourceServer> {
    check_version(expected, old.row.version)?;
    let spec = change(&old)?;
    if spec == old.spec {
        tx.unchanged();
        return Ok(old);
    }
    check(&spec, issuer)?;
    let mut row = old.row.clone();
    row.display_name = spec.display_name.to_string();
    row.access_token_alg = spec.access_token_alg;
    row.access_token_seconds = seconds(&spec);
    row.version += 1;
    row.updated_at = tx.now;
    let differs = db::difference(&old.row, &row);
    Entity::update_many()
        .set(differs)
        .filter(Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    if spec.scopes != old.spec.scopes {
        set_scopes(tx, row.id, &spec.scopes).await?;
        let stays = |name: &str| spec.scopes.iter().any(|scope| scope.scope == name);
        let names = old.spec.scopes.iter().map(|scope| scope.scope.as_str());
        let gone: Vec<&str> = names.filter(|name| !stays(name)).collect();
        application::forget_scopes(tx, &row.audience, &gone).await?;
    }
    tx.changed("resource-server", &row.id, json!(old.spec), json!(spec));
    Ok(ResourceServer { row, spec })
}

/// Deletes an API. No application can ask for tokens of it any more.
pub async fn remove(tx: &Tx, old: ResourceServer) -> Result<()> {
    Entity::delete_by_id(old.row.id).exec(tx).await?;
    application::forget_audience(tx, &old.row.audience).await?;
    tx.changed("resource-server", &old.row.id, json!(old.spec), Value::Null);
    Ok(())
}
