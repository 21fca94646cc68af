//! One transaction on one connection, and the judgement of that connection at its end.
//!
//! The engine alone knows whether a transaction is open: `BEGIN`, `COMMIT` and `ROLLBACK` are sent
//! as plain statements, so that no driver keeps a count of its own that an error could make wrong.
//! After a statement that failed, or whose answer nobody waited for, only `ROLLBACK` follows; a
//! connection goes back to its pool only if the engine said that its transaction has ended, and is
//! closed otherwise, which rolls back whatever was open on it. One that met a fault of the database
//! itself, such as a full disk, is closed as well.

use super::{
    Mode,
    epoch::Touched,
    log::{Log, Unflushed},
};
use crate::kit::{
    error::{Code, Error, Result, fault},
    request,
};
use futures_util::lock::Mutex;
use sea_orm::{ConnAcquireErr, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database, Executor, PgPool, Pool, Postgres, Sqlite, SqlitePool, pool::PoolConnection};
use std::{sync::Arc, time::Duration};

/// An open transaction. Dropping it closes its connection: only a request that was given up, or a
/// panic, ends that way.
pub(super) struct Transaction {
    backend: DbBackend,
    mode: Mode,
    state: Mutex<State>,
    /// Where a commit is on the disk, if the engine does not wait for that.
    log: Option<Arc<Log>>,
}

struct State {
    /// Gone once the engine has said that the transaction ended.
    connection: Option<Connection>,
    /// Whether every statement so far succeeded, and none is under way.
    is_sound: bool,
    /// Whether a statement failed for what the database is, and not for what it was asked: another
    /// connection may fare better.
    is_ailing: bool,
    /// Whether any statement was no query.
    has_written: bool,
    /// What was changed that is kept outside the database.
    touched: Touched,
}

enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Runs the same code on either kind of connection.
macro_rules! on {
    ($connection:expr, |$one:ident| $run:expr) => {
        match $connection {
            Connection::Sqlite($one) => $run,
            Connection::Postgres($one) => $run,
        }
    };
}

fn failed(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Query(RuntimeErr::SqlxError(error.into())),
    }
}

/// A connection to a file, for which a request waits only as long as it may.
async fn acquire_sqlite(pool: &SqlitePool, wait: Duration) -> Result<Connection, DbErr> {
    match pool.try_acquire() {
        Some(connection) => Ok(Connection::Sqlite(connection)),
        // Boxed, as all that is rare: what is not makes the future of every request larger.
        None => Box::pin(acquire(pool, wait)).await.map(Connection::Sqlite),
    }
}

/// The same to a server; the pool looks whether it is still there.
async fn acquire_postgres(pool: &PgPool, wait: Duration) -> Result<Connection, DbErr> {
    acquire(pool, wait).await.map(Connection::Postgres)
}

async fn acquire<DB: Database>(pool: &Pool<DB>, wait: Duration) -> Result<PoolConnection<DB>, DbErr> {
    let turn = request::wait(wait, pool.acquire()).await;
    turn.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failed)
}

fn is_query(sql: &str) -> bool {
    let verb = sql.trim_start().get(..7);
    verb.is_some_and(|verb| verb.trim_end().eq_ignore_ascii_case("select"))
}

/// The error of every statement after a failed one: its cause was answered before.
fn already_failed() -> DbErr {
    DbErr::Custom("a statement of this transaction failed, or was given up".to_owned())
}

impl Connection {
    async fn run(&mut self, sql: String) -> Result<(), sqlx::Error> {
        tracing::trace!(target: "tenantry::statement", sql);
        on!(self, |one| (&mut **one).execute(AssertSqlSafe(sql)).await.map(drop))
    }

    fn close_on_drop(&mut self) {
        on!(self, |one| one.close_on_drop());
    }
}

impl Transaction {
    /// One that reads one state of a file.
    pub(super) async fn read_sqlite(pool: &SqlitePool, wait: Duration) -> Result<Self, DbErr> {
        let connection = acquire_sqlite(pool, wait).await?;
        Self::begin(connection, Mode::Read, "begin").await
    }

    /// One that writes to a file with this log.
    pub(super) async fn write_sqlite(pool: &SqlitePool, wait: Duration, log: Arc<Log>) -> Result<Self, DbErr> {
        let connection = acquire_sqlite(pool, wait).await?;
        // A deferred writer that finds another one fails at once, whatever the timeout. The engine would wait
        // for another program as if nobody had waited for the connection.
        let begin = Self::begin(connection, Mode::Write, "begin immediate");
        let begun = request::wait(wait, begin).await;
        let mut transaction = begun.unwrap_or_else(|| Err(failed(sqlx::Error::PoolTimedOut)))?;
        transaction.log = Some(log);
        Ok(transaction)
    }

    pub(super) async fn begin_postgres(pool: &PgPool, wait: Duration, mode: Mode, begin: &str) -> Result<Self, DbErr> {
        let connection = acquire_postgres(pool, wait).await?;
        Self::begin(connection, mode, begin).await
    }

    async fn begin(connection: Connection, mode: Mode, begin: &str) -> Result<Self, DbErr> {
        let transaction = Self {
            backend: match connection {
                Connection::Sqlite(_) => DbBackend::Sqlite,
                Connection::Postgres(_) => DbBackend::Postgres,
            },
            mode,
            state: Mutex::new(State::of(connection)),
            log: None,
        };
        let mut state = transaction.state.lock().await;
        // The engine refuses if a transaction is open already.
        state.run(begin).await.map_err(failed)?;
        state.is_sound = true;
        drop(state);
        Ok(transaction)
    }

    /// Runs one statement that the engine begins and commits by itself.
    pub(super) async fn run_alone(pool: &SqlitePool, wait: Duration, statement: Statement) -> Result<(), DbErr> {
        let connection = acquire_sqlite(pool, wait).await?;
        State::alone(connection, statement).await.map(drop)
    }

