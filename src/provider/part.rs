//! What providers have several of: scopes, domains, directories and claims.

use super::{
    entity::{Model, claim, domain, scope, upstream},
    kind::Kind,
    spec::{ClaimPaths, Spec},
};
use crate::kit::{db::Tx, error::Result, id::ProviderId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// What providers have several of.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) scopes: HashMap<ProviderId, Vec<String>>,
    pub(super) domains: HashMap<ProviderId, Vec<String>>,
    pub(super) upstreams: HashMap<ProviderId, Vec<String>>,
    pub(super) claims: HashMap<ProviderId, ClaimPaths>,
}

impl Parts {
    pub(super) async fn read(tx: &Tx, of: &[Model]) -> Result<Self> {
        let mut parts = Self::default();
        if of.is_empty() {
            return Ok(parts);
        }
        let these = of.iter().map(|row| row.id);
        let scopes = scope::Entity::find().filter(scope::Column::ProviderId.is_in(these.clone()));
        for row in scopes.order_by_asc(scope::Column::Position).all(tx).await? {
            parts.scopes.entry(row.provider_id).or_default().push(row.scope);
        }
        let domains = domain::Entity::find().filter(domain::Column::ProviderId.is_in(these.clone()));
        for row in domains.order_by_asc(domain::Column::Position).all(tx).await? {
            parts.domains.entry(row.provider_id).or_default().push(row.domain);
        }
        // These are of one kind each.
        if of.iter().any(|row| row.kind == Kind::Microsoft) {
            let of = upstream::Column::ProviderId.is_in(these.clone());
            let upstreams = upstream::Entity::find()
                .filter(of)
                .order_by_asc(upstream::Column::Position);
            for row in upstreams.all(tx).await? {
                parts.upstreams.entry(row.provider_id).or_default().push(row.upstream);
            }
        }
        if of.iter().any(|row| row.kind == Kind::Oauth2) {
            let claims = claim::Entity::find().filter(claim::Column::ProviderId.is_in(these));
            for row in claims.all(tx).await? {
                parts
                    .claims
                    .entry(row.provider_id)
                    .or_default()
                    .set(&row.claim, row.path);
            }
        }
        Ok(parts)
    }

    /// Writes what differs from before.
    pub(super) async fn write(tx: &Tx, id: ProviderId, old: Option<&Spec>, new: &Spec) -> Result<()> {
        if old.is_none_or(|old| old.scopes != new.scopes) {
            let of = scope::Column::ProviderId.eq(id);
            scope::Entity::delete_many().filter(of).exec(tx).await?;
            let rows = (0..).zip(&new.scopes).map(|(position, scope)| scope::ActiveModel {
                provider_id: Set(id),
                scope: Set(scope.clone()),
                position: Set(position),
            });
            if !new.scopes.is_empty() {
                scope::Entity::insert_many(rows).exec_without_returning(tx).await?;
            }
        }
        if old.is_none_or(|old| old.domains != new.domains) {
            let of = domain::Column::ProviderId.eq(id);
            domain::Entity::delete_many().filter(of).exec(tx).await?;
            if !new.domains.is_empty() {
                let rows = (0..).zip(&new.domains).map(|(position, domain)| domain::ActiveModel {
                    provider_id: Set(id),
                    domain: Set(domain.to_string()),
                    position: Set(position),
                });
                domain::Entity::insert_many(rows).exec_without_returning(tx).await?;
            }
        }
        Self::write_of_kind(tx, id, old, new).await
    }

    async fn write_of_kind(tx: &Tx, id: ProviderId, old: Option<&Spec>, new: &Spec) -> Result<()> {
        if old.map_or(&[][..], |old| &old.upstreams) != new.upstreams {
            let of = upstream::Column::ProviderId.eq(id);
            upstream::Entity::delete_many().filter(of).exec(tx).await?;
            let rows = (0..)
                .zip(&new.upstreams)
                .map(|(position, upstream)| upstream::ActiveModel {
                    provider_id: Set(id),
                    upstream: Set(upstream.clone()),
                    position: Set(position),
                });
            if !new.upstreams.is_empty() {
                upstream::Entity::insert_many(rows).exec_without_returning(tx).await?;
            }
        }
        if old.map_or(&ClaimPaths::default(), |old| &old.claims) != &new.claims {
            let of = claim::Column::ProviderId.eq(id);
            claim::Entity::delete_many().filter(of).exec(tx).await?;
            let all = new.claims.all();
            let rows = all.iter().map(|(name, path)| claim::ActiveModel {
                provider_id: Set(id),
                claim: Set((*name).to_owned()),
                path: Set((*path).to_owned()),
            });
            if !all.is_empty() {
                claim::Entity::insert_many(rows).exec_without_returning(tx).await?;
            }
        }
        Ok(())
    }
}
