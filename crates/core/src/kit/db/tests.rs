//! A connection on which something failed, on a real file.

use super::{
    super::{request, sweep},
    *,
};
use sea_orm::ConnectionTrait;
use std::{future::poll_fn, task::Poll};

/// A query of many milliseconds.
const MANY: &str = "select count(*) from \
    (with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select i from n)";

struct Room {
    db: Db,
    tenant: TenantId,
    directory: tempfile::TempDir,
}

impl Room {
    /// An empty file of a tenant, with a table of numbers of which none may be 13 or there twice.
    async fn make() -> Self {
        Self::with_wait(Duration::from_secs(30)).await
    }

    async fn with_wait(wait: Duration) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let opening = Opening {
            open_tenants: 1,
            wait,
            file_limit: None,
            lock: false,
            connections: 1,
            statement: Duration::from_secs(1),
        };
        let location = Location::Directory(directory.path().to_owned());
        let key = async || Ok(MasterKey::parse(&MasterKey::generate())?);
        let (db, _) = Db::open(&location, Clock::default(), opening, key).await.unwrap();
        let tenant = TenantId::new(Clock::default().now());
        db.make_room(tenant).await.unwrap();
        let room = Self { db, tenant, directory };
        let there = async |tx: &SystemTx| {
            let insert =
                "insert into tenant (id, name, display_name, state, created_at) values ($1, 'a', 'A', 'active', $2)";
            let values = [tenant.0.into(), tx.now.into()];
            tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, insert, values))
                .await?;
            Ok(())
        };
        room.db.run_system(Mode::Write, there).await.unwrap();
        room.write(
            "create table number (n integer primary key, parent integer references number deferrable initially deferred)",
        )
        .await
        .unwrap();
        room.write(
            "create trigger unlucky before insert on number when new.n = 13 begin select raise(rollback, 'no'); end",
        )
        .await
        .unwrap();
        room
    }

    async fn write(&self, sql: &str) -> Result<()> {
        let write = async |tx: &Tx| run(tx, sql).await;
        self.db.run(self.tenant, Mode::Write, write).await
    }

    /// The rows that a program finds when it opens the file anew.
    async fn numbers(&self) -> Vec<i64> {
        use sqlx::{ConnectOptions, Connection};
        let file = tenant_file(self.directory.path(), self.tenant);
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let mut connection = options.connect().await.unwrap();
        let found = sqlx::query_scalar("select n from number order by n");
        let found = found.fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        found
    }

    /// Writes this number, and that it is in the file.
    async fn still_writes(&self, n: i64) {
        self.write(&format!("insert into number values ({n}, null)"))
            .await
            .unwrap();
        assert!(self.numbers().await.contains(&n), "{n} was acknowledged and is lost");
    }
}

