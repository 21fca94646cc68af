//! SQLite: one file per tenant, and `system.db`.

use super::{
    Backend, Mode, Opening, canary, here,
    log::{Log, Unflushed},
    migrate, private, todo,
    transaction::Transaction,
};
use crate::kit::{
    error::Result,
    id::{JobId, TenantId},
    secret::MasterKey,
};
use anyhow::Context;
use migrations::MigratorTrait;
use sea_orm::{DbBackend, DbErr, SqlxSqliteConnector, Statement};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::TryLockError,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
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
    file: PathBuf,
    /// Of the file as it was opened.
    identity: Option<(u64, u64)>,
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
        private::prepare(file.to_owned(), create).await?;
        let open = async move {
            let pools = Self::connect(options, 2, opening).await?;
            pools.migrate::<migrations::Tenant>(None).await?;
            Ok(pools)
        };
        tokio::task::spawn_blocking(move || Handle::current().block_on(open)).await?
    }

    pub(super) async fn connect(options: SqliteConnectOptions, readers: u32, opening: Opening) -> anyhow::Result<Self> {
        let pool = |size: u32| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(opening.wait)
                .idle_timeout(Duration::from_mins(5))
                .test_before_acquire(false)
                .after_connect(|one, _| Box::pin(async { here::bound(one) }))
        };
        let file = options.get_filename().to_owned();
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.with_context(|| format!("opening {}", file.display()))?;
        let reader = pool(readers).connect_lazy_with(options.pragma("query_only", "on"));
        Ok(Self {
            log: Log::of(file.clone(), writer.clone(), reader.clone()),
            reader,
            writer,
            wait: opening.wait,
            identity: private::identity(&file),
            file,
        })
    }

    pub(super) async fn migrate<M: MigratorTrait>(&self, steps: Option<u32>) -> anyhow::Result<()> {
        let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(self.writer.clone());
        let migrated = migrate::<M>(writer, steps).await;
        if migrated.is_err() {
            self.writer.close().await;
        }
        migrated.with_context(|| self.file.display().to_string())?;
        self.log.clone().committed(0).flush().await?;
        Ok(())
    }

    /// Whether the file that was opened is still the one in its place.
    pub(super) fn are_in_place(&self) -> bool {
        self.identity.is_some() && private::identity(&self.file) == self.identity
    }

    pub(super) async fn begin(&self, mode: Mode) -> Result<Transaction, DbErr> {
        match mode {
            Mode::Read => Transaction::read_sqlite(&self.reader, self.wait).await,
            Mode::Write => Transaction::write_sqlite(&self.writer, self.wait, self.log.clone()).await,
        }
    }

    /// Begins one that sees what there is at this moment, on a connection of its own: it may take long, and the readers
    /// are few.
    pub(super) async fn snapshot(&self) -> Result<Transaction, DbErr> {
        let one = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.wait)
            .after_connect(|one, _| Box::pin(async { here::bound(one) }))
            .connect_lazy_with(options(&self.file, false).pragma("query_only", "on"));
        let tx = Transaction::read_sqlite(&one, self.wait).await?;
        // It is the first read that says what it sees.
        tx.query_one(Statement::from_string(DbBackend::Sqlite, "select 1 from sqlite_schema"))
            .await?;
        Ok(tx)
    }

    /// Changes the list of what is due, in a transaction of its own.
    pub(super) async fn run_todo(&self, todo: Statement) -> Result<Unflushed> {
        Ok(Transaction::run_alone(&self.writer, self.wait, todo, self.log.clone()).await?)
    }

    pub(super) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

pub(super) fn options(file: &Path, create: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .page_size(PAGE)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit is on the disk when its log was flushed.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        // What a long statement sets aside: nothing but the data directory has to be writable.
        .pragma("temp_store", "memory")
        // While a connection is opened: what it is asked later waits aside.
        .busy_timeout(Duration::from_millis(200))
}

pub(super) async fn open_directory(
    directory: &Path,
    opening: Opening,
    key: impl AsyncFnOnce() -> anyhow::Result<MasterKey>,
) -> anyhow::Result<(Backend, MasterKey, bool)> {
    let tenants = directory.join("tenants");
    private::make_directory(&tenants)?;
    private::close_directory(&tenants)?;
    let lock = opening.lock.then(|| lock_directory(directory)).transpose()?;
    // Nobody else makes a key at the same time.
    let master = key().await?;
    let file = directory.join("system.db");
    private::prepare(file.clone(), true).await?;
    let system = Pools::connect(options(&file, true), 4, opening).await?;
    let is_proven = prove(&system, &master).await?;
    system.migrate::<migrations::System>(None).await?;
    if lock.is_some() {
        // The process that held these leases used this directory, and is gone.
        let tx = system.begin(Mode::Write).await?;
        let free = Statement::from_string(DbBackend::Sqlite, "update todo set leased_until = null");
        let freed = tx.execute(free).await;
        tx.end(freed.map_err(Into::into)).await?;
    }
    let backend = Backend::Sqlite {
        directory: directory.to_owned(),
        system: Box::new(system),
        // The one that was not used for longest goes: one that is new is not turned away for others who are busier.
        tenants: moka::future::Cache::builder()
            .max_capacity(opening.open_tenants)
            .eviction_policy(moka::policy::EvictionPolicy::lru())
            // Whoever closes a file last writes its log to it.
            .eviction_listener(|_, pools, _| drop(tokio::task::spawn_blocking(move || drop(pools))))
            .build(),
        unavailable: Mutex::default(),
        opening,
        lock,
    };
    Ok((backend, master, is_proven))
}

async fn prove(system: &Pools, master: &MasterKey) -> anyhow::Result<bool> {
    let tx = system.begin(Mode::Read).await?;
    let proven = canary::prove(&tx, master).await;
    tx.rollback().await;
    if proven.is_err() {
        system.close().await;
    }
    proven
}

/// Two servers on one directory would each run the other's jobs; the second one stops here.
fn lock_directory(directory: &Path) -> anyhow::Result<std::fs::File> {
    let file = private::open_file(&directory.join("lock"), true)?;
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
        // Mostly it is there: every tenant has a job that waits for months, and a look costs no write.
        let line = "select 1 from todo where job_id = $1";
        let line = Statement::from_sql_and_values(DbBackend::Sqlite, line, [id.0.into()]);
        let tx = system.begin(Mode::Read).await?;
        let line = tx.query_all(line).await;
        if !tx.end(line.map_err(Into::into)).await?.is_empty() {
            continue;
        }
        let line = todo(DbBackend::Sqlite, tenant, id, row.try_get("", "run_at")?);
        last = Some(system.run_todo(line).await?);
    }
    match last {
        Some(last) => Ok(last.flush().await?),
        None => Ok(()),
    }
}
