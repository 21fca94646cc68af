//! How signing in through a provider goes, for administrators.

use super::{
    Provider,
    entity::{Column, Entity},
};
use crate::kit::{db::Tx, error::Result, id::ProviderId};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

/// A success is written down once in this time.
const SELDOM: TimeDelta = TimeDelta::hours(1);

/// Writes down that somebody signed in, once an hour.
pub async fn note_success(tx: &Tx, provider: &Provider) -> Result<()> {
    if provider.row.last_success_at.is_some_and(|at| at + SELDOM > tx.now) {
        return Ok(());
    }
    note(tx, provider.id(), &[(Column::LastSuccessAt, Expr::value(tx.now))]).await
}

/// Writes down what went wrong, for administrators.
pub async fn note_error(tx: &Tx, id: ProviderId, what: &str) -> Result<()> {
    let what: String = what.chars().filter(|c| !c.is_control()).take(500).collect();
    let values = [
        (Column::LastError, Expr::value(what)),
        (Column::LastErrorAt, Expr::value(tx.now)),
    ];
    note(tx, id, &values).await
}

async fn note(tx: &Tx, id: ProviderId, values: &[(Column, Expr)]) -> Result<()> {
    let mut update = Entity::update_many().filter(Column::Id.eq(id));
    for (column, value) in values {
        update = update.col_expr(*column, value.clone());
    }
    update.exec(tx).await?;
    Ok(())
}
