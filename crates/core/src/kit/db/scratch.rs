//! A tenant's tables in a file of their own, which nobody else sees: where a backup is read to.

use super::{
    Mode, Opening, SystemTx, private,
    sqlite::{Pools, options},
};
use crate::kit::{clock::Clock, error::Result};
use anyhow::Context;
use migrations::MigratorTrait;
use std::{path::Path, time::Duration};
use tracing::Instrument;

/// How it is opened: by one who waits for nobody.
const OPENING: Opening = Opening {
    open_tenants: 1,
    wait: Duration::from_secs(5),
    file_limit: None,
    lock: false,
    connections: 1,
    statement: Duration::ZERO,
};

/// A tenant's tables in a file of their own.
pub struct Scratch {
    pools: Pools,
    clock: Clock,
}

impl Scratch {
    /// Makes one as it was after so many steps of the schema. Whoever removes the directory removes it.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn create(directory: &Path, steps: usize, clock: Clock) -> anyhow::Result<Self> {
        let file = directory.join("scratch.db");
        private::prepare(file.clone(), true).await?;
        let pools = Pools::connect(options(&file, true), 1, OPENING).await?;
        let steps = u32::try_from(steps).context("too many steps")?;
        pools.migrate::<migrations::Tenant>(Some(steps)).await?;
        Ok(Self { pools, clock })
    }

    /// Goes the steps of the schema that are left.
    ///
    /// # Errors
    /// What is in it does not fit.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.pools.migrate::<migrations::Tenant>(None).await
    }

    /// Runs `f` in one transaction: committed if it succeeds, rolled back if it fails. In a span of its own, so that its
    /// statements are told from those of a tenant.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn run<T>(&self, mode: Mode, f: impl AsyncFnOnce(&SystemTx) -> Result<T>) -> Result<T> {
        let run = async {
            let tx = SystemTx::over(self.pools.begin(mode).await?, self.clock.now());
            let done = f(&tx).await;
            tx.end(done).await
        };
        run.instrument(tracing::trace_span!("scratch")).await
    }

    /// Closes its file.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}

/// The names of the steps of a tenant's tables, in their order.
#[must_use]
pub fn steps() -> Vec<String> {
    let steps = migrations::Tenant::migrations();
    steps.iter().map(|step| step.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::db::{TENANT_TABLES, table::Table};
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    use std::collections::BTreeSet;

    async fn scratch(directory: &Path) -> Scratch {
        Scratch::create(directory, steps().len(), Clock::manual())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_becomes_of_every_table_in_a_backup_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = scratch(directory.path()).await;
        let sql = "select name from sqlite_schema where type = 'table'";
        let names = async |tx: &SystemTx| Ok(tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?);
        let rows = scratch.run(Mode::Read, names).await.unwrap();
        let there: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        let said = TENANT_TABLES.iter().map(|(name, _)| (*name).to_owned());
        let said: BTreeSet<String> = said.chain(["tenant_migration".to_owned()]).collect();
        assert_eq!(there, said);
    }

    #[tokio::test]
    async fn rows_of_every_table_are_read_and_written_by_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let scratch = scratch(directory.path()).await;
        for (name, _) in TENANT_TABLES {
            let table = scratch
                .run(Mode::Read, async |tx| Table::describe(tx, name).await)
                .await
                .unwrap();
            assert!(!table.key.is_empty(), "{name}");
            let page = scratch.run(Mode::Read, async |tx| table.page(tx, None).await).await;
            assert!(page.is_ok(), "{name}");
        }
    }
}
