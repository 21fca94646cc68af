//! What providers have several of: scopes and domains.

use super::{
    entity::{domain, scope},
    spec::Spec,
};
use crate::kit::{db::Tx, error::Result, id::ProviderId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// What providers have several of.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) scopes: HashMap<ProviderId, Vec<String>>,
    pub(super) domains: HashMap<ProviderId, Vec<String>>,
}

impl Parts {
    pub(super) async fn read(tx: &Tx, ids: &[ProviderId]) -> Result<Self> {
        let mut parts = Self::default();
        if ids.is_empty() {
            return Ok(parts);
        }
        let these = ids.iter().copied();
        let scopes = scope::Entity::find().filter(scope::Column::ProviderId.is_in(these.clone()));
        for row in scopes.order_by_asc(scope::Column::Position).all(tx).await? {
            parts.scopes.entry(row.provider_id).or_default().push(row.scope);
        }
        let domains = domain::Entity::find().filter(domain::Column::ProviderId.is_in(these));
        for row in domains.order_by_asc(domain::Column::Position).all(tx).await? {
            parts.domains.entry(row.provider_id).or_default().push(row.domain);
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
            scope::Entity::insert_many(rows).exec_without_returning(tx).await?;
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
        Ok(())
    }
}
