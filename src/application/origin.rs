//! From which origins pages may call at all.

use super::{
    entity::{Column, Entity, auth, uri as address},
    kind::{AuthMethod, UriKind},
    uri,
};
use crate::kit::{db::Tx, error::Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Query};

/// Whether an application that keeps no secret and is not disabled has pages of this origin.
pub async fn is_origin_of_any(tx: &Tx, origin: &str) -> Result<bool> {
    let public = Query::select()
        .column(auth::Column::ApplicationId)
        .from(auth::Entity)
        .and_where(auth::Column::Method.eq(AuthMethod::None))
        .to_owned();
    let disabled = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::Disabled.eq(true))
        .to_owned();
    let rows = address::Entity::find()
        .filter(address::Column::Kind.is_in([UriKind::Redirect, UriKind::Origin]))
        .filter(address::Column::Uri.starts_with(origin))
        .filter(address::Column::ApplicationId.in_subquery(public))
        .filter(address::Column::ApplicationId.not_in_subquery(disabled))
        .all(tx)
        .await?;
    // What it begins with could be the beginning of another host.
    let addresses: Vec<String> = rows.into_iter().map(|row| row.uri).collect();
    Ok(uri::origins(&addresses).iter().any(|known| known == origin))
}
