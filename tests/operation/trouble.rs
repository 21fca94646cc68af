//! Databases that cannot be used: what is answered, who says so, and that it ends by itself.

use crate::support::{
    PASSWORD, TestApp, client,
    database::{Database, is_postgres},
    program::{Program, run},
};
use reqwest::Response;
use serde_json::{Value, json};
use sqlx::Executor;
use std::path::PathBuf;

async fn login(base: &str) -> Response {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let request = client().post(format!("{base}/v1/login")).json(&given);
    request.send().await.unwrap()
}

async fn readiness(base: &str) -> (u16, Value) {
    let answer = client().get(format!("{base}/readyz")).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.unwrap()["code"].clone())
}

#[tokio::test]
async fn a_primary_that_becomes_read_only_is_said_and_writes_come_back_by_themselves() {
    if !is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    assert_eq!(login(&program.base).await.status(), 200);
    let mut connection = database.connect_postgres().await;
    let mut become_it = async |read_only: &str| {
        let set = format!(
            "do $$ begin execute format('alter database %I set default_transaction_read_only = {read_only}', \
             current_database()); end $$"
        );
        // The session may be read-only by then.
        connection
            .execute("set default_transaction_read_only = off")
            .await
            .unwrap();
        connection.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()";
        connection.execute(end).await.unwrap();
    };

    become_it("on").await;
    let answer = login(&program.base).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    // A connection that was cut is told of once; then it is the database itself.
    while readiness(&program.base).await != (503, json!("database_unavailable")) {}
    let answer = login(&program.base).await;
    assert_eq!(answer.status(), 503);

    become_it("off").await;
    while readiness(&program.base).await.0 != 200 {}
    while login(&program.base).await.status() != 200 {}
    assert_eq!(login(&program.base).await.status(), 200);
    drop(program);
    database.end();
}

/// The file of a tenant, and what it was called before.
struct Moved(PathBuf, PathBuf);

impl Moved {
    /// Puts this in its place, or nothing.
    fn replace(file: PathBuf, by: Option<&str>) -> Self {
        let kept = file.with_extension("kept");
        std::fs::rename(&file, &kept).unwrap();
        if let Some(text) = by {
            std::fs::write(&file, text).unwrap();
        }
        Self(file, kept)
    }

    fn put_back(self) {
        std::fs::rename(&self.1, &self.0).unwrap();
    }
}

/// The files of tenants, the oldest first.
fn files(database: &Database) -> Vec<PathBuf> {
    let files = std::fs::read_dir(database.directory().join("tenants")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "db"));
    files.sort();
    files
}

#[tokio::test]
async fn a_tenant_that_cannot_be_opened_is_named_and_harms_nobody_else() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "a@acme.test",
        "--password-stdin",
    ];
    assert!(run(&database, &create, PASSWORD).status.success());
    let acme = files(&database).pop().unwrap();
    let moved = Moved::replace(
        acme,
        Some("this is no database, and too long to be taken for an empty one"),
    );

    let program = Program::start(&database, &[]);
    let base = format!("{}/t/acme", program.base);
    for _ in 0..2 {
        let answer = login(&base).await;
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        let body: Value = answer.json().await.unwrap();
        assert!(
            body.to_string().contains("tenant_unavailable") || body.to_string().contains("TENANT_UNAVAILABLE"),
            "{body}"
        );
    }
    assert_eq!(login(&program.base).await.status(), 200);
    assert_eq!(readiness(&program.base).await.0, 200);
    let doctor = run(&database, &["doctor"], "");
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        !doctor.status.success() && said.contains("MEND  tenants: acme (ten_"),
        "{said}"
    );

    moved.put_back();
    assert_eq!(login(&base).await.status(), 200, "by itself, once the file is mended");
    let (_, log) = program.terminate();
    assert_eq!(log.matches("the file of a tenant cannot be used").count(), 1, "{log}");
    database.end();
}

#[tokio::test]
async fn a_server_whose_default_tenant_cannot_be_opened_is_not_ready() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let moved = Moved::replace(files(&database).remove(0), None);
    let program = Program::start(&database, &[]);
    assert_eq!(readiness(&program.base).await, (503, json!("tenant_unavailable")));
    assert_eq!(
        client()
            .get(format!("{}/healthz", program.base))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    moved.put_back();
    assert_eq!(readiness(&program.base).await.0, 200);
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_tenant_is_found_by_its_name_in_any_case() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let given = json!({ "username": "admin", "password": PASSWORD });
    for spelling in ["acme", "ACME", "Acme"] {
        let request = client()
            .post(format!("{}/t/{spelling}/v1/login", app.base))
            .json(&given);
        assert_eq!(request.send().await.unwrap().status(), 200, "{spelling}");
    }
}
