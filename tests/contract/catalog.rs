//! The databases themselves keep tenants apart.

use crate::support::{
    TestApp,
    database::{OPENING, is_postgres, master_key},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use tenantry::kit::{
    clock::Clock,
    db::{Db, Location},
};

/// What the catalogue of PostgreSQL is asked for, and what makes each question complain.
/// `$1` are the tables that belong to no tenant.
const CHECKS: &[(&str, &str, &str)] = &[
    (
        "a tenant's table without forced row-level security",
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all ($1)
         and not (c.relrowsecurity and c.relforcerowsecurity)",
        "create table bad (tenant_id uuid primary key); alter table bad enable row level security",
    ),
    (
        "a tenant's table that is open otherwise than to its tenant",
        "select c.relname::text from pg_class c left join pg_policies p
         on p.tablename = c.relname and p.schemaname = 'public'
         where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
         and (p.policyname is null or p.cmd <> 'ALL' or p.qual is distinct from '(tenant_id = current_tenant())'
              or p.with_check is not null)",
        "create table bad (tenant_id uuid primary key); call isolate('bad');
         create policy open on bad for select using (true)",
    ),
    (
        "a tenant's table whose rows do not get their tenant by themselves",
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
         and (not a.attnotnull or pg_get_expr(d.adbin, d.adrelid) is distinct from 'current_tenant()')",
        "create table bad (tenant_id uuid primary key); call isolate('bad')",
    ),
    (
        "a unique index of a tenant's table that does not begin with the tenant",
        "select c.relname::text from pg_index i join pg_class c on c.oid = i.indrelid
         where c.relnamespace = 'public'::regnamespace and i.indisunique and c.relrowsecurity
         and (select attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0])
             is distinct from 'tenant_id'",
        "create table bad (tenant_id uuid, id uuid primary key); call isolate('bad')",
    ),
    (
        "a foreign key between tenants' tables that does not carry the tenant",
        "select c.relname::text from pg_constraint k join pg_class c on c.oid = k.conrelid
         join pg_class f on f.oid = k.confrelid
         where k.contype = 'f' and c.relrowsecurity and f.relrowsecurity and not exists (
            select from unnest(k.conkey, k.confkey) as pair (here, there)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = here and a.attname = 'tenant_id'
            join pg_attribute b on b.attrelid = f.oid and b.attnum = there and b.attname = 'tenant_id')",
        "create table parent (tenant_id uuid, id uuid unique); call isolate('parent');
         create table bad (tenant_id uuid, parent uuid references parent (id)); call isolate('bad')",
    ),
    (
        "a table without a tenant that is not listed as one",
        "select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all ($1)
         and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')",
        "create table bad (id uuid primary key)",
    ),
];

async fn connect(app: &TestApp) -> PgConnection {
    PgConnection::connect(app.app.config.database_url.as_deref().unwrap())
        .await
        .unwrap()
}

