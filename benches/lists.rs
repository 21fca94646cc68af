//! What lists of users cost in tenants of a thousand, a hundred thousand and a million users.
//!
//! Each request goes through the whole server but the socket. The tenants are filled in the
//! database itself and asked in turn, round by round, so that what else the machine does hits all
//! of them. `cargo bench --bench lists`, and for PostgreSQL
//! `scripts/with-postgres cargo bench --bench lists`; other sizes: `… --bench lists -- 1000,50000`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{Endpoint, Request, Response, http::Method};
use serde_json::{Value, json};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use std::{
    io::Write,
    time::{Duration, Instant},
};
use tenantry::{
    app::App,
    config::Config,
    kit::{clock::Clock, id::TenantId, text::DisplayName},
    tenant,
};

const PASSWORD: &str = "a password for the bench";
/// Requests of one kind to one tenant in a round, and rounds.
const REQUESTS: usize = 40;
const ROUNDS: usize = 7;

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
    sql
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

async fn fill(config: &Config, tenant: uuid::Uuid, users: usize) {
    let postgres = config.database_url.is_some();
    let sql = filling(users, postgres);
    if let Some(url) = &config.database_url {
        let options: PgConnectOptions = url.parse().expect("a database URL");
        let mut db = options.connect().await.expect("PostgreSQL");
        db.execute(AssertSqlSafe(format!(
            "select set_config('app.tenant_id', '{tenant}', false)"
        )))
        .await
        .expect("the tenant");
        for statement in sql {
            db.execute(AssertSqlSafe(statement)).await.expect("a filling");
        }
        // What autovacuum does within a minute.
        db.execute("analyze").await.expect("statistics");
        return;
    }
    let file = config.data_dir.join("tenants").join(format!("{}.db", tenant.simple()));
    let mut db = SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .expect("the tenant's file");
    db.execute("begin").await.expect("a transaction");
    for statement in sql {
        db.execute(AssertSqlSafe(statement)).await.expect("a filling");
    }
    db.execute("commit").await.expect("a commit");
    db.close().await.expect("an end");
}

async fn call(server: &impl Endpoint<Output = Response>, request: Request) -> Value {
    let response = server.call(request).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().into_vec().await.expect("a body");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert!(status.is_success(), "{status}: {body}");
    body
}

async fn sign_in(server: &impl Endpoint<Output = Response>, name: &str) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/t/{name}/v1/login").parse().expect("a path"))
        .content_type("application/json")
        .body(given.to_string());
    let tokens = call(server, request).await;
    tokens["accessToken"].as_str().expect("a token").to_owned()
}

fn get(path: &str, token: &str) -> Request {
    let request = Request::builder().uri(path.parse().expect("a path"));
    request.header("authorization", format!("Bearer {token}")).finish()
}

