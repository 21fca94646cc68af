//! SQLite: one file per tenant, and `system.db`.

use super::{Backend, Connection, Mode, Opening, add_todo, migrate};
use crate::kit::id::{JobId, TenantId};
use anyhow::Context;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// One SQLite file: a single writer, so that only another program makes it "locked", and readers.
pub(super) struct Pools {
    pub(super) writer: Connection,
    pub(super) reader: Connection,
}

impl Pools {
    pub(super) async fn open(file: &Path, readers: u32, create: bool, wait: Duration) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            .page_size(2048)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(wait);
        let pool = |size: u32| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(wait)
                .idle_timeout(Duration::from_mins(5))
                .test_before_acquire(false)
        };
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .with_context(|| format!("opening {}", file.display()))?;
        let reader = pool(readers).connect_lazy_with(options.pragma("query_only", "on"));
        Ok(Self {
            writer: sea_orm::SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            reader: sea_orm::SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
        })
    }

    pub(super) async fn begin(&self, mode: Mode) -> Result<DatabaseTransaction, DbErr> {
        let (pool, begin) = match mode {
            Mode::Read => (&self.reader, SqliteTransactionMode::Deferred),
            // A deferred writer that finds another one fails at once, whatever the timeout.
            Mode::Write => (&self.writer, SqliteTransactionMode::Immediate),
        };
        pool.begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(begin),
            ..TransactionOptions::default()
        })
        .await
    }

    pub(super) async fn close(&self) {
        let _ = self.reader.clone().close().await;
        let _ = self.writer.clone().close().await;
    }
}

pub(super) async fn open_directory(directory: &Path, opening: Opening) -> anyhow::Result<Backend> {
    let tenants = directory.join("tenants");
    tokio::fs::create_dir_all(&tenants)
        .await
        .with_context(|| format!("creating {}", tenants.display()))?;
    let lock = opening.lock.then(|| lock_directory(directory)).transpose()?;
    let system = Pools::open(&directory.join("system.db"), 4, true, opening.wait).await?;
    migrate::<migrations::System>(&system.writer).await?;
    if lock.is_some() {
        // Whoever held these leases used this directory, and is gone.
        let free = "update todo set leased_until = null";
        system
            .writer
            .execute_raw(Statement::from_string(DbBackend::Sqlite, free))
            .await?;
    }
    Ok(Backend::Sqlite {
        directory: directory.to_owned(),
        system,
        tenants: moka::future::Cache::new(opening.open_tenants),
        wait: opening.wait,
        lock,
    })
}

/// Two servers on one directory would each run the other's jobs; the second one stops here.
fn lock_directory(directory: &Path) -> anyhow::Result<std::fs::File> {
    let path = directory.join("lock");
    let file = std::fs::File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    file.try_lock()
        .with_context(|| format!("another server uses {}", directory.display()))?;
    Ok(file)
}

pub(super) fn tenant_file(directory: &Path, tenant: TenantId) -> PathBuf {
    directory.join("tenants").join(format!("{}.db", tenant.0.simple()))
}

/// After a power failure a job may be committed without its line in `todo`; opening the file mends it.
pub(super) async fn recover_todo(pools: &Pools, system: &Pools, tenant: TenantId) -> anyhow::Result<()> {
    let open = "select id, run_at from job where state = 'queued'";
    for row in pools
        .reader
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, open))
        .await?
    {
        let id = JobId(row.try_get("", "id")?);
        add_todo(&system.writer, tenant, id, row.try_get("", "run_at")?).await?;
    }
    Ok(())
}
