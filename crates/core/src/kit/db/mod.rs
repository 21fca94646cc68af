//! The only door to the database. No other file may name a connection.
//!
//! A [`Tx`] is one transaction of one tenant, and it is that tenant physically: with SQLite the
//! tenant's own file, with PostgreSQL a transaction that row-level security confines to the
//! tenant's rows. A [`SystemTx`] sees what belongs to no tenant.

mod bound;
mod canary;
mod change;
mod epoch;
mod here;
mod log;
mod postgres;
pub(in crate::kit) mod private;
mod rows;
mod scratch;
mod sqlite;
pub mod table;
#[cfg(test)]
mod tests;
mod transaction;
mod tx;

use super::{
    clock::Clock,
    error::{Code, Error, Result},
    id::{JobId, TenantId},
    secret::MasterKey,
};
use anyhow::Context;
use bound::Bound;
pub use change::{Change, Part};
use chrono::{DateTime, TimeDelta, Utc};
use epoch::Epochs;
pub use epoch::{Epoch, KEPT};
use futures_util::FutureExt;
use migrations::MigratorTrait;
pub use migrations::{Fate, TENANT_TABLES};
use postgres::Postgres;
pub use rows::{difference, insert, like, lock_rows};
pub use scratch::{Scratch, steps};
use sea_orm::{DbBackend, Statement};
use sqlite::{Pools, open_directory, recover_todo, tenant_file};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Notify;
use tx::Settings;
pub use tx::{Sweeps, SystemTx, Tx};

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Reads one consistent state.
    Read,
    /// Reads and writes; with SQLite, one at a time per tenant.
    Write,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub enum Location {
    /// One file per tenant under this directory, and `system.db`.
    Directory(PathBuf),
    /// One PostgreSQL database, `postgres://…`.
    Postgres(String),
}

/// How the databases are opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// With SQLite, the files of tenants that are open at a time.
    pub open_tenants: u64,
    /// How long a transaction waits for its turn before the caller is told to come back.
    pub wait: Duration,
    /// With SQLite, the most that a tenant's file may grow to, in MiB.
    pub file_limit: Option<u32>,
    /// With SQLite, whether no other server may use the directory meanwhile.
    pub lock: bool,
    /// With PostgreSQL, the connections that are open at a time.
    pub connections: u32,
    /// With PostgreSQL, how long a statement may take.
    pub statement: Duration,
}

/// Whether there is room in a directory for the writes of a moment: a mebibyte.
pub fn has_room(directory: &Path) -> anyhow::Result<bool> {
    let volume = rustix::fs::statvfs(directory).with_context(|| format!("looking at {}", directory.display()))?;
    Ok(volume.f_bavail * volume.f_frsize >= 1 << 20)
}

/// The databases. It has no query methods: every query needs a [`Tx`] or a [`SystemTx`].
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    clock: Clock,
    wake: Notify,
    wait: Duration,
    epochs: Epochs,
    /// Whether the master key has proven itself.
    is_proven: bool,
    /// The settings of tenants that were read lately, some kilobytes each.
    settings: moka::sync::Cache<TenantId, Arc<Settings>>,
    /// Those of the instance.
    instance_settings: RwLock<Option<Settings>>,
}

/// Tenants whose settings are kept.
const KEPT_SETTINGS: u64 = 2_000;

enum Backend {
    Sqlite {
        directory: PathBuf,
        system: Box<Pools>,
        tenants: moka::future::Cache<TenantId, Arc<Pools>>,
        /// Those whose file cannot be opened, of which the log tells once.
        unavailable: Mutex<HashSet<TenantId>>,
        opening: Opening,
        /// Held for as long as this process uses the directory.
        lock: Option<std::fs::File>,
    },
    Postgres(Postgres),
}

impl Db {
    /// Opens the databases and brings the schema up to date; with SQLite a tenant's own file is
    /// migrated when it is first opened. `key` answers the master key, which proves itself before
    /// anything is written.
    ///
    /// # Errors
    /// The database cannot be reached or migrated, its role could bypass row-level security, or it was
    /// sealed with another key.
    pub async fn open(
        location: &Location,
        clock: Clock,
        opening: Opening,
        key: impl AsyncFnOnce() -> anyhow::Result<MasterKey>,
    ) -> anyhow::Result<(Self, MasterKey)> {
        let (backend, master, is_proven) = match location {
            Location::Directory(directory) => open_directory(directory, opening, key).await?,
            Location::Postgres(url) => {
                let master = key().await?;
                let (postgres, is_proven) = Postgres::open(url, opening, &master).await?;
                (Backend::Postgres(postgres), master, is_proven)
            }
        };
        let db = Self(Arc::new(Inner {
            backend,
            clock,
            wake: Notify::new(),
            wait: opening.wait,
            epochs: Epochs::default(),
            is_proven,
            settings: moka::sync::Cache::new(KEPT_SETTINGS),
            instance_settings: RwLock::default(),
        }));
        Ok((db, master))
    }

