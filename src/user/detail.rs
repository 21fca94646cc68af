//! A user with what is shown beside them, read by one statement.

use super::entity::{Column, Entity, Model, label, role};
use crate::{
    access::{
        Subject, Who,
        principal::{list_of_roles, read_roles},
    },
    email::Addresses,
    kit::{
        db::{self, Tx},
        error::Result,
    },
};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryResult,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement},
};
use std::collections::BTreeMap;

/// A user with what is shown beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detailed {
    /// The row.
    pub user: Model,
    /// Their addresses.
    pub addresses: Addresses,
    /// Names of their roles, sorted.
    pub roles: Vec<String>,
    /// Their labels.
    pub labels: BTreeMap<String, String>,
}

impl Detailed {
    /// Their annotations.
    #[must_use]
    pub fn annotations(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.user.annotations.clone()).unwrap_or_default()
    }
}

impl Subject for Detailed {
    fn who(&self) -> Who {
        Who::User(self.user.id)
    }

    fn roles(&self) -> &[String] {
        &self.roles
    }
}

/// The users of a statement, with what is shown beside them. `order` is that of the answer.
pub(super) async fn details(
    tx: &Tx,
    users: SelectStatement,
    order: impl FnOnce(&mut SelectStatement),
) -> Result<Vec<Detailed>> {
    let mut query = Query::select();
    query
        .columns(Column::iter().map(|column| (Entity, column)))
        .from_subquery(users, Entity)
        .expr_as(roles(tx.get_database_backend()), "roles")
        .expr_as(map_of_labels(tx.get_database_backend()), "labels");
    Addresses::join(&mut query, &Expr::col((Entity, Column::Id)));
    order(&mut query);
    let rows = tx.query_all(&query).await?.into_iter();
    let read: std::result::Result<Vec<Detailed>, DbErr> = rows.map(|row| read(&row)).collect();
    Ok(read?)
}

/// The one user whom this condition finds.
pub(super) async fn find(tx: &Tx, which: impl IntoCondition) -> Result<Option<Detailed>> {
    let users = Entity::find().filter(which.into_condition()).into_query();
    Ok(details(tx, users, |_| ()).await?.pop())
}

/// The one user whom this condition finds, to be written to: nobody else writes to them meanwhile.
pub(super) async fn find_for_update(tx: &Tx, which: Condition) -> Result<Option<Detailed>> {
    let row = Entity::find().select_only().column(Column::Id).filter(which.clone());
    db::lock_rows(tx, row).await?;
    find(tx, which).await
}

pub(super) fn roles(backend: DbBackend) -> Expr {
    let mut roles = Query::select();
    roles
        .expr(Expr::cust(list_of_roles(backend)))
        .from(role::Entity)
        .and_where(Expr::col((role::Entity, role::Column::UserId)).equals((Entity, Column::Id)));
    Expr::SubQuery(None, Box::new(roles.into()))
}

/// A JSON object.
pub(super) fn map_of_labels(backend: DbBackend) -> Expr {
    let map = match backend {
        DbBackend::Postgres => "json_object_agg(key, value)::text",
        _ => "json_group_object(key, value)",
    };
    let mut labels = Query::select();
    labels
        .expr(Expr::cust(map))
        .from(label::Entity)
        .and_where(Expr::col((label::Entity, label::Column::UserId)).equals((Entity, Column::Id)));
    Expr::SubQuery(None, Box::new(labels.into()))
}

fn read(row: &QueryResult) -> std::result::Result<Detailed, DbErr> {
    let roles: Option<String> = row.try_get("", "roles")?;
    let labels: Option<String> = row.try_get("", "labels")?;
    let labels = labels.map(|labels| serde_json::from_str(&labels)).transpose();
    Ok(Detailed {
        user: Model::from_query_result(row, "")?,
        addresses: Addresses::read(row)?,
        roles: read_roles(roles.as_deref()),
        labels: labels.map_err(|why| DbErr::Json(why.to_string()))?.unwrap_or_default(),
    })
}
