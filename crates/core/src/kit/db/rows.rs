//! What is done with rows, whichever table they are of.

use super::Tx;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, Iterable, ModelTrait,
    QuerySelect, QueryTrait, Select, sea_query::LikeExpr,
};

/// Adds a row, every column as it is said here: unlike an active model, nothing is read back.
pub async fn insert<M>(tx: &impl ConnectionTrait, row: M) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    let row = row.into_active_model().reset_all();
    M::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps the rows of this query from other writers until the transaction ends. What hangs from such a
/// row is to be read after this: a statement that waits for a row sees other tables as they were before.
pub async fn lock_rows<E: EntityTrait>(tx: &Tx, rows: Select<E>) -> Result<(), DbErr> {
    // With SQLite there is no other writer.
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.query_all(&rows.lock_exclusive().into_query()).await?;
    }
    Ok(())
}

/// That a text has this in it, or begins with it.
#[must_use]
pub fn like(text: &str, anywhere: bool) -> LikeExpr {
    let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let before = if anywhere { "%" } else { "" };
    LikeExpr::new(format!("{before}{literal}%")).escape('\\')
}

/// The update that makes one row into another: the columns that differ.
pub fn difference<M: ModelTrait>(old: &M, new: &M) -> <M::Entity as EntityTrait>::ActiveModel {
    let mut difference = <<M::Entity as EntityTrait>::ActiveModel as ActiveModelTrait>::default();
    for column in <M::Entity as EntityTrait>::Column::iter() {
        let value = new.get(column);
        if value != old.get(column) {
            difference.set(column, value);
        }
    }
    difference
}
