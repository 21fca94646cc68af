//! Numbers that are kept as rows are written, so that nobody has to count the rows.

use super::{
    db::{self, Tx},
    error::Result,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, Query},
};

/// Users of the tenant.
pub const USERS: &str = "users";
/// Bytes of the tenant's files, those that are on their way included.
pub const ATTACHMENT_BYTES: &str = "attachmentBytes";
/// Changes to the tenant's roles.
pub const POLICY: &str = "policy";
/// The event of the audit trail up to which what happened is in the series.
pub const FOLDED: &str = "folded";

pub mod entity {
    //! The `counter` table.

    use sea_orm::entity::prelude::*;

    /// One number.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counter")]
    pub struct Model {
        /// What is counted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// How many.
        pub value: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity, Model};

/// Begins every count of a new tenant.
pub async fn begin(tx: &Tx) -> Result<()> {
    for name in [USERS, POLICY, ATTACHMENT_BYTES] {
        if Entity::find_by_id(name).one(tx).await?.is_none() {
            let row = Model {
                name: name.to_owned(),
                value: 0,
            };
            db::insert(tx, row).await?;
        }
    }
    Ok(())
}

/// The number.
pub async fn read(tx: &Tx, name: &str) -> Result<i64> {
    let row = Entity::find_by_id(name).one(tx).await?;
    Ok(row.map_or(0, |row| row.value))
}

/// Makes the number this one.
pub async fn set(tx: &Tx, name: &str, value: i64) -> Result<()> {
    let changed = Entity::update_many()
        .col_expr(Column::Value, Expr::value(value))
        .filter(Column::Name.eq(name))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        let row = Model {
            name: name.to_owned(),
            value,
        };
        db::insert(tx, row).await?;
    }
    Ok(())
}

/// Adds to the number.
pub async fn add(tx: &Tx, name: &str, more: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Value, Expr::col(Column::Value).add(more))
        .filter(Column::Name.eq(name))
        .exec(tx)
        .await?;
    Ok(())
}

/// Adds one to the number as long as that is no more than the tenant's quota of this name; if it was, answers the number
/// and the quota, if there is one.
pub async fn take_of_quota(tx: &Tx, name: &str) -> Result<Option<(i64, Option<i64>)>> {
    let is_free = "not exists (select 1 from quota where quota.name = counter.name and quota.value <= counter.value)";
    let quota = "(select quota.value from quota where quota.name = counter.name)";
    let mut take = Query::update();
    take.table(Entity)
        .value(Column::Value, Expr::col(Column::Value).add(1))
        .and_where(Expr::col(Column::Name).eq(name))
        .and_where(Expr::cust(is_free))
        .returning(Query::returning().exprs([Expr::col(Column::Value), Expr::cust(quota)]));
    let Some(taken) = tx.query_one(&take).await? else {
        return Ok(None);
    };
    Ok(Some((taken.try_get_by_index(0)?, taken.try_get_by_index(1)?)))
}

/// Adds to the number as long as it is no more than `most` then, and answers the number if it was.
///
/// One statement: of many who want the last of it at once, none gets what another has.
pub async fn take(tx: &Tx, name: &str, more: i64, most: i64) -> Result<Option<i64>> {
    let taken = Entity::update_many()
        .col_expr(Column::Value, Expr::col(Column::Value).add(more))
        .filter(Column::Name.eq(name))
        .filter(Expr::col(Column::Value).add(more).lte(most))
        .exec_with_returning(tx)
        .await?;
    Ok(taken.first().map(|row| row.value))
}
