//! A connection to PostgreSQL that breaks at a commit: what may have been made is called so.

use crate::support::{
    TestApp,
    database::{WAIT, is_postgres},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Result},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
};

const USERS: &str = "/apis/console/v1alpha1/users";

/// Where a connection breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// At the end of a transaction that only reads.
    Read,
    /// The commit of a transaction that writes does not arrive.
    BeforeCommit,
    /// It does, and its answer gets lost.
    AfterCommit,
    /// At a commit, and from then on, nothing passes, and nobody is told.
    Silence,
}

/// A wire between a server and its database, which can be cut.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Option<Cut>>>);

impl Wire {
    /// A server whose database is at the other end of this wire.
    async fn server(&self) -> TestApp {
        self.server_that_waits(WAIT).await
    }

    /// The same, whose requests wait so many seconds.
    async fn server_that_waits(&self, seconds: u16) -> TestApp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = self.clone();
        TestApp::start_with(|config| {
            config.database_wait = seconds;
            let mut url: url::Url = config.database_url.as_ref().unwrap().parse().unwrap();
            let database = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
            url.set_host(Some("127.0.0.1")).unwrap();
            url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
            // Under TLS there would be nothing to see.
            url.set_query(Some("sslmode=disable"));
            config.database_url = Some(url.into());
            tokio::spawn(wire.lay(listener, database));
        })
        .await
    }

    /// Cuts it at the next end of such a transaction.
    fn cut(&self, cut: Cut) {
        *self.0.lock().unwrap() = Some(cut);
    }

    fn is_whole(&self) -> bool {
        self.0.lock().unwrap().is_none()
    }

    /// Whether it is cut at the end of a transaction that began so.
    fn breaks(&self, begun: &str) -> Option<Cut> {
        let begins = |cut: &mut Cut| match cut {
            Cut::Read => begun.starts_with("begin read only; set local"),
            _ => begun.starts_with("begin; set local"),
        };
        self.0.lock().unwrap().take_if(begins)
    }

    async fn lay(self, listener: TcpListener, database: String) {
        while let Ok((server, _)) = listener.accept().await {
            let database = TcpStream::connect(&database).await.unwrap();
            // A part of a request that waits for the answer to another part would wait long.
            database.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            tokio::spawn(self.clone().carry(server, database));
        }
    }

    /// Passes all there is from one side to the other until one of them ends or the wire is cut.
    async fn carry(self, server: TcpStream, database: TcpStream) {
        let (mut asked, mut answers) = server.into_split();
        let (mut answered, mut asks) = database.into_split();
        let is_cut = Arc::new(AtomicBool::new(false));
        let silent = is_cut.clone();
        let back = tokio::spawn(async move {
            let mut part = [0; 8192];
            while let Ok(length @ 1..) = answered.read(&mut part).await {
                if !silent.load(Ordering::Relaxed) && answers.write_all(&part[..length]).await.is_err() {
                    return;
                }
            }
        });
        let mut begun = String::new();
        let mut kind = 0;
        while let Ok(message) = message(&mut asked, kind).await {
            // Only the first message of a connection has no kind.
            kind = 1;
            let query = query(&message);
            if query.starts_with("begin") {
                begun = query.to_owned();
            }
            let cut = (query == "commit").then(|| self.breaks(&begun)).flatten();
            is_cut.store(cut.is_some(), Ordering::Relaxed);
            if cut.is_none_or(|cut| cut == Cut::AfterCommit) {
                asks.write_all(&message).await.unwrap();
            }
            if cut == Some(Cut::Silence) {
                std::future::pending::<()>().await;
            }
            if cut.is_some() {
                break;
            }
        }
        // The database does what it was sent, ends, and only then the server hears of it.
        drop(asks);
        back.await.unwrap();
    }
}

/// The next message (PostgreSQL's manual, "Frontend/Backend Protocol"): a kind of so many bytes, a
/// length that counts itself, and the rest.
async fn message(from: &mut OwnedReadHalf, kind: usize) -> Result<Vec<u8>> {
    let mut message = vec![0; kind + 4];
    from.read_exact(&mut message).await?;
    let length = u32::from_be_bytes(message[kind..].try_into().unwrap());
    message.resize(kind + length as usize, 0);
    from.read_exact(&mut message[kind + 4..]).await?;
    Ok(message)
}