async fn names(connection: &mut PgConnection, sql: &'static str) -> Vec<String> {
    let rows = sqlx::query(sql)
        .bind(migrations::SYSTEM_TABLES)
        .fetch_all(connection)
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn number(connection: &mut PgConnection, sql: &'static str) -> i64 {
    connection.fetch_one(sql).await.unwrap().get(0)
}

/// Whether the server is PostgreSQL; says so if the test has nothing to look at.
fn on_postgres() -> bool {
    if !is_postgres() {
        eprintln!("skipped: there is no PostgreSQL (TEST_DATABASE_URL), and this is about its catalogue");
    }
    is_postgres()
}

#[tokio::test]
async fn every_table_of_postgresql_is_closed_by_row_level_security() {
    if !on_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let mut connection = connect(&app).await;
    let listed = "select name::text from unnest($1::text[]) name where to_regclass('public.' || name) is null";
    assert_eq!(
        names(&mut connection, listed).await,
        [""; 0],
        "SYSTEM_TABLES lists tables that do not exist"
    );
    for (what, question, fault) in CHECKS {
        assert_eq!(names(&mut connection, question).await, [""; 0], "{what}");
        // The control: it does complain when there is something to complain of.
        let mut tx = connection.begin().await.unwrap();
        tx.execute(*fault).await.unwrap();
        let rows = sqlx::query(*question)
            .bind(migrations::SYSTEM_TABLES)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        assert!(
            rows.iter().any(|row| row.get::<&str, _>(0) == "bad"),
            "nobody found {what}"
        );
        tx.rollback().await.unwrap();
    }
}

async fn tenant_id(connection: &mut PgConnection, name: &str) -> String {
    let row = sqlx::query("select id::text from tenant where name = $1").bind(name);
    row.fetch_one(connection).await.unwrap().get(0)
}

/// How many rows a statement changes.
async fn change(connection: &mut PgConnection, sql: &'static str) -> u64 {
    connection.execute(sql).await.unwrap().rows_affected()
}

/// Checks that row-level security refuses a statement, and not something else.
async fn refuse(connection: &mut PgConnection, sql: String) {
    let error = connection.execute(AssertSqlSafe(sql.clone())).await.unwrap_err();
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    assert_eq!(
        code.as_deref(),
        Some("42501"),
        "insufficient_privilege, not {error}: {sql}"
    );
}

#[tokio::test]
async fn a_transaction_without_its_tenant_sees_and_writes_nothing() {
    const COUNT: &str = "select count(*) from \"user\"";
    const ADD: &str = "insert into user_role (user_id, role) select id, 'x' from \"user\"";
    if !on_postgres() {
        return;
    }
    let app = TestApp::start().await;
    app.tenant("a").await;
    app.tenant("b").await;
    let mut connection = connect(&app).await;
    let (a, b) = (
        tenant_id(&mut connection, "a").await,
        tenant_id(&mut connection, "b").await,
    );
    let for_a = format!("insert into user_role (tenant_id, user_id, role) select '{a}', gen_random_uuid(), 'x'");
    let for_nobody = "insert into user_role (user_id, role) select gen_random_uuid(), 'x'";

    assert_eq!(number(&mut connection, COUNT).await, 0);
    assert_eq!(change(&mut connection, "update \"user\" set disabled = true").await, 0);
    assert_eq!(change(&mut connection, "delete from \"user\"").await, 0);
    refuse(&mut connection, for_nobody.to_owned()).await;
    refuse(&mut connection, for_a.clone()).await;

    let become_b = format!("select set_config('app.tenant_id', '{b}', false)");
    connection.execute(AssertSqlSafe(become_b)).await.unwrap();
    assert_eq!(number(&mut connection, COUNT).await, 1, "the control: the owner of b");
    assert_eq!(
        change(&mut connection, ADD).await,
        1,
        "the control: in its tenant it writes"
    );
    refuse(&mut connection, for_a).await;
    refuse(&mut connection, format!("update user_role set tenant_id = '{a}'")).await;

    let mut apart = connect(&app).await;
    assert_eq!(number(&mut apart, COUNT).await, 0, "another connection is no tenant's");
}

#[tokio::test]
async fn the_server_refuses_a_role_that_bypasses_row_level_security() {
    if !on_postgres() {
        return;
    }
    let app = TestApp::start().await;
    let ordinary: PgConnectOptions = app.app.config.database_url.as_deref().unwrap().parse().unwrap();
    let superuser = ordinary.clone().username("postgres");
    let Ok(mut connection) = superuser.connect().await else {
        eprintln!("skipped: this PostgreSQL does not let its superuser in");
        return;
    };
    let bypassing = format!(
        "bypassing_{}",
        uuid::Uuid::from_bytes(tenantry::kit::secret::random()).simple()
    );
    let create = format!("create role {bypassing} login bypassrls");
    connection.execute(AssertSqlSafe(create)).await.unwrap();
    let open = async |options: &PgConnectOptions| {
        let location = Location::Postgres(options.to_url_lossy().to_string());
        Db::open(&location, Clock::default(), OPENING, master_key)
            .await
            .map(drop)
    };

    let by_superuser = open(&superuser).await;
    let by_bypassing = open(&ordinary.clone().username(&bypassing)).await;
    let drop = format!("drop role {bypassing}");
    connection.execute(AssertSqlSafe(drop)).await.unwrap();

    for refusal in [by_superuser, by_bypassing] {
        let text = format!("{:#}", refusal.unwrap_err());
        assert!(
            text.contains("refusing to run") && text.contains("row-level security"),
            "{text}"
        );
    }
    open(&ordinary).await.unwrap();
}

/// The bytes of a tenant's file and of its write-ahead log.
async fn bytes_of(app: &TestApp, tenant: &str) -> Vec<u8> {
    let directory = &app.app.config.data_dir;
    let system = SqliteConnectOptions::new()
        .filename(directory.join("system.db"))
        .read_only(true);
    let mut connection = system.connect().await.unwrap();
    let row = sqlx::query("select lower(hex(id)) from tenant where name = $1").bind(tenant);
    let id: String = row.fetch_one(&mut connection).await.unwrap().get(0);
    let file = directory.join("tenants").join(format!("{id}.db"));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    bytes
}

#[tokio::test]
async fn a_tenants_file_holds_only_its_own_rows() {
    if is_postgres() {
        eprintln!("skipped: with PostgreSQL there are no files of tenants");
        return;
    }
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    a.sign_up("ada-of-a").await;
    b.sign_up("bob-of-b").await;
    app.work().await;
    let (a, b, other) = (
        bytes_of(&app, "a").await,
        bytes_of(&app, "b").await,
        bytes_of(&app, "default").await,
    );
    let system = std::fs::read(app.app.config.data_dir.join("system.db")).unwrap();
    let log = std::fs::read(app.app.config.data_dir.join("system.db-wal")).unwrap_or_default();
    let has = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());

    for (word, home) in [("ada-of-a", &a), ("bob-of-b", &b)] {
        for (name, bytes) in [
            ("a", &a),
            ("b", &b),
            ("default", &other),
            ("system", &system),
            ("its log", &log),
        ] {
            let at_home = std::ptr::eq(bytes, home);
            assert_eq!(has(bytes, word), at_home, "{word} in the file of {name}");
        }
    }
}
