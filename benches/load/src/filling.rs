//! A tenant's rows, written into its database: many users in seconds.
//!
//! They are as the server would have made them, each with an address, the words it is found by, and a code that nobody has
//! given back yet, with its mail. None has a password.

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use std::path::{Path, PathBuf};

/// Where a tenant's rows are.
#[derive(Debug)]
pub enum Database {
    /// In a file of its own.
    Sqlite(PathBuf),
    /// In the tables of all tenants, at this address, under this id of 32 hexadecimal digits.
    Postgres(String, String),
}

impl Database {
    /// The database of the tenant with this id of 32 hexadecimal digits.
    #[must_use]
    pub fn of(tenant: &str, data_dir: &Path, url: Option<&str>) -> Self {
        match url {
            Some(url) => Self::Postgres(url.to_owned(), tenant.to_owned()),
            None => Self::Sqlite(data_dir.join("tenants").join(format!("{tenant}.db"))),
        }
    }

    /// Adds so many users, named `user-0000001` and on, with addresses at `example.test`.
    ///
    /// # Errors
    /// The database cannot be reached, or has other tables.
    pub async fn fill(&self, users: usize) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(file) => sqlite(file, users).await,
            Self::Postgres(url, tenant) => postgres(url, tenant, users).await,
        }
    }
}

async fn sqlite(file: &Path, users: usize) -> anyhow::Result<()> {
    let mut db = SqliteConnectOptions::new().filename(file).connect().await?;
    db.execute("begin").await?;
    for statement in filling(users, false) {
        db.execute(AssertSqlSafe(statement)).await?;
    }
    db.execute("commit").await?;
    db.close().await?;
    Ok(())
}

async fn postgres(url: &str, tenant: &str, users: usize) -> anyhow::Result<()> {
    let mut db = url.parse::<PgConnectOptions>()?.connect().await?;
    let setting = format!("select set_config('app.tenant_id', '{tenant}', false)");
    db.execute(AssertSqlSafe(setting)).await?;
    for statement in filling(users, true) {
        db.execute(AssertSqlSafe(statement)).await?;
    }
    // What autovacuum does within a minute.
    db.execute("analyze").await?;
    db.close().await?;
    Ok(())
}

/// The rows of so many users. What differs between the databases are the first three.
fn filling(users: usize, postgres: bool) -> Vec<String> {
    let (id, other, at) = match postgres {
        true => (
            "lpad(to_hex(i), 32, '0')::uuid",
            "lpad(to_hex(i + 1000000000), 32, '0')::uuid",
            "timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second'",
        ),
        false => (
            "unhex(printf('%032x', i))",
            "unhex(printf('%032x', i + 1000000000))",
            "strftime('%Y-%m-%dT%H:%M:%S', 1767225600 + i, 'unixepoch') || '+00:00'",
        ),
    };
    let number = if postgres {
        "lpad(i::text, 7, '0')"
    } else {
        "printf('%07d', i)"
    };
    let (yes, no) = if postgres { ("true", "false") } else { ("1", "0") };
    let from = format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {users})");
    let into = |table: &str, columns: &str, values: &str, only: &str| {
        format!("insert into {table} ({columns}) {from} select {values} from n where {only}")
    };
    let mut sql = vec![
        into(
            "\"user\"",
            "id, name, display_name, display_key, annotations, disabled, must_change_password, search, version, created_at, updated_at",
            &format!(
                "{id}, 'user-' || {number}, 'Given' || {number} || ' Family', 'given' || {number} || ' family', '{{}}', \
                 {no}, {no}, 'user-' || {number} || '\n' || 'given' || {number} || ' family' || '\n' || 'user-' || {number} || '@example.test', \
                 1, {at}, {at}"
            ),
            "true",
        ),
        into("user_role", "user_id, role", &format!("{id}, 'user'"), "true"),
        into("user_role", "user_id, role", &format!("{id}, 'support'"), "i % 100 = 0"),
        into(
            "email",
            "id, user_id, address, address_key, is_primary, verified_at, created_at",
            &format!(
                "{other}, {id}, 'user-' || {number} || '@example.test', 'user-' || {number} || '@example.test', {yes}, \
                 case when i % 100 = 7 then null else {at} end, {at}"
            ),
            "true",
        ),
        format!("update counter set value = value + {users} where name = 'users'"),
    ];
    sql.extend(words(id, &from, number));
    sql.extend(codes(id, &from, number, postgres));
    sql
}

/// A code for each of those users that nobody has given back, and the mail it came with.
fn codes(id: &str, from: &str, number: &str, postgres: bool) -> [String; 3] {
    let (hash, now, later) = match postgres {
        true => ("'\\x00'::bytea", "now()", "now() + interval '1 hour'"),
        false => (
            "x'00'",
            "strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00'",
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 hour') || '+00:00'",
        ),
    };
    let address = format!("'user-' || {number} || '@example.test'");
    [
        format!(
            "insert into verification (id, purpose, user_id, address, address_key, language, code_hash, tries_left, created_at, expires_at) \
             {from} select {id}, 'reset_password', {id}, {address}, {address}, 'en', {hash}, 5, {now}, {later} from n"
        ),
        format!(
            "insert into job (id, kind, payload, state, run_at, created_at, finished_at) \
             {from} select {id}, 'message', '{{}}', 'done', {now}, {now}, {now} from n"
        ),
        format!(
            "insert into message (id, job_id, verification_id, template, address, language, state, created_at) \
             {from} select {id}, {id}, {id}, 'reset_password', {address}, 'en', 'sent', {now} from n"
        ),
    ]
}

/// The words those users are found by.
fn words(id: &str, from: &str, number: &str) -> Vec<String> {
    let words = [
        "'user-' || {n}",
        "{n}",
        "'given' || {n} || ' family'",
        "'family'",
        "'user-' || {n} || '@example.test'",
        "{n} || '@example.test'",
        "'example.test'",
        "'test'",
    ];
    let insert = |word: &str| {
        let word = word.replace("{n}", number);
        format!("insert into user_word (word, user_id) {from} select {word}, {id} from n")
    };
    words.into_iter().map(insert).collect()
}
