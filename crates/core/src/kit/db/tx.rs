//! A transaction of one tenant, or over what belongs to none.

use super::{
    Backend, Change, Db, Epoch, Inner, KEPT, Mode, Part, canary, log::Unflushed, postgres, todo,
    transaction::Transaction,
};
use crate::kit::{
    error::Result,
    id::{JobId, TenantId},
    precondition::Preconditions,
    secret::MasterKey,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use serde_json::Value;
use std::{
    any::Any,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tracing::Instrument;

/// One transaction of one tenant.
#[must_use = "a transaction is ended, or its connection is closed"]
#[expect(clippy::struct_field_names, reason = "a Tx is a transaction and what belongs to it")]
pub struct Tx {
    tx: Transaction,
    db: Db,
    tenant: TenantId,
    /// The epoch of the tenant's facts before this transaction began, where one server counts it.
    epoch: Option<Epoch>,
    hint: Mutex<Hint>,
    changes: Mutex<Vec<Change>>,
    /// Whether an act found that there is nothing to change.
    unchanged: AtomicBool,
    /// What the request says its object must be like.
    preconditions: OnceLock<Preconditions>,
    /// Whether a limit has let it pass.
    is_counted: AtomicBool,
    /// The time of this transaction, frozen when it began.
    pub now: DateTime<Utc>,
}

/// Whether a job was added, of which the worker is to be told.
#[derive(Default)]
enum Hint {
    #[default]
    None,
    /// The line of it is in the same transaction.
    Here,
    /// The last line is in another file.
    There(Unflushed),
}

/// Settings as they were read in one epoch: those of a tenant, or those of the instance.
pub(super) struct Settings {
    epoch: u64,
    read_at: DateTime<Utc>,
    rows: Arc<dyn Any + Send + Sync>,
}

impl Settings {
    /// What was read, if that is not long ago and still holds in this epoch.
    fn rows<T: Send + Sync + 'static>(&self, epoch: u64, now: DateTime<Utc>) -> Option<Arc<T>> {
        let holds = self.epoch == epoch && (self.read_at..self.read_at + KEPT).contains(&now);
        holds.then(|| self.rows.clone().downcast().ok())?
    }
}

/// One transaction over the tables that belong to no tenant.
#[must_use = "a transaction is ended, or its connection is closed"]
pub struct SystemTx {
    tx: Transaction,
    /// Where it is told of what is kept of it.
    db: Option<Db>,
    /// The time of this transaction, frozen when it began.
    pub now: DateTime<Utc>,
}

impl Tx {
    pub(super) async fn begin(db: &Db, tenant: TenantId, mode: Mode) -> Result<Self> {
        let (epoch, tx) = match &db.0.backend {
            Backend::Sqlite { .. } => {
                // Before the state of the database that the transaction sees.
                let epoch = db.0.epochs.of(tenant);
                (Some(epoch), db.tenant_pools(tenant).await?.begin(mode).await?)
            }
            Backend::Postgres(postgres) => (None, postgres.begin(mode, Some(tenant)).await?),
        };
        Ok(Self::of(tx, db, tenant, epoch))
    }

    fn of(tx: Transaction, db: &Db, tenant: TenantId, epoch: Option<Epoch>) -> Self {
        Self {
            tx,
            db: db.clone(),
            tenant,
            epoch,
            hint: Mutex::default(),
            changes: Mutex::default(),
            unchanged: AtomicBool::new(false),
            preconditions: OnceLock::new(),
            is_counted: AtomicBool::new(false),
            now: db.0.clock.now(),
        }
    }

    /// Another one that sees what is committed at this moment, and nothing that is committed later. It only reads, and
    /// is over when it is dropped.
    pub async fn snapshot(&self) -> Result<Self> {
        let tx = match &self.db.0.backend {
            Backend::Sqlite { .. } => self.db.tenant_pools(self.tenant).await?.snapshot().await?,
            Backend::Postgres(postgres) => postgres.snapshot(self.tenant).await?,
        };
        Ok(Self::of(tx, &self.db, self.tenant, None))
    }

    /// Commits what was done, and tells the worker of the jobs that were added; rolls back if it
    /// failed.
    pub(crate) async fn end<T>(self, done: Result<T>) -> Result<T> {
        let Self {
            tx, db, tenant, hint, ..
        } = self;
        let value = match done {
            Ok(value) => value,
            Err(error) => {
                tx.rollback().await;
                return Err(error);
            }
        };
        let hint = hint.into_inner().unwrap_or_else(PoisonError::into_inner);
        let is_hinted = !matches!(hint, Hint::None);
        let touched = tx.touched().await;
        let waker = db.clone();
        if touched.is_nothing() {
            commit(tx, hint).await?;
        } else if let Backend::Postgres(_) = &db.0.backend {
            match postgres::advance(&tx, tenant, touched).await {
                Ok(()) => commit(tx, hint).await?,
                Err(error) => {
                    tx.rollback().await;
                    return Err(error);
                }
            }
        } else {
            let commit = async move {
                let committed = commit(tx, hint).await;
                // Whatever came of it: it may have been made.
                db.0.epochs.advance(tenant, touched);
                committed
            };
            // A commit that nobody waits for any more is made all the same.
            let commit = tokio::spawn(commit.in_current_span()).await;
            commit.map_err(anyhow::Error::from)??;
        }
        if is_hinted {
            waker.0.wake.notify_one();
        }
        Ok(value)
    }

    /// The tenant of this transaction: for sealing contexts and links, never for a filter.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
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

    /// Says that all is as it is wanted already, so that nothing is written and there is nothing to
    /// record.
    pub fn unchanged(&self) {
        self.unchanged.store(true, Ordering::Relaxed);
    }

    /// Whether an act found that there is nothing to change.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.unchanged.load(Ordering::Relaxed)
    }

    /// Holds the object of this transaction to what its request says.
    pub(crate) fn expect(&self, conditions: Option<&Preconditions>) {
        if let Some(conditions) = conditions {
            // There is one request to a transaction.
            let _ = self.preconditions.set(conditions.clone());
        }
    }

    /// Whether the request was made for this object: of this version, or for one that is not there yet,
    /// and last written at this moment, if that is known.
    ///
    /// # Errors
    /// Those of [`Preconditions::check`].
    pub fn check_preconditions(&self, version: Option<i64>, modified: Option<DateTime<Utc>>) -> Result<()> {
        match self.preconditions.get() {
            Some(conditions) => conditions.check(version, modified),
            None => Ok(()),
        }
    }

    /// Whether anything was said to be done so far.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.changes.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Does a part of the transaction by itself: of one that is refused nothing is left but its error, and of one that
    /// is not to be kept nothing but what it would have done. After a statement that failed the whole transaction ends.
    ///
    /// # Errors
    /// What `act` returns.
    pub async fn part(&self, is_kept: bool, act: impl Future<Output = Result<()>>) -> Result<Part> {
        let before = self.take_changes();
        self.run_mark("savepoint part").await?;
        let done = act.await;
        let part = Part {
            changes: self.take_changes(),
            is_unchanged: self.unchanged.swap(false, Ordering::Relaxed),
        };
        self.changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(before);
        let ended = async {
            if done.is_err() || !is_kept {
                self.run_mark("rollback to savepoint part").await?;
            }
            self.run_mark("release savepoint part").await
        };
        let ended: Result<()> = ended.await;
        // Its own error says more than that nothing can follow it.
        done.and(ended).map(|()| part)
    }

    async fn run_mark(&self, sql: &str) -> Result<()> {
        let mark = Statement::from_string(self.tx.backend(), sql);
        self.tx.execute(mark).await?;
        Ok(())
    }

    /// Says that a limit bounds how often this is done: an event of it may be kept, whoever did it.
    pub fn note_counted(&self) {
        self.is_counted.store(true, Ordering::Relaxed);
    }

    /// Whether a limit bounds how often this is done.
    pub(crate) fn is_counted(&self) -> bool {
        self.is_counted.load(Ordering::Relaxed)
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

    /// The tenant's settings as `read` reads them, or read them before if none was written since.
    ///
    /// With PostgreSQL they are read each time: other nodes write them, too.
    pub async fn settings<T: Send + Sync + 'static>(&self, read: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<Arc<T>> {
        let Some(epoch) = self.epoch.filter(|_| !self.tx.has_touched_settings()) else {
            return read(self).await.map(Arc::new);
        };
        let kept = &self.db.0.settings;
        if let Some(settings) = kept.get(&self.tenant)
            && let Some(rows) = settings.rows(epoch.settings, self.now)
        {
            return Ok(rows);
        }
        let rows = Arc::new(read(self).await?);
        let settings = Settings {
            epoch: epoch.settings,
            read_at: self.now,
            rows: rows.clone(),
        };
        kept.insert(self.tenant, Arc::new(settings));
        Ok(rows)
    }

    /// The settings of the instance as `read` reads them, or read them before if none was written since. With
    /// PostgreSQL they are read in this transaction, beside those of the tenant.
    pub async fn instance_settings<T: Send + Sync + 'static>(
        &self,
        read: impl AsyncFnOnce(&SystemTx) -> Result<T>,
    ) -> Result<Arc<T>> {
        let Inner {
            epochs,
            instance_settings: kept,
            ..
        } = &*self.db.0;
        // Before what is kept is read.
        let epoch = epochs.of_instance();
        if let Some(settings) = &*kept.read().unwrap_or_else(PoisonError::into_inner)
            && let Some(rows) = settings.rows(epoch, self.now)
        {
            return Ok(rows);
        }
        let rows = Arc::new(Box::pin(self.db.run_system(Mode::Read, read)).await?);
        let settings = Settings {
            epoch,
            read_at: self.now,
            rows: rows.clone(),
        };
        *kept.write().unwrap_or_else(PoisonError::into_inner) = Some(settings);
        Ok(rows)
    }

    /// Puts a job that is a row of this transaction on the instance's list of what is due.
    ///
    /// With PostgreSQL the line commits with the row. With SQLite the list is in another file, so
    /// the line is written first: one without a row is dropped by the worker, a row without a
    /// line cannot happen. The disk has both before anybody is answered.
    pub(crate) async fn hint(&self, job: JobId, run_at: DateTime<Utc>) -> Result<()> {
        let todo = todo(self.tx.backend(), self.tenant, job, run_at);
        let hint = match &self.db.0.backend {
            Backend::Sqlite { system, .. } => Hint::There(system.run_todo(todo).await?),
            Backend::Postgres(_) => {
                self.tx.execute(todo).await?;
                Hint::Here
            }
        };
        *self.hint.lock().unwrap_or_else(PoisonError::into_inner) = hint;
        Ok(())
    }
}