/// Kinds of lists, with what they are asked for in a tenant of so many users, and the least they find.
fn kinds(users: usize) -> Vec<(&'static str, String, usize)> {
    let middle = users / 2;
    let end = (1_767_225_600 + i64::try_from(middle).unwrap_or_default()) * 1_000_000;
    let order = json!(["users/CreatedAt-/Id-", [end, format!("usr_{middle:032x}")]]);
    let cursor = URL_SAFE_NO_PAD.encode(order.to_string());
    let by_name = json!([
        "users/Name+/Id+",
        [format!("user-{middle:07}"), format!("usr_{middle:032x}")]
    ]);
    let by_name = URL_SAFE_NO_PAD.encode(by_name.to_string());
    vec![
        ("first page", String::new(), 20),
        ("deep page by cursor", format!("&cursor={cursor}"), 20),
        (
            "deep page by name",
            format!("&sort=metadata.name,asc&cursor={by_name}"),
            20,
        ),
        ("keyword of one", format!("&keyword=GIVEN{middle:07}"), 1),
        ("keyword of all", "&keyword=example".to_owned(), 20),
        ("address", format!("&keyword=user-{middle:07}@example.test"), 1),
        ("role of one in a hundred", "&role=support".to_owned(), 10),
        (
            "unverified, one in a hundred",
            "&fieldSelector=spec.emailVerified%3Dfalse".to_owned(),
            10,
        ),
    ]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn run(config: Config, sizes: &[usize]) {
    let mut out = std::io::stdout();
    let mut say = |line: String| writeln!(out, "{line}").expect("output");
    let (app, _) = App::start(config.clone(), Clock::default()).await.expect("a start");
    let server = app.routes();
    let mut tokens = vec![];
    for users in sizes {
        let name = format!("t{users}");
        let owner = app.owner("admin", "admin@localhost", PASSWORD).await;
        let display_name: DisplayName = name.parse().expect("a name");
        tenant::found(&app, &name, &display_name, owner.expect("an owner"))
            .await
            .expect("a tenant");
        let token = sign_in(&server, &name).await;
        let me = call(&server, get(&format!("/t/{name}/auth/v1/users/me"), &token)).await;
        let id = me["user"]["details"]["resourceOwner"].as_str();
        let id: TenantId = id.and_then(|id| id.parse().ok()).expect("an id");
        let begun = Instant::now();
        fill(&config, id.0, *users).await;
        say(format!("{name}: filled in {:.1} s", begun.elapsed().as_secs_f64()));
        tokens.push(token);
    }
    let columns: Vec<String> = sizes.iter().map(|users| format!("{users:>10}")).collect();
    say(format!("\n{:<30} {}  ratio", "median in µs", columns.concat()));
    for (kind, (title, ..)) in kinds(1_000).into_iter().enumerate() {
        let medians = compare(&server, sizes, &tokens, kind).await;
        let cells: Vec<String> = medians.iter().map(|micros| format!("{micros:>10.0}")).collect();
        let ratio = medians.last().unwrap_or(&0.0) / medians[0];
        say(format!("{title:<30} {}  {ratio:.2}", cells.concat()));
    }
    app.close().await;
}

/// The median time of one kind of list in each tenant, in microseconds.
async fn compare(
    server: &impl Endpoint<Output = Response>,
    sizes: &[usize],
    tokens: &[String],
    kind: usize,
) -> Vec<f64> {
    let mut rounds = vec![vec![]; sizes.len()];
    for round in 0..=ROUNDS {
        for (at, users) in sizes.iter().enumerate() {
            let (_, query, least) = kinds(*users).swap_remove(kind);
            let mut times = vec![];
            for _ in 0..REQUESTS {
                let path = format!("/t/t{users}/apis/console/v1alpha1/users?size=20{query}");
                let request = get(&path, &tokens[at]);
                let begun = Instant::now();
                let list = call(server, request).await;
                times.push(begun.elapsed());
                let found = list["items"].as_array().map(Vec::len);
                assert!(found.is_some_and(|found| found >= least), "{list}");
            }
            // The first round warms up.
            if round > 0 {
                rounds[at].push(median(times));
            }
        }
    }
    let micros = |times| median(times).as_secs_f64() * 1e6;
    rounds.into_iter().map(micros).collect()
}

#[expect(clippy::disallowed_methods, reason = "where the database is, as for the tests")]
fn main() {
    let sizes = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let sizes = sizes.unwrap_or_else(|| "1000,100000,1000000".to_owned());
    let sizes: Vec<usize> = sizes
        .split(',')
        .map(|size| size.parse().expect("sizes are numbers"))
        .collect();
    let directory = tempfile::tempdir().expect("a directory");
    let server = std::env::var("TEST_DATABASE_URL").ok();
    let config = Config {
        data_dir: directory.path().to_owned(),
        // The database that the script made with the server.
        database_url: server.map(|server| format!("{server}/tenantry")),
        master_key: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        log: "warn".to_owned(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(config, &sizes));
}
