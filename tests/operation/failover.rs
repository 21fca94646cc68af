//! A primary that dies, and its replica that takes its place behind the same address.

use crate::support::{PASSWORD, Person, TestApp, database::is_postgres, free_port};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Executor, PgConnection, Row, postgres::PgConnectOptions};
use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};

const USERS: &str = "/apis/console/v1alpha1/users";

/// A PostgreSQL of the test's own, which ends when it is dropped.
struct Cluster {
    directory: PathBuf,
    port: u16,
    child: Child,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process};
        // Killed, it would leave its shared memory behind.
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process(Pid::from_child(&self.child), Signal::QUIT);
            let _ = self.child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A program of PostgreSQL as the user who may run it, as `scripts/with-postgres` tells.
fn program(name: &str) -> Command {
    let variable = |name| std::env::var(name).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    command.args(variable("TEST_POSTGRES_AS").split_whitespace());
    command
        .arg("--")
        .arg(PathBuf::from(variable("TEST_POSTGRES_BIN")).join(name));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Cluster {
    /// One whose directory this command makes.
    async fn make(port: u16, make: impl FnOnce(Command, &str) -> Command, maker: &str) -> Self {
        let directory = PathBuf::from(std::env::var("TEST_POSTGRES_DIRECTORY").unwrap()).join(format!("of-{port}"));
        let made = make(program(maker), directory.to_str().unwrap()).status().unwrap();
        assert!(made.success());
        let mut server = program("postgres");
        server
            .arg("-D")
            .arg(&directory)
            .args(["-p", &port.to_string(), "-k", ""]);
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        let child = server.spawn().unwrap();
        let cluster = Self { directory, port, child };
        while cluster.options().connect().await.is_err() {
            tokio::task::yield_now().await;
        }
        cluster
    }

    /// A primary with an empty database of the server's own role.
    async fn primary() -> Self {
        let make = |mut initdb: Command, directory: &str| {
            initdb.args(["--no-sync", "--username", "postgres", "--auth", "trust"]);
            initdb.args(["--encoding", "UTF8", "--locale", "C", "--pgdata", directory]);
            initdb
        };
        let primary = Self::make(free_port(), make, "initdb").await;
        let mut operator = primary.connect().await;
        for sql in ["create role tenantry login", "create database tenantry owner tenantry"] {
            operator.execute(sql).await.unwrap();
        }
        primary
    }

    /// Its replica, which has a commit before it is answered.
    async fn replica(&self) -> Self {
        let from = self.port.to_string();
        let make = |mut backup: Command, directory: &str| {
            backup.args(["--no-sync", "--checkpoint", "fast", "--write-recovery-conf"]);
            backup.args(["--host", "127.0.0.1", "--port", &from, "--username", "postgres"]);
            backup.args(["--pgdata", directory]);
            backup
        };
        let replica = Self::make(free_port(), make, "pg_basebackup").await;
        let mut operator = self.connect().await;
        for sql in [
            "alter system set synchronous_standby_names = '*'",
            "select pg_reload_conf()",
        ] {
            operator.execute(sql).await.unwrap();
        }
        let is_followed = "select count(*) from pg_stat_replication where sync_state = 'sync'";
        while operator.fetch_one(is_followed).await.unwrap().get::<i64, _>(0) == 0 {
            tokio::task::yield_now().await;
        }
        replica
    }

    fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
        options.username("postgres").database("postgres")
    }

    async fn connect(&self) -> PgConnection {
        self.options().connect().await.unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An address that leads to whichever port is in it.
async fn lay(listener: TcpListener, to: Arc<AtomicU16>) {
    while let Ok((mut server, _)) = listener.accept().await {
        let to = to.clone();
        tokio::spawn(async move {
            if let Ok(mut database) = TcpStream::connect(("127.0.0.1", to.load(Ordering::Relaxed))).await {
                let _ = tokio::io::copy_bidirectional(&mut server, &mut database).await;
            }
        });
    }
}

/// What came of users that were made one after another.
#[derive(Default)]
struct Made {
    acknowledged: RefCell<Vec<String>>,
    refused: Cell<u32>,
    longest: Cell<Duration>,
}

impl Made {
    fn count(&self) -> usize {
        self.acknowledged.borrow().len()
    }

    /// Makes users until so many of all are there.
    async fn until(&self, owner: &Person<'_>, writer: usize, most: &Cell<usize>) {
        for number in 0.. {
            if self.count() >= most.get() {
                return;
            }
            let name = format!("user-{writer}-{number}");
            let new = json!({ "name": name, "email": format!("{name}@example.com") });
            let begun = Instant::now();
            let answer = owner.post(USERS, &new).await;
            self.longest.set(self.longest.get().max(begun.elapsed()));
            if answer.status == 200 {
                self.acknowledged.borrow_mut().push(name);
                continue;
            }
            assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
            let body = answer.expect(503);
            match body["code"].as_str().unwrap() {
                "outcome_unknown" => {}
                "database_unavailable" | "busy" => self.refused.set(self.refused.get() + 1),
                code => panic!("{code}: {body}"),
            }
        }
    }
}

/// A server whose database is behind this address.
async fn serve(listener: TcpListener, to: Arc<AtomicU16>) -> TestApp {
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(lay(listener, to));
    TestApp::start_with(|config| {
        config.database_wait = 5;
        config.database_url = Some(format!("postgres://tenantry@127.0.0.1:{port}/tenantry?sslmode=disable"));
    })
    .await
}

#[tokio::test]
async fn a_replica_that_takes_the_place_of_a_dead_primary_has_all_that_was_acknowledged() {
    if !is_postgres() {
        return;
    }
    let mut primary = Cluster::primary().await;
    let to = Arc::new(AtomicU16::new(primary.port));
    let app = serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), to.clone()).await;
    let replica = primary.replica().await;
    let owner = app.default_tenant().owner().await;

    let (made, most) = (Made::default(), Cell::new(usize::MAX));
    let fail_over = async {
        while made.count() < 20 {
            tokio::task::yield_now().await;
        }
        primary.kill();
        while made.refused.get() < 5 {
            tokio::task::yield_now().await;
        }
        let ready = owner.get("/readyz").await;
        assert_eq!(ready.status, 503, "{}", ready.text);
        replica.connect().await.execute("select pg_promote()").await.unwrap();
        to.store(replica.port, Ordering::Relaxed);
        let before = made.count();
        while made.count() == before {
            tokio::task::yield_now().await;
        }
        most.set(before + 40);
    };
    let writers = async |writer| made.until(&owner, writer, &most).await;
    tokio::join!(fail_over, writers(0), writers(1), writers(2), writers(3));

    // It waits for the database for 5 seconds.
    assert!(made.longest.get() < Duration::from_secs(10), "{:?}", made.longest.get());
    assert_eq!(owner.get("/readyz").await.status, 200);
    for name in made.acknowledged.borrow().iter() {
        owner.get(&format!("{USERS}/{name}")).await.expect(200);
    }
    let again: Value = json!({ "username": "admin", "password": PASSWORD });
    owner.post("/v1/login", &again).await.expect(200);
}