    /// Whether the master key opened a value that it had sealed here before.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.0.is_proven
    }

    /// Seals a value on which the master key proves itself from now on.
    ///
    /// # Errors
    /// Another server has just sealed one with another key.
    pub async fn seal_canary(&self, master: &MasterKey) -> Result<()> {
        self.run_system(Mode::Write, async |tx| tx.seal_canary(master).await)
            .await
    }

    /// Begins a transaction of one tenant.
    ///
    /// Only the door of `access`, the job worker, and the founding of a tenant may call this:
    /// everybody else names a permission. A test keeps the list of callers.
    pub(crate) async fn begin(&self, tenant: TenantId, mode: Mode) -> Result<Tx> {
        Tx::begin(self, tenant, mode).await
    }

    /// The epoch of a tenant's facts: with PostgreSQL, that of all servers.
    pub async fn epoch(&self, tenant: TenantId) -> Result<Epoch> {
        match &self.0.backend {
            Backend::Sqlite { .. } => Ok(self.0.epochs.of(tenant)),
            Backend::Postgres(postgres) => Bound::begin(self).work(pin!(postgres.epoch(tenant))).await,
        }
    }

    /// The same without asking anybody, where one server counts.
    #[must_use]
    pub fn epoch_here(&self, tenant: TenantId) -> Option<Epoch> {
        match &self.0.backend {
            Backend::Sqlite { .. } => Some(self.0.epochs.of(tenant)),
            Backend::Postgres(_) => None,
        }
    }

    /// Runs `f` in one transaction of a tenant: committed if it succeeds, rolled back if it fails.
    /// Only callers of [`Db::begin`] may call this.
    pub(crate) async fn run<T>(
        &self,
        tenant: TenantId,
        mode: Mode,
        f: impl AsyncFnOnce(&Tx) -> Result<T>,
    ) -> Result<T> {
        let bound = Bound::begin(self);
        let tx = bound.work(pin!(self.begin(tenant, mode))).await?;
        let done = bound.work(pin!(f(&tx))).await;
        bound.check()?;
        let writes = mode == Mode::Write && done.is_ok();
        bound.end(writes, pin!(tx.end(done))).await
    }

    /// Runs `f` in one transaction over the tables that belong to no tenant: committed if it
    /// succeeds, rolled back if it fails.
    pub async fn run_system<T>(&self, mode: Mode, f: impl AsyncFnOnce(&SystemTx) -> Result<T>) -> Result<T> {
        let bound = Bound::begin(self);
        let tx = bound.work(pin!(self.begin_system(mode))).await?;
        let done = bound.work(pin!(f(&tx))).await;
        bound.check()?;
        let writes = mode == Mode::Write && done.is_ok();
        bound.end(writes, pin!(tx.end(done))).await
    }

    /// Begins a transaction over the tables that belong to no tenant.
    pub(crate) async fn begin_system(&self, mode: Mode) -> Result<SystemTx> {
        SystemTx::begin(self, mode).await
    }

    /// Makes the place of a new tenant. Only its founding calls this: a tenant that has lost its
    /// file must not come back as an empty one.
    pub async fn make_room(&self, tenant: TenantId) -> Result<()> {
        if let Backend::Sqlite { directory, opening, .. } = &self.0.backend {
            let file = tenant_file(directory, tenant);
            let pools = Pools::of_tenant(&file, true, *opening).await?;
            // Closing writes all of it to the disk, but for where it is.
            pools.close().await;
            sqlite::flush_directory_of(&file).await?;
        }
        Ok(())
    }

    /// Removes everything a tenant owns. Its row must be gone, or marked so that nobody begins.
    pub async fn erase(&self, tenant: TenantId) -> Result<()> {
        if let Backend::Sqlite { directory, tenants, .. } = &self.0.backend {
            if let Some(pools) = tenants.remove(&tenant).await {
                pools.close().await;
            }
            let file = tenant_file(directory, tenant);
            for suffix in ["", "-wal", "-shm"] {
                let mut path = file.clone().into_os_string();
                path.push(suffix);
                match tokio::fs::remove_file(&path).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(anyhow::Error::new(error).context("removing a tenant's file").into());
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Whether the database answers, lets write, and has room for more.
    ///
    /// # Errors
    /// [`Code::StorageFull`], [`Code::DatabaseUnavailable`], or why it does not answer.
    pub async fn ping(&self) -> Result<()> {
        let can_write = self.run_system(Mode::Write, async |tx| tx.can_write().await).await?;
        let is_in_place = match &self.0.backend {
            Backend::Sqlite { system, .. } => system.are_in_place(),
            Backend::Postgres(_) => true,
        };
        if !can_write || !is_in_place {
            return Err(Error::later(Code::DatabaseUnavailable));
        }
        match &self.0.backend {
            Backend::Sqlite { directory, .. } if !has_room(directory)? => Err(Error::later(Code::StorageFull)),
            _ => Ok(()),
        }
    }

    /// Notices, as long as it is awaited, when a file goes or another one takes its place: what is written to
    /// one that nobody can find any more is lost.
    pub async fn watch_files(&self) {
        loop {
            pause(WATCHED).await;
            self.drop_lost_files().await;
        }
    }

    async fn drop_lost_files(&self) {
        let Backend::Sqlite { tenants, system, .. } = &self.0.backend else {
            return;
        };
        if !system.are_in_place() {
            tracing::error!("system.db was removed or replaced while the server uses it; start the server anew");
        }
        for (tenant, pools) in tenants {
            if !pools.are_in_place() {
                tracing::error!(%tenant, "the file of a tenant was removed or replaced while the server used it");
                tenants.invalidate(&*tenant).await;
                pools.close().await;
            }
        }
    }

    /// Waits until somebody has committed a job.
    pub(crate) async fn job_committed(&self) {
        self.0.wake.notified().await;
    }

    /// Closes every connection, after the transactions that still run.
    pub async fn close(&self) {
        match &self.0.backend {
            Backend::Sqlite {
                directory,
                system,
                tenants,
                lock,
                ..
            } => {
                for (_, pools) in tenants {
                    pools.close().await;
                }
                system.close().await;
                match lock {
                    // Closing the file would release it too; this is for a server that opens
                    // the directory again within the same process.
                    Some(lock) => drop(lock.unlock()),
                    None if self.0.epochs.were_advanced() && sqlite::is_locked(directory) => {
                        // A server that runs has seen it by then: what a command does holds when it ends.
                        pause(KEPT).await;
                    }
                    None => {}
                }
            }
            Backend::Postgres(postgres) => postgres.close().await,
        }
    }

    async fn tenant_pools(&self, tenant: TenantId) -> Result<Arc<Pools>> {
        let Backend::Sqlite {
            directory,
            tenants,
            system,
            opening,
            unavailable,
            ..
        } = &self.0.backend
        else {
            unreachable!("only SQLite has a file per tenant");
        };
        if let Some(pools) = tenants.get(&tenant).await {
            return Ok(pools);
        }
        let unavailable = || unavailable.lock().unwrap_or_else(PoisonError::into_inner);
        let open = async {
            let pools = Pools::of_tenant(&tenant_file(directory, tenant), false, *opening).await?;
            recover_todo(&pools, system, tenant).await?;
            if unavailable().remove(&tenant) {
                tracing::info!(%tenant, "the file of a tenant can be used again");
            }
            anyhow::Ok(Arc::new(pools))
        };
        // Boxed, as all that is rare: what is not makes the future of every request larger.
        let opened = tenants.try_get_with(tenant, open).boxed().await;
        opened.map_err(|error| {
            if let Some(code @ (Code::Busy | Code::StorageFull)) = Error::code_of_database(&error) {
                return Error::later(code);
            }
            if unavailable().insert(tenant) {
                tracing::error!(%tenant, error = format!("{error:#}"), "the file of a tenant cannot be used");
            }
            Error::later(Code::TenantUnavailable)
        })
    }
}

/// How often it is looked whether the files are there.
const WATCHED: TimeDelta = TimeDelta::seconds(20);

#[expect(
    clippy::disallowed_methods,
    reason = "what other processes do, they do by the system's clock"
)]
async fn pause(time: TimeDelta) {
    tokio::time::sleep(time.to_std().unwrap_or_default()).await;
}

/// Brings the schema up to date, or goes so many steps. A connection on which this failed must not be used again.
#[expect(clippy::disallowed_types, reason = "this file is the door")]
async fn migrate<M: MigratorTrait>(connection: sea_orm::DatabaseConnection, steps: Option<u32>) -> anyhow::Result<()> {
    M::up(&connection, steps).await.context("migrating the schema")
}

/// Puts a job on the list of what is due.
fn todo(backend: DbBackend, tenant: TenantId, job: JobId, run_at: DateTime<Utc>) -> Statement {
    let sql = "insert into todo (job_id, tenant_id, run_at, attempts) values ($1, $2, $3, 0) on conflict do nothing";
    let values = [job.0.into(), tenant.0.into(), run_at.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