/// Commits, and waits until the disk has it and the line of its job.
async fn commit(tx: Transaction, hint: Hint) -> Result<()> {
    match hint {
        Hint::There(line) => {
            let (line, committed) = futures_util::join!(line.flush(), tx.commit());
            committed.and(line)
        }
        Hint::None | Hint::Here => tx.commit().await,
    }
}

impl SystemTx {
    pub(super) async fn begin(db: &Db, mode: Mode) -> Result<Self> {
        let tx = match &db.0.backend {
            Backend::Sqlite { system, .. } => system.begin(mode).await?,
            Backend::Postgres(postgres) => postgres.begin(mode, None).await?,
        };
        Ok(Self {
            db: Some(db.clone()),
            ..Self::over(tx, db.0.clock.now())
        })
    }

    /// A transaction over a file that is nobody's.
    pub(super) fn over(tx: Transaction, now: DateTime<Utc>) -> Self {
        Self { tx, db: None, now }
    }

    pub(super) async fn seal_canary(&self, master: &MasterKey) -> Result<()> {
        canary::seal(&self.tx, master).await
    }

    /// Whether the database lets write: a primary that became a standby answers, but only reads.
    pub(super) async fn can_write(&self) -> Result<bool> {
        let backend = self.tx.backend();
        let sql = match backend {
            DbBackend::Postgres => {
                "select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as can_write"
            }
            _ => "select true as can_write",
        };
        let row = self.tx.query_one(Statement::from_string(backend, sql)).await?;
        Ok(row.map_or(Ok(false), |row| row.try_get("", "can_write"))?)
    }

    /// Commits what was done, or rolls back if it failed.
    pub(crate) async fn end<T>(self, done: Result<T>) -> Result<T> {
        let Self { tx, db, .. } = self;
        let is_kept = done.is_ok() && tx.touched().await.instance;
        match (done, db.filter(|_| is_kept)) {
            (Ok(value), Some(db)) => {
                let commit = async move {
                    let committed = tx.commit().await;
                    // Whatever came of it: it may have been made.
                    db.0.epochs.advance_instance();
                    committed
                };
                // A commit that nobody waits for any more is made all the same.
                let commit = tokio::spawn(commit.in_current_span()).await;
                commit.map_err(anyhow::Error::from)??;
                Ok(value)
            }
            (done, _) => tx.end(done).await,
        }
    }
}

/// What removes rows that have run out.
pub trait Sweeps: ConnectionTrait {
    /// Removes them by this statement, which changes nothing that is kept outside the database.
    fn sweep(&self, statement: Statement) -> impl Future<Output = Result<()>> + Send;
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

        impl Sweeps for $name {
            async fn sweep(&self, statement: Statement) -> Result<()> {
                Ok(self.tx.sweep(statement).await?)
            }
        }
    };
}
connection!(Tx);
connection!(SystemTx);
