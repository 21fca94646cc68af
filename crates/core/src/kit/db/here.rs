//! SQLite on the thread that asks, for a moment: what takes longer runs aside.
//!
//! Most statements take microseconds, less than to hand them to another thread. A query that is
//! not done within a moment, and whatever meets the lock of another program, is run once more on a
//! thread for such work, where it may take its time; nobody else waits for it.

use futures_util::FutureExt;
use sqlx::{
    Executor, Row, SqlStr, SqlitePool,
    sqlite::{SqliteArguments, SqliteConnection, SqliteQueryResult, SqliteRow},
};
use std::{
    cell::Cell,
    io,
    time::{Duration, Instant},
};

/// How long a query may keep the thread that asked.
const MOMENT: Duration = Duration::from_millis(1);

/// So many steps of SQLite's machine are between two looks at the time: some microseconds.
const STEPS: i32 = 1_000;

thread_local! {
    /// When the moment ends of what runs on this thread.
    static END: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// How a statement is asked.
pub(super) type Ask<R> = fn(&mut SqliteConnection, SqlStr, SqliteArguments) -> Result<R, sqlx::Error>;

fn at_once<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("this SQLite waits for nobody")
}

pub(super) fn run(
    one: &mut SqliteConnection,
    sql: SqlStr,
    values: SqliteArguments,
) -> Result<SqliteQueryResult, sqlx::Error> {
    at_once(one.execute(sqlx::query_with(sql, values)))
}

pub(super) fn first(
    one: &mut SqliteConnection,
    sql: SqlStr,
    values: SqliteArguments,
) -> Result<Option<SqliteRow>, sqlx::Error> {
    at_once(one.fetch_optional(sqlx::query_with(sql, values)))
}

pub(super) fn all(
    one: &mut SqliteConnection,
    sql: SqlStr,
    values: SqliteArguments,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    at_once(one.fetch_all(sqlx::query_with(sql, values)))
}

/// Has a new connection give up when its moment ends.
pub(super) fn bound(one: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut handle = at_once(one.lock_handle())?;
    handle.set_progress_handler(STEPS, || END.get().is_none_or(|end| Instant::now() < end));
    Ok(())
}

/// Runs it, a query for a moment only: SQLite undoes the whole transaction of a write that is given up.
pub(super) fn for_a_moment<R>(is_query: bool, ask: impl FnOnce() -> R) -> R {
    END.set(is_query.then(|| Instant::now() + MOMENT));
    let answer = ask();
    END.set(None);
    answer
}

/// Whether it was not done in a moment, or met the lock of another program: nothing was done.
pub(super) fn is_to_run_aside(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse().ok());
    matches!(code.map(|code: i32| code & 0xff), Some(BUSY | INTERRUPT))
}

/// sqlite.org/rescode.html
const BUSY: i32 = 5;
const INTERRUPT: i32 = 9;

/// Runs it on a thread for such work, where it waits this long for the lock of another program.
pub(super) async fn aside<C, R>(
    mut held: C,
    wait: Duration,
    ask: impl FnOnce(&mut SqliteConnection) -> Result<R, sqlx::Error> + Send + 'static,
) -> Result<(C, Result<R, sqlx::Error>), sqlx::Error>
where
    C: AsMut<SqliteConnection> + Send + 'static,
    R: Send + 'static,
{
    let done = tokio::task::spawn_blocking(move || {
        let one = held.as_mut();
        let done = wait_for_locks(one, wait).and_then(|()| ask(one));
        let done = done.and_then(|done| wait_for_locks(one, Duration::ZERO).map(|()| done));
        (held, done)
    });
    done.await.map_err(|_| sqlx::Error::WorkerCrashed)
}

fn wait_for_locks(one: &mut SqliteConnection, wait: Duration) -> Result<(), sqlx::Error> {
    let sql = format!("pragma busy_timeout = {}", wait.as_millis());
    at_once(one.execute(sqlx::AssertSqlSafe(sql))).map(drop)
}

/// Pages in the write-ahead log after the last commit of this connection.
pub(super) fn log_pages(one: &mut SqliteConnection) -> u32 {
    at_once(one.lock_handle()).map_or(0, |handle| handle.wal_pages())
}

/// Writes what is in the write-ahead log to the database.
///
/// # Errors
/// Nothing is in doubt if this fails: it is in the log.
pub(super) async fn checkpoint(pool: &SqlitePool, mode: &'static str, wait: Duration) -> io::Result<()> {
    let connection = pool.acquire().await.map_err(io::Error::other)?;
    let sql = format!("pragma wal_checkpoint({mode})");
    let done = aside(connection, wait, |one| at_once(one.fetch_one(sqlx::AssertSqlSafe(sql)))).await;
    let row = done.and_then(|(_, row)| row).map_err(io::Error::other)?;
    match row.try_get("busy").map_err(io::Error::other)? {
        0 => Ok(()),
        1.. | i64::MIN..0 => Err(io::Error::other("the log is being read")),
    }
}