async fn run(tx: &impl ConnectionTrait, sql: &str) -> Result<()> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// Begins this and gives it up, where the database was not so quick that it has ended already.
async fn begin_and_give_up<T>(future: impl Future<Output = T>) {
    let mut future = std::pin::pin!(future);
    poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn a_commit_that_the_engine_refuses_leaves_nothing_behind() {
    let room = Room::make().await;
    // Deferred constraints are looked at by COMMIT, which leaves the transaction open.
    let orphan = room.write("insert into number values (1, 99)").await;
    assert!(matches!(orphan, Err(Error::Internal(_))), "{orphan:?}");
    room.still_writes(2).await;
    assert_eq!(room.numbers().await, [2]);
}

#[tokio::test]
async fn a_transaction_that_the_engine_ended_by_itself_is_over() {
    let room = Room::make().await;
    let swallowed = async |tx: &Tx| {
        run(tx, "insert into number values (1, null)").await?;
        assert!(run(tx, "insert into number values (13, null)").await.is_err());
        // The engine would carry this out, and keep it at once.
        assert!(run(tx, "insert into number values (2, null)").await.is_err());
        Ok(())
    };
    let done = room.db.run(room.tenant, Mode::Write, swallowed).await;
    assert!(matches!(done, Err(Error::Internal(_))), "{done:?}");
    room.still_writes(3).await;
    assert_eq!(room.numbers().await, [3]);
}

#[tokio::test]
async fn what_follows_a_failed_statement_is_not_committed() {
    let room = Room::make().await;
    room.still_writes(1).await;
    let swallowed = async |tx: &Tx| {
        run(tx, "insert into number values (2, null)").await?;
        assert!(run(tx, "insert into number values (1, null)").await.is_err());
        Ok(())
    };
    assert!(room.db.run(room.tenant, Mode::Write, swallowed).await.is_err());
    room.still_writes(3).await;
    assert_eq!(room.numbers().await, [1, 3]);
}

#[tokio::test]
async fn of_a_part_that_is_refused_or_not_to_be_kept_nothing_is_left() {
    let room = Room::make().await;
    let parts = async |tx: &Tx| {
        let add = async |n: i64| -> Result<()> {
            run(tx, &format!("insert into number values ({n}, null)")).await?;
            tx.changed("number", &n, serde_json::Value::Null, n.into());
            Ok(())
        };
        add(1).await?;
        let kept = tx.part(true, add(2)).await?;
        let looked = tx.part(false, add(3)).await?;
        let refused = async {
            add(4).await?;
            Err(Error::from(crate::kit::error::Code::NotFound))
        };
        assert!(tx.part(true, refused).await.is_err());
        add(5).await?;
        for (part, name) in [(kept, "2"), (looked, "3")] {
            assert!(!part.is_nothing());
            assert_eq!(part.changes.len(), 1, "{part:?}");
            assert_eq!(part.changes[0].name, name);
        }
        let nothing = async {
            tx.unchanged();
            Ok(())
        };
        assert!(tx.part(true, nothing).await?.is_nothing());
        assert!(!tx.is_unchanged(), "the transaction itself changed something");
        assert_eq!(tx.take_changes().len(), 2);
        Ok(())
    };
    room.db.run(room.tenant, Mode::Write, parts).await.unwrap();
    assert_eq!(room.numbers().await, [1, 2, 5]);
}

#[tokio::test]
async fn a_part_whose_statement_fails_takes_the_whole_transaction_along() {
    let room = Room::make().await;
    let parts = async |tx: &Tx| {
        run(tx, "insert into number values (1, null)").await?;
        let twice = run(tx, "insert into number values (1, null)");
        assert!(tx.part(true, twice).await.is_err());
        Ok(())
    };
    assert!(room.db.run(room.tenant, Mode::Write, parts).await.is_err());
    room.still_writes(2).await;
    assert_eq!(room.numbers().await, [2]);
}

#[tokio::test]
async fn a_database_that_only_reads_is_unavailable_and_recovers() {
    let room = Room::make().await;
    let write = async |tx: &Tx| {
        run(tx, "pragma query_only = on").await?;
        run(tx, "insert into number values (1, null)").await
    };
    let refused = room.db.run(room.tenant, Mode::Write, write).await.unwrap_err();
    assert_eq!(refused.code(), Code::DatabaseUnavailable);
    // The pragma outlives the transaction, but not the connection.
    room.still_writes(2).await;
    assert_eq!(room.numbers().await, [2]);
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_busy_at_begin_and_free_afterwards() {
    use sqlx::{ConnectOptions, Executor};
    let room = Room::with_wait(Duration::from_millis(100)).await;
    let file = tenant_file(room.directory.path(), room.tenant);
    let mut other = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .unwrap();
    other.execute("begin immediate").await.unwrap();
    let refused = room.write("insert into number values (1, null)").await.unwrap_err();
    assert_eq!(refused.code(), Code::Busy);
    other.execute("rollback").await.unwrap();
    room.still_writes(2).await;
    assert_eq!(room.numbers().await, [2]);
}

#[tokio::test]
async fn a_request_that_is_given_up_at_any_step_writes_nothing() {
    let room = Room::make().await;
    // While it begins.
    begin_and_give_up(room.db.begin(room.tenant, Mode::Write)).await;
    room.still_writes(2).await;

    // In the middle of a statement, and between two.
    for sql in [MANY, "select 1"] {
        let tx = room.db.begin(room.tenant, Mode::Write).await.unwrap();
        run(&tx, "insert into number values (3, null)").await.unwrap();
        match sql {
            MANY => begin_and_give_up(run(&tx, sql)).await,
            _ => run(&tx, sql).await.unwrap(),
        }
        drop(tx);
    }
    room.still_writes(4).await;

    // A statement that was given up, and then the transaction goes on.
    let goes_on = async |tx: &Tx| {
        begin_and_give_up(run(tx, MANY)).await;
        run(tx, "insert into number values (5, null)").await
    };
    assert!(room.db.run(room.tenant, Mode::Write, goes_on).await.is_err());
    room.still_writes(6).await;
    assert_eq!(room.numbers().await, [2, 4, 6]);
}

#[tokio::test]
async fn a_query_that_takes_long_keeps_nobody_else_from_their_thread() {
    let room = Room::make().await;
    room.still_writes(2).await;
    let ended = std::cell::RefCell::new(Vec::new());
    let ask = async |sql: &'static str| {
        let asked = async |tx: &Tx| run(tx, sql).await;
        room.db.run(room.tenant, Mode::Read, asked).await.unwrap();
        ended.borrow_mut().push(sql);
    };
    // There is one thread for both.
    tokio::join!(ask(MANY), ask("select n from number"));
    assert_eq!(*ended.borrow(), ["select n from number", MANY]);
}

#[tokio::test]
async fn a_log_that_got_long_begins_anew() {
    let room = Room::make().await;
    room.write("create table page (body blob)").await.unwrap();
    // Fifteen times as much as makes a log long.
    for _ in 0..150 {
        let body = "insert into page select randomblob(2000) from \
            (with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) select i from n)";
        room.write(body).await.unwrap();
    }
    let mut log = tenant_file(room.directory.path(), room.tenant).into_os_string();
    log.push("-wal");
    let bytes = std::fs::metadata(log).unwrap().len();
    assert!(bytes > 1_000 * 2_048, "{bytes}");
    assert!(bytes < 5_000 * 2_048, "{bytes}");
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_made_whole_or_not_at_all() {
    let room = Room::make().await;
    for n in 0..50 {
        let tx = room.db.begin(room.tenant, Mode::Write).await.unwrap();
        run(&tx, &format!("insert into number values ({}, null)", 100 + 2 * n))
            .await
            .unwrap();
        run(
            &tx,
            &format!("insert into number values ({}, {})", 101 + 2 * n, 100 + 2 * n),
        )
        .await
        .unwrap();
        begin_and_give_up(tx.end(Ok(()))).await;
    }
    room.still_writes(1).await;
    let found = room.numbers().await;
    let pairs = found.iter().filter(|n| **n >= 100).collect::<Vec<_>>();
    assert!(
        pairs.chunks(2).all(|pair| pair.len() == 2 && *pair[0] + 1 == *pair[1]),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_list_of_what_is_due_is_as_careful() {
    let room = Room::make().await;
    let swallowed = async |tx: &SystemTx| {
        assert!(run(tx, "insert into nowhere values (1)").await.is_err());
        Ok(())
    };
    assert!(room.db.run_system(Mode::Write, swallowed).await.is_err());
    let add = async |tx: &Tx| tx.hint(JobId::new(tx.now), tx.now).await;
    room.db.run(room.tenant, Mode::Write, add).await.unwrap();
    let count = async |tx: &SystemTx| {
        let count = Statement::from_string(DbBackend::Sqlite, "select count(*) as n from todo");
        let row = tx.query_one_raw(count).await?.unwrap();
        Ok(row.try_get::<i64>("", "n")?)
    };
    assert_eq!(room.db.run_system(Mode::Read, count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_commit_that_changes_a_kept_fact_moves_the_epoch_on_even_if_nobody_waits() {
    let room = Room::make().await;
    let epoch = async || room.db.epoch(room.tenant).await.unwrap();
    let before = epoch().await;
    room.write("insert into number values (1, null)").await.unwrap();
    assert_eq!(epoch().await, before, "a fact that nobody keeps");
    let sweep = async |tx: &Tx| sweep::sweep(tx, "session", "id", "expires_at", tx.now).await;
    room.db.run(room.tenant, Mode::Write, sweep).await.unwrap();
    assert_eq!(epoch().await, before, "what has run out goes");
    let tx = room.db.begin(room.tenant, Mode::Write).await.unwrap();
    run(&tx, "delete from session").await.unwrap();
    run(&tx, "insert into number values (2, null)").await.unwrap();
    assert_eq!(epoch().await, before, "it is not committed yet");
    begin_and_give_up(tx.end(Ok(()))).await;
    room.still_writes(3).await;
    assert_eq!(room.numbers().await, [1, 2, 3], "it was made all the same");
    assert_ne!(epoch().await, before);
    let (before, tx) = (epoch().await, room.db.begin(room.tenant, Mode::Write).await.unwrap());
    run(&tx, "delete from session").await.unwrap();
    assert!(tx.end(Err::<(), _>(Code::NotFound.into())).await.is_err());
    assert_eq!(epoch().await, before, "it was taken back");
}

#[tokio::test]
async fn a_file_that_vanished_is_noticed_and_not_written_to_any_more() {
    let room = Room::make().await;
    room.db.drop_lost_files().await;
    room.still_writes(1).await;
    std::fs::remove_file(tenant_file(room.directory.path(), room.tenant)).unwrap();
    room.db.drop_lost_files().await;
    let refused = room.write("insert into number values (2, null)").await.unwrap_err();
    assert_eq!(refused.code(), Code::TenantUnavailable);
}

#[tokio::test]
async fn a_request_waits_for_all_of_its_turns_no_longer_than_for_one() {
    let wait = Duration::from_millis(200);
    let room = Room::with_wait(wait).await;
    let held = room.db.begin(room.tenant, Mode::Write).await.unwrap();
    let begun = std::time::Instant::now();
    let writes = async {
        for _ in 0..10 {
            let refused = room.write("insert into number values (1, null)").await.unwrap_err();
            assert_eq!(refused.code(), Code::Busy);
        }
    };
    request::scope(String::new(), Box::pin(writes)).await;
    assert!(begun.elapsed() < 3 * wait, "{:?}", begun.elapsed());
    held.end(Ok(())).await.unwrap();
    room.still_writes(1).await;
}