    /// The row that one query finds which needs no transaction.
    pub(super) async fn query_alone(
        pool: &PgPool,
        wait: Duration,
        query: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let connection = acquire_postgres(pool, wait).await?;
        State::alone(connection, query).await
    }

    /// What this transaction changes that is kept outside the database.
    pub(super) async fn touched(&self) -> Touched {
        match self.mode {
            Mode::Read => Touched::default(),
            Mode::Write => self.state.lock().await.touched,
        }
    }

    /// Whether it wrote settings, or may be about to.
    pub(super) fn has_touched_settings(&self) -> bool {
        self.state.try_lock().is_none_or(|state| state.touched.settings)
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Commits if it succeeded, and rolls back if it failed.
    pub(super) async fn end<T>(self, done: Result<T>) -> Result<T> {
        match done {
            Ok(value) => self.commit().await.map(|()| value),
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        }
    }

    /// Commits, and waits until the disk has it. Nothing was written if this fails, but with
    /// [`Code::OutcomeUnknown`].
    pub(super) async fn commit(self) -> Result<()> {
        match self.commit_unflushed().await? {
            Some(commit) => commit.flush().await,
            None => Ok(()),
        }
    }

    async fn commit_unflushed(self) -> Result<Option<Unflushed>> {
        let mut state = self.state.into_inner();
        if !state.is_sound {
            state.end("rollback").await?;
            return Err(already_failed().into());
        }
        state.is_sound = false;
        match state.end("commit").await {
            Err(error) if matches!(self.mode, Mode::Write) && !fault::was_refused(&error) => {
                tracing::error!(%error, "a commit may or may not have been made");
                Err(Error::later(Code::OutcomeUnknown))
            }
            ended => {
                ended?;
                Ok(self.log.filter(|_| state.has_written).map(Log::committed))
            }
        }
    }

    /// Rolls back. That it cannot is no reason to answer something else: the connection is closed.
    pub(super) async fn rollback(self) {
        let ended = self.state.lock().await.end("rollback").await;
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection is closed: it could not roll back");
        }
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.state.lock().await.execute(statement).await
    }

    /// Removes what has run out. That changes nothing that is kept: who keeps it knows when it runs out.
    pub(super) async fn sweep(&self, statement: Statement) -> Result<(), DbErr> {
        let mut state = self.state.lock().await;
        let touched = state.touched;
        state.execute(statement).await?;
        state.touched = touched;
        Ok(())
    }

    pub(super) async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut state = self.state.lock().await;
        let (sql, _) = state.begin_statement(Statement::from_string(self.backend, sql))?;
        let done = match state.connection()? {
            Connection::Sqlite(one) => one.execute(sql).await.map(ExecResult::from),
            Connection::Postgres(one) => one.execute(sql).await.map(ExecResult::from),
        };
        state.note_outcome(done)
    }

    pub(super) async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.state.lock().await.query_one(statement).await
    }

    pub(super) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut state = self.state.lock().await;
        let (sql, values) = state.begin_statement(statement)?;
        let rows = on!(state.connection()?, |one| one
            .fetch_all(sqlx::query_with(sql, values))
            .await
            .map(|rows| rows.into_iter().map(QueryResult::from).collect()));
        state.note_outcome(rows)
    }
}

impl State {
    fn of(connection: Connection) -> Self {
        Self {
            connection: Some(connection),
            is_sound: false,
            is_ailing: false,
            has_written: false,
            touched: Touched::default(),
        }
    }

    async fn alone(connection: Connection, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut state = Self::of(connection);
        state.is_sound = true;
        let row = state.query_one(statement).await?;
        state.connection = None;
        Ok(row)
    }

    async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = self.begin_statement(statement)?;
        let done = match self.connection()? {
            Connection::Sqlite(one) => one.execute(sqlx::query_with(sql, values)).await.map(ExecResult::from),
            Connection::Postgres(one) => one.execute(sqlx::query_with(sql, values)).await.map(ExecResult::from),
        };
        self.note_outcome(done)
    }

    async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, values) = self.begin_statement(statement)?;
        let row = on!(self.connection()?, |one| one
            .fetch_optional(sqlx::query_with(sql, values))
            .await
            .map(|row| row.map(QueryResult::from)));
        self.note_outcome(row)
    }

    fn connection(&mut self) -> Result<&mut Connection, DbErr> {
        self.connection.as_mut().ok_or_else(already_failed)
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        match &mut self.connection {
            Some(connection) => connection.run(sql.to_owned()).await,
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Sends what ends the transaction. If the engine says so, the connection is as good as new.
    async fn end(&mut self, sql: &str) -> Result<(), DbErr> {
        self.run(sql).await.map_err(failed)?;
        if !self.is_ailing {
            self.connection = None;
        }
        Ok(())
    }

    /// Until its answer has come and is good, nothing but a rollback may follow.
    fn begin_statement(&mut self, statement: Statement) -> Result<(AssertSqlSafe<String>, SqlxValues), DbErr> {
        if !std::mem::take(&mut self.is_sound) {
            return Err(already_failed());
        }
        tracing::trace!(target: "tenantry::statement", sql = statement.sql);
        if !is_query(&statement.sql) {
            self.has_written = true;
            self.touched = self.touched.and(Touched::by(&statement.sql));
        }
        let values = statement.values.unwrap_or(sea_orm::Values(vec![]));
        Ok((AssertSqlSafe(statement.sql), SqlxValues(values)))
    }

    fn note_outcome<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        self.is_sound = done.is_ok();
        done.map_err(failed)
            .inspect_err(|error| self.is_ailing = fault::is_of_database(error))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}
