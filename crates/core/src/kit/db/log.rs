//! When commits are on the disk: one flush for all that wait.
//!
//! With `synchronous=NORMAL` a commit is a record in the write-ahead log of its file, which the
//! operating system has and the disk may not: it survives the end of the process, but not that of
//! the machine. So nobody is answered before the log was flushed after their commit. Those who
//! commit while one flush is under way share the next one, and the writer does not wait for it.
//!
//! What was not flushed yet can be read already; a write that follows from it is in the log after
//! it, and is not answered before it is on the disk as well.

use super::here;
use crate::kit::{
    error::{Code, Error, Result},
    seldom::Seldom,
};
use sqlx::SqlitePool;
use std::{
    fs::File,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

/// A log of so many pages is written to its database.
const LONG: u32 = 1_000;

/// The write-ahead log of one file.
pub(super) struct Log {
    file: PathBuf,
    writer: SqlitePool,
    reader: SqlitePool,
    /// Whether what is in the log is being written to the database just now.
    is_long: AtomicBool,
    /// That this fails: on a full disk it does after each commit.
    said: Seldom,
    /// Commits so far.
    commits: AtomicU64,
    flushed: Mutex<Flushed>,
}

/// How far the log is on the disk.
#[derive(Default)]
struct Flushed {
    /// So many commits are.
    commits: u64,
    /// The flush of so many commits failed: whether they are nobody knows.
    unknown: u64,
    /// Whether the last flush failed. The next one would say that all is well, and be wrong: what was
    /// to be written may count as written (lwn.net/Articles/752063).
    is_in_doubt: bool,
}

/// A commit that may not be on the disk yet.
#[must_use = "nobody is answered before it is on the disk"]
pub(super) struct Unflushed {
    log: Arc<Log>,
    number: u64,
}

impl Log {
    /// Of the database in this file, with the pools of its only writer and of its readers.
    pub(super) fn of(database: PathBuf, writer: SqlitePool, reader: SqlitePool) -> Arc<Self> {
        let mut file = database.into_os_string();
        file.push("-wal");
        Arc::new(Self {
            file: file.into(),
            writer,
            reader,
            is_long: AtomicBool::default(),
            said: Seldom::new(),
            commits: AtomicU64::default(),
            flushed: Mutex::default(),
        })
    }

    /// To be called when the engine has said that it committed, with the pages in the log.
    pub(super) fn committed(self: Arc<Self>, pages: u32) -> Unflushed {
        if pages >= LONG && !self.is_long.swap(true, Ordering::SeqCst) {
            tokio::spawn(self.clone().shorten());
        }
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        Unflushed { log: self, number }
    }

    /// Flushes what is committed so far, unless somebody did so after this commit.
    async fn flush(&self, commit: u64) -> io::Result<()> {
        let mut flushed = self.flushed.lock().await;
        if commit <= flushed.commits {
            return Ok(());
        }
        if commit <= flushed.unknown {
            return Err(io::Error::other("the flush of this commit failed"));
        }
        if flushed.is_in_doubt {
            self.write_again().await?;
            flushed.is_in_doubt = false;
        }
        let commits = self.commits.load(Ordering::SeqCst);
        let file = self.file.clone();
        let done = tokio::task::spawn_blocking(move || flush_file(file)).await;
        match done.unwrap_or_else(|panic| Err(panic.into())) {
            Ok(()) => flushed.commits = commits,
            Err(error) => {
                (flushed.unknown, flushed.is_in_doubt) = (commits, true);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Has the log begin anew, once all of it is in the database: most of that while others write,
    /// and the rest while the writer waits.
    async fn shorten(self: Arc<Self>) {
        for pool in [&self.reader, &self.writer] {
            let written = here::checkpoint(pool, "passive", Duration::ZERO).await;
            if let Err(error) = written
                && self.said.is_due()
            {
                tracing::warn!(%error, log = %self.file.display(), "a log was not written to its database");
            }
        }
        self.is_long.store(false, Ordering::SeqCst);
    }

    /// Writes all that is in the log to the database, and empties it.
    async fn write_again(&self) -> io::Result<()> {
        here::checkpoint(&self.writer, "truncate", Duration::from_secs(1)).await
    }
}

fn flush_file(file: PathBuf) -> io::Result<()> {
    match File::open(file) {
        Ok(log) => log.sync_data(),
        // Whoever closes a database last writes its log to it, flushes that, and removes the log.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

impl Unflushed {
    /// Waits until the commit is on the disk.
    ///
    /// # Errors
    /// [`Code::OutcomeUnknown`] if that failed: it may be there all the same.
    pub(super) async fn flush(self) -> Result<()> {
        let flushed = self.log.flush(self.number).await;
        flushed.map_err(|error| {
            tracing::error!(%error, log = %self.log.file.display(), "a commit may or may not be on the disk");
            Error::later(Code::OutcomeUnknown)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
    use std::{os::unix::fs::symlink, path::Path};

    /// A database of numbers, whose log is behind a link.
    struct Room {
        directory: tempfile::TempDir,
        writer: SqlitePool,
        log: Arc<Log>,
    }

    impl Room {
        async fn make() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let options = SqliteConnectOptions::new()
                .filename(directory.path().join("a.db"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal);
            let pool = SqlitePoolOptions::new().max_connections(1);
            let writer = pool.connect_with(options).await.unwrap();
            let log = Log::of(directory.path().join("link"), writer.clone(), writer.clone());
            let room = Self { directory, writer, log };
            room.run("create table number (n integer primary key)").await;
            room
        }

        async fn run(&self, sql: &'static str) {
            sqlx::query(sql).execute(&self.writer).await.unwrap();
        }

        /// Has the log flushed through this file.
        fn link(&self, to: &Path) {
            let link = self.directory.path().join("link-wal");
            let _ = std::fs::remove_file(&link);
            symlink(to, link).unwrap();
        }

        async fn commit(&self, sql: &'static str) -> Result<()> {
            self.run(sql).await;
            self.log.clone().committed(0).flush().await
        }

        /// What is in the database without its log.
        async fn numbers(&self) -> Vec<i64> {
            let copy = self.directory.path().join("copy.db");
            std::fs::copy(self.directory.path().join("a.db"), &copy).unwrap();
            let options = SqliteConnectOptions::new().filename(copy);
            let pool = SqlitePool::connect_with(options).await.unwrap();
            let numbers = sqlx::query_scalar("select n from number order by n");
            let numbers = numbers.fetch_all(&pool).await.unwrap();
            pool.close().await;
            numbers
        }
    }

    #[tokio::test]
    async fn a_commit_whose_flush_failed_is_unknown_and_is_written_again_before_another_is_acknowledged() {
        let room = Room::make().await;
        // What cannot be flushed.
        room.link(Path::new("/dev/null"));
        let both = [
            room.log.clone().committed(0).flush(),
            room.log.clone().committed(0).flush(),
        ];
        for unknown in futures_util::future::join_all(both).await {
            assert_eq!(unknown.unwrap_err().code(), Code::OutcomeUnknown);
        }
        let unknown = room.commit("insert into number values (1)").await;
        assert_eq!(unknown.unwrap_err().code(), Code::OutcomeUnknown);
        room.link(&room.directory.path().join("a.db-wal"));
        assert_eq!(room.log.flushed.lock().await.commits, 0);
        room.commit("insert into number values (2)").await.unwrap();
        assert_eq!(room.numbers().await, [1, 2], "they are not in the log alone");
        room.commit("insert into number values (3)").await.unwrap();
        assert_eq!(room.numbers().await, [1, 2], "and what follows is again");
    }

    #[tokio::test]
    async fn those_who_wait_at_once_share_a_flush() {
        let room = Room::make().await;
        room.link(&room.directory.path().join("a.db-wal"));
        let commits: Vec<_> = (0..64).map(|_| room.log.clone().committed(0)).collect();
        let mut commits = commits.into_iter();
        commits.next().unwrap().flush().await.unwrap();
        assert_eq!(room.log.flushed.lock().await.commits, 64);
        // No file could be flushed any more, and none has to be.
        room.link(Path::new("/dev/null"));
        for commit in commits {
            commit.flush().await.unwrap();
        }
    }
}
