//! The proof that the master key is the one that everything here was sealed with.
//!
//! Any other key would open nothing, and what it seals or hashes meanwhile could not be told from the
//! rest: nobody's password would be right any more, and the audit trails would break.

use super::transaction::Transaction;
use crate::kit::{error::Result, secret::MasterKey};
use sea_orm::{DbBackend, Statement};

const CONTEXT: &str = "canary";
const WORD: &[u8] = b"tenantry";

/// Whether the key opened the canary of this database; `false` if there is none yet.
///
/// # Errors
/// It was sealed with another key.
pub(super) async fn prove(tx: &Transaction, master: &MasterKey) -> anyhow::Result<bool> {
    let backend = tx.backend();
    // A database of an older version has no such table, and is not to be brought up to date first.
    let there = match backend {
        DbBackend::Postgres => "select 1 where to_regclass('canary') is not null",
        _ => "select 1 from sqlite_master where type = 'table' and name = 'canary'",
    };
    if tx.query_one(Statement::from_string(backend, there)).await?.is_none() {
        return Ok(false);
    }
    let canary = "select sealed from canary where id = 1";
    let Some(row) = tx.query_one(Statement::from_string(backend, canary)).await? else {
        return Ok(false);
    };
    let sealed: Vec<u8> = row.try_get("", "sealed")?;
    let opened = master.open(CONTEXT, &sealed).is_ok_and(|word| *word == WORD);
    anyhow::ensure!(
        opened,
        "this is not the master key that the database was sealed with; put that one back: nothing was written"
    );
    Ok(true)
}

/// Seals a canary, unless somebody else just did.
pub(super) async fn seal(tx: &Transaction, master: &MasterKey) -> Result<()> {
    let sql = "insert into canary (id, sealed) values (1, $1) on conflict do nothing";
    let values = [master.seal(CONTEXT, WORD).into()];
    tx.execute(Statement::from_sql_and_values(tx.backend(), sql, values))
        .await?;
    prove(tx, master).await?;
    Ok(())
}
