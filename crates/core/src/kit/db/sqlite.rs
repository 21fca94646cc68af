//! SQLite: one file per tenant, and `system.db`.

use super::{
    Backend, Mode, Opening, here,
    log::{Log, Unflushed},
    migrate, todo,
    transaction::Transaction,
};
use crate::kit::{
    error::Result,
    id::{JobId, TenantId},
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use migrations::MigratorTrait;
use sea_orm::{DbBackend, DbErr, SqlxSqliteConnector, Statement};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::TryLockError,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::runtime::Handle;

/// One SQLite file: a single writer, so that only another program makes it "locked", and readers.
pub(super) struct Pools {
    writer: SqlitePool,
    reader: SqlitePool,
    log: Arc<Log>,
    /// How long a transaction waits for its turn.
    wait: Duration,
}

/// The size of a page in bytes. A new file has one for each table and index: a small one keeps a
/// small tenant small.
const PAGE: u32 = 2048;

impl Pools {
    /// The file of a tenant, its schema brought up to date: milliseconds, so not on a thread of requests.
    pub(super) async fn of_tenant(file: &Path, create: bool, opening: Opening) -> anyhow::Result<Self> {
        let mut options = options(file, create);
        if let Some(limit) = opening.file_limit {
            options = options.pragma("max_page_count", (limit * (1 << 20) / PAGE).to_string());
        }
        let open = move || Handle::current().block_on(Self::open::<migrations::Tenant>(options, 2, opening));
        tokio::task::spawn_blocking(open).await?
    }

    async fn open<M: MigratorTrait>(
        options: SqliteConnectOptions,
        readers: u32,
        opening: Opening,
    ) -> anyhow::Result<Self> {
        let pool = |size: u32| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(opening.wait)
                .idle_timeout(Duration::from_mins(5))
                .test_before_acquire(false)
                .after_connect(|one, _| Box::pin(async { here::bound(one) }))
        };
        let file = options.get_filename().display().to_string();
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.with_context(|| format!("opening {file}"))?;
        let migrated = migrate::<M>(SqlxSqliteConnector::from_sqlx_sqlite_pool(writer.clone())).await;
        if migrated.is_err() {
            writer.close().await;
        }
        migrated.with_context(|| file)?;
        let file = options.get_filename().to_owned();
        let reader = pool(readers).connect_lazy_with(options.pragma("query_only", "on"));
        let log = Log::of(file, writer.clone(), reader.clone());
        log.clone().committed(0).flush().await?;
        Ok(Self {
            reader,
            writer,
            log,
            wait: opening.wait,
        })
    }

    pub(super) async fn begin(&self, mode: Mode) -> Result<Transaction, DbErr> {
        match mode {
            Mode::Read => Transaction::begin_sqlite(&self.reader, "begin", None, self.wait).await,
            // A deferred writer that finds another one fails at once, whatever the timeout.
            Mode::Write => {
                let log = Some(self.log.clone());
                Transaction::begin_sqlite(&self.writer, "begin immediate", log, self.wait).await
            }
        }
    }

    /// Puts a job on the list of what is due, in a transaction of its own.
    pub(super) async fn add_todo(&self, tenant: TenantId, job: JobId, run_at: DateTime<Utc>) -> Result<Unflushed> {
        let todo = todo(DbBackend::Sqlite, tenant, job, run_at);
        Ok(Transaction::run_alone(&self.writer, todo, self.log.clone(), self.wait).await?)
    }

    pub(super) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn options(file: &Path, create: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .page_size(PAGE)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit is on the disk when its log was flushed.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        // While a connection is opened: what it is asked later waits aside.
        .busy_timeout(Duration::from_millis(200))
}

pub(super) async fn open_directory(directory: &Path, opening: Opening) -> anyhow::Result<Backend> {
    let tenants = directory.join("tenants");
    tokio::fs::create_dir_all(&tenants)
        .await
        .with_context(|| format!("creating {}", tenants.display()))?;
    let lock = opening.lock.then(|| lock_directory(directory)).transpose()?;
    let file = options(&directory.join("system.db"), true);
    let system = Pools::open::<migrations::System>(file, 4, opening).await?;
    if lock.is_some() {
        // The process that held these leases used this directory, and is gone.
        let tx = system.begin(Mode::Write).await?;
        let free = Statement::from_string(DbBackend::Sqlite, "update todo set leased_until = null");
        let freed = tx.execute(free).await;
        tx.end(freed.map_err(Into::into)).await?;
    }
    Ok(Backend::Sqlite {
        directory: directory.to_owned(),
        system,
        // The one that was not used for longest goes: one that is new is not turned away for others who are busier.
        tenants: moka::future::Cache::builder()
            .max_capacity(opening.open_tenants)
            .eviction_policy(moka::policy::EvictionPolicy::lru())
            // Whoever closes a file last writes its log to it.
            .eviction_listener(|_, pools, _| drop(tokio::task::spawn_blocking(move || drop(pools))))
            .build(),
        opening,
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

/// Whether a server uses the directory.
pub(super) fn is_locked(directory: &Path) -> bool {
    let lock = std::fs::File::open(directory.join("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Has the disk know of a file that is new.
pub(super) async fn flush_directory_of(file: &Path) -> anyhow::Result<()> {
    let Some(directory) = file.parent() else { return Ok(()) };
    let opened = tokio::fs::File::open(directory).await;
    let opened = opened.with_context(|| format!("opening {}", directory.display()))?;
    opened
        .sync_all()
        .await
        .with_context(|| format!("flushing {}", directory.display()))
}

pub(super) fn tenant_file(directory: &Path, tenant: TenantId) -> PathBuf {
    directory.join("tenants").join(format!("{}.db", tenant.0.simple()))
}

/// After a power failure a job may be committed without its line in `todo`; opening the file mends it.
pub(super) async fn recover_todo(pools: &Pools, system: &Pools, tenant: TenantId) -> anyhow::Result<()> {
    let open = Statement::from_string(DbBackend::Sqlite, "select id, run_at from job where state = 'queued'");
    let tx = pools.begin(Mode::Read).await?;
    let rows = tx.query_all(open).await;
    let mut last = None;
    for row in tx.end(rows.map_err(Into::into)).await? {
        let id = JobId(row.try_get("", "id")?);
        last = Some(system.add_todo(tenant, id, row.try_get("", "run_at")?).await?);
    }
    match last {
        Some(last) => Ok(last.flush().await?),
        None => Ok(()),
    }
}
