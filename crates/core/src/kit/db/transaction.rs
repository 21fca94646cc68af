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
    here::{self, Ask},
    log::{Log, Unflushed},
};
use crate::kit::{
    error::{Code, Error, Result, fault},
    request,
};
use futures_util::FutureExt;
use futures_util::lock::Mutex;
use sea_orm::{ConnAcquireErr, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Database, Executor, IntoArguments, PgPool, Pool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqlitePool,
    pool::PoolConnection, sqlite::SqliteConnection,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

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
    connection: Option<Held>,
    /// Until when another program's lock is waited for.
    until: Instant,
    /// Whether every statement so far succeeded, and none is under way.
    is_sound: bool,
    /// Whether a statement failed for what the database is, and not for what it was asked: another
    /// connection may fare better.
    is_ailing: bool,
    /// Whether any statement was no query.
    has_written: bool,
    /// What was changed that is kept outside the database.
    touched: Touched,
    /// With SQLite, pages in the log after the commit.
    log_pages: u32,
}

/// A connection that is closed when this is dropped, unless its transaction has ended.
struct Held {
    connection: Connection,
    has_ended: bool,
}

enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
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
        None => acquire(pool, wait).boxed().await.map(Connection::Sqlite),
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

impl AsMut<SqliteConnection> for Held {
    fn as_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Connection::Sqlite(one) => one,
            Connection::Postgres(_) => unreachable!("only SQLite runs here"),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.has_ended {
            match &mut self.connection {
                Connection::Sqlite(one) => one.close_on_drop(),
                Connection::Postgres(one) => one.close_on_drop(),
            }
        }
    }
}

impl Transaction {
    /// One that reads one state of a file.
    pub(super) async fn read_sqlite(pool: &SqlitePool, wait: Duration) -> Result<Self, DbErr> {
        let until = Instant::now() + wait;
        let connection = acquire_sqlite(pool, wait).await?;
        Self::begin(State::of(connection, until), Mode::Read, "begin", None).await
    }

    /// One that writes to a file with this log.
    pub(super) async fn write_sqlite(pool: &SqlitePool, wait: Duration, log: Arc<Log>) -> Result<Self, DbErr> {
        let until = Instant::now() + wait;
        let connection = acquire_sqlite(pool, wait).await?;
        // A deferred writer that finds another one fails at once, whatever the timeout. The engine would wait
        // for another program as if nobody had waited for the connection.
        let begin = Self::begin(State::of(connection, until), Mode::Write, "begin immediate", Some(log));
        let begun = request::wait(wait, begin).await;
        begun.unwrap_or_else(|| Err(failed(sqlx::Error::PoolTimedOut)))
    }

    pub(super) async fn begin_postgres(pool: &PgPool, wait: Duration, mode: Mode, begin: &str) -> Result<Self, DbErr> {
        let connection = acquire_postgres(pool, wait).await?;
        Self::begin(State::of(connection, Instant::now()), mode, begin, None).await
    }

    async fn begin(mut state: State, mode: Mode, begin: &str, log: Option<Arc<Log>>) -> Result<Self, DbErr> {
        let backend = state.backend();
        request::note_commit(false);
        // The engine refuses if a transaction is open already.
        state.run(begin).await.map_err(failed)?;
        state.is_sound = true;
        Ok(Self {
            backend,
            mode,
            state: Mutex::new(state),
            log,
        })
    }

    /// Runs one statement that the engine begins and commits by itself.
    pub(super) async fn run_alone(
        pool: &SqlitePool,
        wait: Duration,
        statement: Statement,
        log: Arc<Log>,
    ) -> Result<Unflushed, DbErr> {
        let until = Instant::now() + wait;
        let connection = acquire_sqlite(pool, wait).await?;
        let mut state = State::of(connection, until);
        state.run_alone(statement).await?;
        Ok(log.committed(state.log_pages))
    }

