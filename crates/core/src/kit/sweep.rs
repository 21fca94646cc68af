//! Removes what has run out, a little with the writes that add to it, so that no table grows with
//! the years but the audit trail, and none needs a night to be cleaned.

use super::{db::Sweeps, error::Result, secret};
use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Statement};

/// Rows that are removed at once: more than have come meanwhile, so that none stay.
const AT_ONCE: u32 = 32;
/// Of writes that are many, one in so many sweeps.
const ONE_IN: u8 = 8;

/// Whether a transaction that adds so many of many rows is to sweep. By chance alone: what is
/// chosen by a row would take longer for some accounts than for others, each time.
#[must_use]
pub fn is_due(rows: usize) -> bool {
    (0..rows).any(|_| secret::random::<1>()[0].is_multiple_of(ONE_IN))
}

/// Removes some rows of `table`, of this primary key, whose `column` is not after `before`: the
/// oldest, but for those that somebody else holds at the moment. An index must begin with it.
pub async fn sweep(tx: &impl Sweeps, table: &str, key: &str, column: &str, before: DateTime<Utc>) -> Result<()> {
    let backend = tx.get_database_backend();
    let skip = match backend {
        DbBackend::Postgres => "for update skip locked",
        _ => "",
    };
    let sql = format!(
        "delete from {table} where ({key}) in
            (select {key} from {table} where {column} <= $1 order by {column} limit {AT_ONCE} {skip})"
    );
    tx.sweep(Statement::from_sql_and_values(backend, sql, [before.into()]))
        .await
}
