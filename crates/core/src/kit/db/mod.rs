//! The only door to the database. No other file may name a connection.
//!
//! A [`Tx`] is one transaction of one tenant, and it is that tenant physically: with SQLite the
//! tenant's own file, with PostgreSQL a transaction that row-level security confines to the
//! tenant's rows. A [`SystemTx`] sees what belongs to no tenant.

mod epoch;
mod postgres;
mod rows;
mod sqlite;
#[cfg(test)]
mod tests;
mod transaction;

use super::{
    clock::Clock,
    error::{Code, Error, Result},
    id::{JobId, TenantId},
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
pub use epoch::Epoch;
use epoch::Epochs;
use migrations::MigratorTrait;
pub use rows::{difference, insert, lock_rows};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use serde_json::{Value, json};
use sqlite::{Pools, open_directory, recover_todo, tenant_file};
use sqlx::PgPool;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use tracing::Instrument;
use transaction::Transaction;

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
    epochs: Epochs,
}

enum Backend {
    Sqlite {
        directory: PathBuf,
        system: Pools,
        tenants: moka::future::Cache<TenantId, Arc<Pools>>,
        opening: Opening,
        /// Held for as long as this process uses the directory.
        lock: Option<std::fs::File>,
    },
    Postgres(PgPool),
}

/// One transaction of one tenant.
#[must_use = "a transaction is ended, or its connection is closed"]
#[expect(clippy::struct_field_names, reason = "a Tx is a transaction and what belongs to it")]
pub struct Tx {
    tx: Transaction,
    db: Db,
    tenant: TenantId,
    /// Whether a job was added, of which the worker is to be told.
    hinted: AtomicBool,
    changes: Mutex<Vec<Change>>,
    /// The time of this transaction, frozen when it began.
    pub now: DateTime<Utc>,
}

/// What a transaction did to one object, for the record of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind of object.
    kind: &'static str,
    /// Its name.
    pub name: String,
    before: Value,
    after: Value,
}

impl Change {
    /// The change as JSON: of objects, only the fields that differ.
    #[must_use]
    pub fn into_json(mut self) -> Value {
        if let (Value::Object(before), Value::Object(after)) = (&mut self.before, &mut self.after) {
            let same: Vec<String> = before
                .iter()
                .filter(|(field, value)| after.get(*field) == Some(value))
                .map(|(field, _)| field.clone())
                .collect();
            for field in same {
                before.remove(&field);
                after.remove(&field);
            }
        }
        json!({ "kind": self.kind, "name": self.name, "before": self.before, "after": self.after })
    }
}

/// One transaction over the tables that belong to no tenant.
#[must_use = "a transaction is ended, or its connection is closed"]
pub struct SystemTx {
    tx: Transaction,
    /// The time of this transaction, frozen when it began.
    pub now: DateTime<Utc>,
}

impl Db {
    /// Opens the databases and brings the schema up to date; with SQLite a tenant's own file is
    /// migrated when it is first opened.
    ///
    /// # Errors
    /// The database cannot be reached or migrated, or its role could bypass row-level security.
    pub async fn open(location: &Location, clock: Clock, opening: Opening) -> anyhow::Result<Self> {
        let backend = match location {
            Location::Directory(directory) => open_directory(directory, opening).await?,
            Location::Postgres(url) => Backend::Postgres(postgres::open_postgres(url, opening.wait).await?),
        };
        Ok(Self(Arc::new(Inner {
            backend,
            clock,
            wake: Notify::new(),
            epochs: Epochs::default(),
        })))
    }

    /// Begins a transaction of one tenant.
    ///
    /// Only the door of `access`, the job worker, and the founding of a tenant may call this:
    /// everybody else names a permission. A test keeps the list of callers.
    pub(crate) async fn begin(&self, tenant: TenantId, mode: Mode) -> Result<Tx> {
        let tx = match &self.0.backend {
            Backend::Sqlite { .. } => self.tenant_pools(tenant).await?.begin(mode).await?,
            Backend::Postgres(pool) => postgres::begin(pool, mode, Some(tenant)).await?,
        };
        Ok(Tx {
            tx,
            db: self.clone(),
            tenant,
            hinted: AtomicBool::default(),
            changes: Mutex::default(),
            now: self.0.clock.now(),
        })
    }