/// The text of a message that is a simple query.
fn query(message: &[u8]) -> &str {
    let text = message.strip_prefix(b"Q").and_then(|rest| rest.get(4..));
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.unwrap_or_default().trim_end_matches('\0')
}

fn new(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

#[tokio::test]
async fn a_commit_without_an_answer_has_an_unknown_outcome_that_a_read_tells() {
    if !is_postgres() {
        return;
    }
    let wire = Wire::default();
    let app = wire.server().await;
    let owner = app.default_tenant().owner().await;
    for (cut, name, is_made) in [(Cut::BeforeCommit, "lost", false), (Cut::AfterCommit, "made", true)] {
        wire.cut(cut);
        let answer = owner.post(USERS, &new(name)).await;
        assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
        answer.expect_problem(503, "outcome_unknown");
        assert!(wire.is_whole(), "it was cut, and is laid anew");

        let there = owner.get(&format!("{USERS}/{name}")).await;
        let again = owner.post(USERS, &new(name)).await;
        if is_made {
            there.expect(200);
            again.expect_problem(409, "user_name_taken");
        } else {
            there.expect_problem(404, "user_not_found");
            again.expect(200);
        }
    }
}

#[tokio::test]
async fn a_read_that_cannot_end_has_written_nothing() {
    if !is_postgres() {
        return;
    }
    let wire = Wire::default();
    let app = wire.server().await;
    let owner = app.default_tenant().owner().await;

    wire.cut(Cut::Read);
    owner.get(USERS).await.expect_problem(503, "database_unavailable");
    owner.get(USERS).await.expect(200);

    // What a change by a caller who is not known yet reads first ends before anything is written.
    let owner = app.default_tenant().owner().await;
    wire.cut(Cut::Read);
    owner
        .post(USERS, &new("ada"))
        .await
        .expect_problem(503, "database_unavailable");
    assert!(wire.is_whole());
    owner.post(USERS, &new("ada")).await.expect(200);
}

#[tokio::test]
async fn a_database_that_falls_silent_is_not_waited_for_longer_than_promised() {
    if !is_postgres() {
        return;
    }
    let wire = Wire::default();
    let app = wire.server_that_waits(2).await;
    let owner = app.default_tenant().owner().await;
    wire.cut(Cut::Silence);
    let begun = Instant::now();
    let answer = owner.post(USERS, &new("ada")).await;
    answer.expect_problem(503, "outcome_unknown");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // The other connections were not cut; what it has locked is free when PostgreSQL misses the server.
    owner.get(USERS).await.expect(200);
}

#[tokio::test]
async fn what_an_operator_of_the_database_does_is_no_fault_of_the_server() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let role = json!({ "metadata": { "name": "poet" }, "spec": { "displayName": "Poet" } });
    for act in ["pg_terminate_backend", "pg_cancel_backend"] {
        let held = app.hold("role").await;
        let asked = owner.post("/apis/console/v1alpha1/roles", &role);
        let interfere = async {
            let waiting = format!(
                "select count({act}(pid)) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'"
            );
            while app.count(&waiting).await == 0 {
                tokio::task::yield_now().await;
            }
        };
        let (answer, ()) = tokio::join!(asked, interfere);
        assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
        answer.expect_problem(503, "database_unavailable");
        drop(held);
    }
    owner.post("/apis/console/v1alpha1/roles", &role).await.expect(200);
}

#[tokio::test]
async fn a_database_without_a_connection_left_is_busy() {
    if !is_postgres() {
        return;
    }
    let app = TestApp::start_with(|config| config.database_wait = 2).await;
    let owner = app.default_tenant().owner().await;
    let mut operator = app.connect_postgres().await;
    let limit = |most: i32| {
        let alter = format!("'alter database \"' || current_database() || '\" connection limit {most}'");
        AssertSqlSafe(format!("do $$ begin execute {alter}; end $$"))
    };
    operator.execute(limit(0)).await.unwrap();
    let others = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()";
    operator.execute(others).await.unwrap();
    let answer = owner.get(USERS).await;
    assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
    assert_eq!(answer.status, 503, "{}", answer.text);
    operator.execute(limit(-1)).await.unwrap();
    owner.get(USERS).await.expect(200);
}
