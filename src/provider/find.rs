//! Providers as they are read.

use super::{
    Provider,
    entity::{Column, Entity},
    kind::Kind,
    part::Parts,
};
use crate::kit::{db::Tx, error::Result, id::ProviderId};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Every provider, in the order in which people see them.
pub async fn all(tx: &Tx) -> Result<Vec<Provider>> {
    let rows = Entity::find()
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Name)
        .all(tx)
        .await?;
    let mut parts = Parts::read(tx, &rows).await?;
    rows.into_iter().map(|row| Provider::new(row, &mut parts)).collect()
}

/// A provider that people can sign in through now.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its id.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// What it speaks.
    pub kind: Kind,
}

/// The providers that people can sign in through now.
pub async fn open(tx: &Tx) -> Result<Vec<Open>> {
    let rows = Entity::find()
        .filter(Column::Enabled.eq(true))
        .filter(Column::SignIn.eq(true))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Name)
        .all(tx)
        .await?;
    // One that is enabled is complete.
    let open = rows.into_iter().map(|row| Open {
        id: row.id,
        name: row.name,
        display_name: row.display_name,
        kind: row.kind,
    });
    Ok(open.collect())
}

/// The name of the provider that people sign in through at the addresses of this maker: the one that is called so,
/// else the only one of its kind.
pub async fn of_maker(tx: &Tx, maker: Kind) -> Result<Option<String>> {
    let open = Entity::find()
        .filter(Column::Enabled.eq(true))
        .filter(Column::SignIn.eq(true))
        // It answers by a form, which these addresses do not take.
        .filter(Column::Kind.ne(Kind::Apple))
        .all(tx)
        .await?;
    let called = maker.to_value();
    if open.iter().any(|row| row.name == called) {
        return Ok(Some(called));
    }
    let mut of_kind = open.into_iter().filter(|row| row.kind == maker);
    let only = of_kind.next().filter(|_| of_kind.next().is_none());
    Ok(only.map(|row| row.name))
}

/// The provider of this name.
pub async fn find(tx: &Tx, name: &str) -> Result<Option<Provider>> {
    let row = Entity::find().filter(Column::Name.eq(name)).one(tx).await?;
    let Some(row) = row else { return Ok(None) };
    let mut parts = Parts::read(tx, std::slice::from_ref(&row)).await?;
    Provider::new(row, &mut parts).map(Some)
}

/// The provider of this id.
pub async fn find_by_id(tx: &Tx, id: ProviderId) -> Result<Option<Provider>> {
    let Some(row) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(None);
    };
    let mut parts = Parts::read(tx, std::slice::from_ref(&row)).await?;
    Provider::new(row, &mut parts).map(Some)
}