    /// The epoch of a tenant's facts: with PostgreSQL, that of all servers.
    pub async fn epoch(&self, tenant: TenantId) -> Result<Epoch> {
        match &self.0.backend {
            Backend::Sqlite { .. } => Ok(self.0.epochs.of(tenant)),
            Backend::Postgres(pool) => postgres::epoch(pool, tenant).await,
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
        let tx = self.begin(tenant, mode).await?;
        let done = f(&tx).await;
        tx.end(done).await
    }

    /// Runs `f` in one transaction over the tables that belong to no tenant: committed if it
    /// succeeds, rolled back if it fails.
    pub async fn run_system<T>(&self, mode: Mode, f: impl AsyncFnOnce(&SystemTx) -> Result<T>) -> Result<T> {
        let tx = self.begin_system(mode).await?;
        let done = f(&tx).await;
        tx.end(done).await
    }

    /// Begins a transaction over the tables that belong to no tenant.
    pub(crate) async fn begin_system(&self, mode: Mode) -> Result<SystemTx> {
        let tx = match &self.0.backend {
            Backend::Sqlite { system, .. } => system.begin(mode).await?,
            Backend::Postgres(pool) => postgres::begin(pool, mode, None).await?,
        };
        Ok(SystemTx {
            tx,
            now: self.0.clock.now(),
        })
    }

    /// Makes the place of a new tenant. Only its founding calls this: a tenant that has lost its
    /// file must not come back as an empty one.
    pub async fn make_room(&self, tenant: TenantId) -> Result<()> {
        if let Backend::Sqlite { directory, opening, .. } = &self.0.backend {
            let pools = Pools::of_tenant(&tenant_file(directory, tenant), true, *opening).await?;
            pools.close().await;
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

    /// Whether the database answers, and has room for more.
    ///
    /// # Errors
    /// [`Code::StorageFull`], or why it does not answer.
    pub async fn ping(&self) -> Result<()> {
        self.run_system(Mode::Read, async |tx| {
            let one = Statement::from_string(tx.get_database_backend(), "select 1");
            tx.query_one_raw(one).await?;
            Ok(())
        })
        .await?;
        match &self.0.backend {
            Backend::Sqlite { directory, .. } if !has_room(directory)? => Err(Error::later(Code::StorageFull)),
            _ => Ok(()),
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
                system, tenants, lock, ..
            } => {
                for (_, pools) in tenants {
                    pools.close().await;
                }
                system.close().await;
                if let Some(lock) = lock {
                    // Closing the file would release it too; this is for a server that opens
                    // the directory again within the same process.
                    let _ = lock.unlock();
                }
            }
            Backend::Postgres(pool) => pool.close().await,
        }
    }

    async fn tenant_pools(&self, tenant: TenantId) -> Result<Arc<Pools>> {
        let Backend::Sqlite {
            directory,
            tenants,
            system,
            opening,
            ..
        } = &self.0.backend
        else {
            unreachable!("only SQLite has a file per tenant");
        };
        tenants
            .try_get_with(tenant, async {
                let pools = Pools::of_tenant(&tenant_file(directory, tenant), false, *opening).await?;
                recover_todo(&pools, system, tenant).await?;
                anyhow::Ok(Arc::new(pools))
            })
            .await
            .map_err(|error| {
                let opening = || Error::Internal(anyhow::anyhow!("opening a tenant's file: {error:#}"));
                Error::of_database(&error).unwrap_or_else(opening)
            })
    }
}

/// Brings the schema up to date. A connection on which this failed must not be used again.
#[expect(clippy::disallowed_types, reason = "this file is the door")]
async fn migrate<M: MigratorTrait>(connection: sea_orm::DatabaseConnection) -> anyhow::Result<()> {
    M::up(&connection, None).await.context("migrating the schema")
}

/// Puts a job on the list of what is due.
fn todo(backend: DbBackend, tenant: TenantId, job: JobId, run_at: DateTime<Utc>) -> Statement {
    let sql = "insert into todo (job_id, tenant_id, run_at, attempts) values ($1, $2, $3, 0) on conflict do nothing";
    let values = [job.0.into(), tenant.0.into(), run_at.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

impl Tx {
    /// Commits what was done, and tells the worker of the jobs that were added; rolls back if it
    /// failed.
    pub(crate) async fn end<T>(mut self, done: Result<T>) -> Result<T> {
        let touched = self.tx.touched();
        let value = match &self.db.0.backend {
            _ if touched.is_nothing() || done.is_err() => end(self.tx, done).await?,
            Backend::Postgres(_) => {
                let advanced = postgres::advance(&self.tx, self.tenant, touched).await;
                end(self.tx, advanced.and(done)).await?
            }
            Backend::Sqlite { .. } => {
                let (db, tenant, tx) = (self.db.clone(), self.tenant, self.tx);
                let commit = async move {
                    let committed = tx.commit().await;
                    // Whatever came of it: it may have been made.
                    db.0.epochs.advance(tenant, touched);
                    committed
                };
                // A commit that nobody waits for any more is made all the same.
                let commit = tokio::spawn(commit.in_current_span()).await;
                commit.map_err(anyhow::Error::from)?.map(|()| done)??
            }
        };
        if self.hinted.into_inner() {
            self.db.0.wake.notify_one();
        }
        Ok(value)
    }

    /// The tenant of this transaction: for sealing contexts and links, never for a filter.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Removes what has run out, which changes nothing that is kept outside the database.
    pub(crate) async fn sweep(&self, statement: Statement) -> Result<()> {
        Ok(self.tx.sweep(statement).await?)
    }

    /// Says what is done to an object: what it was and what it is, null where there was or will be
    /// none, and never a secret.
    pub fn changed(&self, kind: &'static str, name: &impl ToString, before: Value, after: Value) {
        let name = name.to_string();
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.push(Change {
            kind,
            name,
            before,
            after,
        });
    }

    /// Whether anything was said to be done so far.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Takes the changes so far out of the transaction.
    pub(crate) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes turns, until the end of the transaction, with others who name the same thing.
    ///
    /// For rules that look at rows before they add one. SQLite has a single writer anyway.
    pub async fn lock(&self, what: &str) -> Result<()> {
        if self.get_database_backend() == DbBackend::Postgres {
            let turn = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
            let name = format!("{}/{what}", self.tenant);
            self.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, turn, [name.into()]))
                .await?;
        }
        Ok(())
    }

    /// Puts a job that is a row of this transaction on the instance's list of what is due.
    ///
    /// With PostgreSQL the line commits with the row. With SQLite the list is in another file, so
    /// the line is written first: one without a row is dropped by the worker, a row without a
    /// line cannot happen.
    pub(crate) async fn hint(&self, job: JobId, run_at: DateTime<Utc>) -> Result<()> {
        match &self.db.0.backend {
            Backend::Sqlite { system, .. } => system.add_todo(self.tenant, job, run_at).await?,
            Backend::Postgres(_) => {
                let todo = todo(DbBackend::Postgres, self.tenant, job, run_at);
                self.tx.execute(todo).await?;
            }
        }
        self.hinted.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl SystemTx {
    /// Commits what was done, or rolls back if it failed.
    pub(crate) async fn end<T>(self, done: Result<T>) -> Result<T> {
        end(self.tx, done).await
    }
}

async fn end<T>(tx: Transaction, done: Result<T>) -> Result<T> {
    match done {
        Ok(value) => tx.commit().await.map(|()| value),
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    }
}

macro_rules! connection {
    ($name:ident) => {
        #[async_trait]
        impl ConnectionTrait for $name {
            fn get_database_backend(&self) -> DbBackend {
                self.tx.backend()
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                self.tx.execute(statement).await
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                self.tx.execute_unprepared(sql).await
            }

            async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
                self.tx.query_one(statement).await
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                self.tx.query_all(statement).await
            }
        }
    };
}
connection!(Tx);
connection!(SystemTx);
