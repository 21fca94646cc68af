//! APIs as tokens are made for them, and as they prove who they are.

use super::{
    ResourceServer, Secret,
    entity::{Entity, secret},
    scopes_of,
};
use crate::kit::{
    db::Tx,
    error::Result,
    id::{ResourceServerId, SecretId},
    secret::token_hash,
};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use subtle::ConstantTimeEq;

/// An API, with what it proves itself by.
#[derive(Debug)]
pub struct KnownApi {
    /// The API.
    pub api: ResourceServer,
    secrets: Vec<Secret>,
}

/// Every API of the tenant.
pub async fn all_known(tx: &Tx) -> Result<Vec<KnownApi>> {
    let rows = Entity::find().all(tx).await?;
    let ids: Vec<ResourceServerId> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut scopes = scopes_of(tx, &ids).await?;
    let mut secrets = secret::Entity::find().order_by_asc(secret::Column::Id).all(tx).await?;
    let known = rows.into_iter().map(|row| {
        let scopes = scopes.remove(&row.id).unwrap_or_default();
        let of = |secret: &mut Secret| secret.resource_server_id == row.id;
        let secrets = secrets.extract_if(.., of).collect();
        Ok(KnownApi {
            api: ResourceServer::new(row, scopes)?,
            secrets,
        })
    });
    known.collect()
}

/// The hour in which this moment is.
fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}

impl KnownApi {
    /// The secret that this one is, if it is good now, and whether it is due to be written that it was used.
    #[must_use]
    pub fn proven_by(&self, given: &str, now: DateTime<Utc>) -> Option<(SecretId, bool)> {
        let hash = token_hash(given);
        let mut good = self
            .secrets
            .iter()
            .filter(|row| row.expires_at.is_none_or(|end| now < end));
        let same = good.rfind(|row| row.hash.ct_eq(&hash).into())?;
        let is_stale = same.last_used_at.is_none_or(|used| used < hour_of(now));
        Some((same.id, is_stale))
    }
}

/// Remembers that a secret of an API was used in this hour.
pub async fn touch(tx: &Tx, id: SecretId) -> Result<()> {
    secret::Entity::update_many()
        .col_expr(secret::Column::LastUsedAt, Expr::value(hour_of(tx.now)))
        .filter(secret::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
