//! The master key proves itself before anything is served or written.

use crate::support::{
    database::{Database, is_postgres},
    program::{Program, command, run},
};
use std::process::Output;
use tenantry::kit::secret::MasterKey;

/// Starts a server with another key, or with none; it must end by itself.
fn start_with(database: &Database, key: Option<&str>) -> Output {
    let mut server = command(database);
    server.env("TENANTRY_LISTEN", "127.0.0.1:0");
    if let Some(key) = key {
        server.env("TENANTRY_MASTER_KEY", key);
    }
    server.output().unwrap()
}

#[track_caller]
fn assert_refused(refused: &Output, why: &str) {
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains(why), "{said}");
}

#[tokio::test]
async fn a_wrong_master_key_is_refused_before_anything_is_served_or_written() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    program.owner_token().await;
    drop(program);
    let before = database.dump().await;

    let other = MasterKey::generate();
    assert_refused(&start_with(&database, Some(&other)), "not the master key");
    let mut beside = command(&database);
    let beside = beside
        .env("TENANTRY_MASTER_KEY", other.as_str())
        .args(["tenant", "list"]);
    assert_refused(&beside.output().unwrap(), "not the master key");
    assert_eq!(database.dump().await, before, "nothing was written");

    let program = Program::start(&database, &[]);
    program.owner_token().await;
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_master_key_that_is_missing_is_not_made_anew_beside_data_that_needs_it() {
    if is_postgres() {
        return;
    }
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let (file, kept) = (
        database.directory().join("master.key"),
        database.directory().join("kept"),
    );
    std::fs::rename(&file, &kept).unwrap();
    let before = database.dump().await;

    assert_refused(&start_with(&database, None), "master.key is missing");
    assert!(!file.exists() && database.dump().await == before);
    let doctor = run(&database, &["doctor"], "");
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("master.key is missing"));

    std::fs::rename(&kept, &file).unwrap();
    let program = Program::start(&database, &[]);
    program.owner_token().await;
    drop(program);
    database.end();
}

#[tokio::test]
async fn a_database_of_a_version_without_a_canary_is_proven_on_the_keys_of_its_tenants() {
    let mut database = Database::create().await;
    drop(Program::start(&database, &[]));
    let forget = "delete from canary returning cast(1 as bigint)";
    database.count(forget).await;

    let other = MasterKey::generate();
    assert_refused(&start_with(&database, Some(&other)), "on the keys of default");
    assert_eq!(database.count("select count(*) from canary").await, 0);
    let program = Program::start(&database, &[]);
    program.owner_token().await;
    drop(program);
    assert_eq!(database.count("select count(*) from canary").await, 1);
    database.end();
}