    /// The row that one query finds which needs no transaction.
    pub(super) async fn query_alone(
        pool: &PgPool,
        wait: Duration,
        query: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let connection = acquire_postgres(pool, wait).await?;
        State::of(connection, Instant::now()).run_alone(query).await
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
        request::note_commit(matches!(self.mode, Mode::Write));
        match state.end("commit").await {
            Err(error) if matches!(self.mode, Mode::Write) && !fault::was_refused(&error) => {
                tracing::error!(%error, "a commit may or may not have been made");
                Err(Error::later(Code::OutcomeUnknown))
            }
            ended => {
                ended?;
                Ok(self
                    .log
                    .filter(|_| state.has_written)
                    .map(|log| log.committed(state.log_pages)))
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
        let rows = match state.connection()? {
            Connection::Sqlite(_) => state.run_here(sql, values, here::all).await.map(of_rows),
            Connection::Postgres(one) => one.fetch_all(sqlx::query_with(sql, values)).await.map(of_rows),
        };
        state.note_outcome(rows)
    }
}

fn none() -> SqlxValues {
    SqlxValues(sea_orm::Values(Vec::new()))
}

fn of_rows<R>(rows: Vec<R>) -> Vec<QueryResult>
where
    QueryResult: From<R>,
{
    rows.into_iter().map(QueryResult::from).collect()
}

impl State {
    fn of(connection: Connection, until: Instant) -> Self {
        let has_ended = false;
        Self {
            connection: Some(Held { connection, has_ended }),
            until,
            is_sound: false,
            is_ailing: false,
            has_written: false,
            touched: Touched::default(),
            log_pages: 0,
        }
    }

    fn backend(&self) -> DbBackend {
        match self.connection.as_ref().map(|held| &held.connection) {
            Some(Connection::Postgres(_)) => DbBackend::Postgres,
            Some(Connection::Sqlite(_)) | None => DbBackend::Sqlite,
        }
    }

    /// Runs a statement without a transaction.
    async fn run_alone(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.is_sound = true;
        let row = self.query_one(statement).await?;
        self.release();
        Ok(row)
    }

    async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = self.begin_statement(statement)?;
        let done = match self.connection()? {
            Connection::Sqlite(_) => {
                let done = self.run_here(sql, values, here::run).await;
                done.map(ExecResult::from)
            }
            Connection::Postgres(one) => one.execute(sqlx::query_with(sql, values)).await.map(ExecResult::from),
        };
        self.note_outcome(done)
    }

    async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, values) = self.begin_statement(statement)?;
        let row = match self.connection()? {
            Connection::Sqlite(_) => {
                let row = self.run_here(sql, values, here::first).await;
                row.map(|row| row.map(QueryResult::from))
            }
            Connection::Postgres(one) => {
                let row = one.fetch_optional(sqlx::query_with(sql, values)).await;
                row.map(|row| row.map(QueryResult::from))
            }
        };
        self.note_outcome(row)
    }

    /// Asks SQLite on this thread, and aside if that takes longer than a moment.
    async fn run_here<R: Send + 'static>(
        &mut self,
        sql: SqlStr,
        values: SqlxValues,
        ask: Ask<R>,
    ) -> Result<R, sqlx::Error> {
        let values = IntoArguments::<Sqlite>::into_arguments(values);
        let mut held = self.connection.take().ok_or(sqlx::Error::PoolClosed)?;
        let moment = || ask(held.as_mut(), sql.clone(), values.clone());
        let done = match here::for_a_moment(is_query(sql.as_str()), moment) {
            Err(error) if here::is_to_run_aside(&error) => {
                let wait = self.until.saturating_duration_since(Instant::now());
                let (back, done) = here::aside(held, wait, move |one| ask(one, sql, values)).await?;
                held = back;
                done
            }
            done => done,
        };
        self.connection = Some(held);
        done
    }

    fn connection(&mut self) -> Result<&mut Connection, DbErr> {
        let held = self.connection.as_mut().ok_or_else(already_failed)?;
        Ok(&mut held.connection)
    }

    /// Has the connection go back to its pool.
    fn release(&mut self) {
        if let Some(mut held) = self.connection.take() {
            if let Connection::Sqlite(one) = &mut held.connection {
                self.log_pages = here::log_pages(one);
            }
            held.has_ended = true;
        }
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        tracing::trace!(target: "tenantry::statement", sql);
        let sql = AssertSqlSafe(Arc::new(sql.to_owned())).into_sql_str();
        match self.connection.as_mut().map(|held| &mut held.connection) {
            Some(Connection::Sqlite(_)) => {
                let done = self.run_here(sql, none(), here::run).await;
                done.map(drop)
            }
            Some(Connection::Postgres(one)) => one.execute(sql).await.map(drop),
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Sends what ends the transaction. If the engine says so, the connection is as good as new.
    async fn end(&mut self, sql: &str) -> Result<(), DbErr> {
        self.run(sql).await.map_err(failed)?;
        if !self.is_ailing {
            self.release();
        }
        Ok(())
    }

    /// Until its answer has come and is good, nothing but a rollback may follow.
    fn begin_statement(&mut self, statement: Statement) -> Result<(SqlStr, SqlxValues), DbErr> {
        if !std::mem::take(&mut self.is_sound) {
            return Err(already_failed());
        }
        tracing::trace!(target: "tenantry::statement", sql = statement.sql);
        if !is_query(&statement.sql) {
            self.has_written = true;
            self.touched = self.touched.and(Touched::by(&statement.sql));
        }
        let values = statement.values.unwrap_or(sea_orm::Values(vec![]));
        Ok((
            AssertSqlSafe(Arc::new(statement.sql)).into_sql_str(),
            SqlxValues(values),
        ))
    }

    fn note_outcome<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        self.is_sound = done.is_ok();
        done.map_err(failed)
            .inspect_err(|error| self.is_ailing = fault::is_of_database(error))
    }
}
