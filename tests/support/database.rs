//! An empty database for each test: a directory, or a copy of a migrated PostgreSQL template.

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use std::time::Duration;
use tenantry::{
    config::Config,
    kit::{
        clock::Clock,
        db::{Db, Location, Opening},
        secret::MasterKey,
    },
};

/// Seals secrets in tests; from nowhere.
const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Seconds that a request may wait: a crowd of them may take its time on a busy machine.
pub(crate) const WAIT: u16 = 30;

/// How the databases are opened where no server does it.
pub(crate) const OPENING: Opening = Opening {
    open_tenants: 1,
    wait: Duration::from_secs(WAIT as u64),
    file_limit: None,
    lock: false,
    connections: 20,
    statement: Duration::from_secs(WAIT as u64),
};

/// The master key, where no server reads it.
pub(crate) async fn master_key() -> anyhow::Result<MasterKey> {
    Ok(MasterKey::parse(MASTER_KEY)?)
}

/// An empty database of one test.
pub(crate) struct Database {
    directory: tempfile::TempDir,
    postgres: Option<PgConnectOptions>,
    pub(crate) jobs_may_be_left: bool,
}

/// The server the tests may make databases on, if there is one.
fn server() -> Option<PgConnectOptions> {
    let url = std::env::var("TEST_DATABASE_URL").ok()?;
    Some(url.parse().unwrap())
}

/// Whether the tests run on PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    server().is_some()
}

impl Database {
    pub(crate) async fn create() -> Self {
        let postgres = match server() {
            Some(server) => Some(copy_of_template(server).await),
            None => None,
        };
        Self {
            directory: tempfile::tempdir().unwrap(),
            postgres,
            jobs_may_be_left: false,
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            data_dir: self.directory.path().to_owned(),
            database_url: self.url(),
            master_key: self.postgres.as_ref().map(|_| MASTER_KEY.to_owned()),
            log: "warn".to_owned(),
            database_wait: WAIT,
            ..Config::default()
        }
    }

    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    fn url(&self) -> Option<String> {
        self.postgres.as_ref().map(|options| options.to_url_lossy().to_string())
    }

    /// What the program needs in its environment to find this database.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![("TENANTRY_DATA_DIR", self.directory.path().display().to_string())];
        if let Some(url) = self.url() {
            environment.push(("TENANTRY_DATABASE_URL", url));
            environment.push(("TENANTRY_MASTER_KEY", MASTER_KEY.to_owned()));
        }
        environment
    }

    /// Runs SQL on the tables that belong to no tenant, and on PostgreSQL as this tenant if given.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(options) = &self.postgres {
            options.connect().await.unwrap().fetch_one(sql).await.unwrap().get(0)
        } else {
            let file = self.directory.path().join("system.db");
            let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
            connection.fetch_one(sql).await.unwrap().get(0)
        }
    }

    /// Runs SQL statements on the tables that belong to no tenant.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        if let Some(options) = &self.postgres {
            sql.execute(&mut options.connect().await.unwrap()).await.unwrap();
        } else {
            let file = self.directory.path().join("system.db");
            let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
            sql.execute(&mut connection).await.unwrap();
        }
    }

    /// Runs SQL for one number on the tables of the only tenant.
    pub(crate) async fn count_in_tenant(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.postgres.is_some() {
            self.enter_postgres().await.fetch_one(sql).await.unwrap().get(0)
        } else {
            self.enter_sqlite().await.fetch_one(sql).await.unwrap().get(0)
        }
    }

    /// Runs SQL statements on the tables of the only tenant.
    pub(crate) async fn execute_in_tenant(&self, sql: &str) {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        if self.postgres.is_some() {
            sql.execute(&mut self.enter_postgres().await).await.unwrap();
        } else {
            sql.execute(&mut self.enter_sqlite().await).await.unwrap();
        }
    }

    /// A connection to PostgreSQL as the only tenant.
    async fn enter_postgres(&self) -> PgConnection {
        let mut connection = self.connect_postgres().await;
        let become_it = "select set_config('app.tenant_id', (select id::text from tenant), false)";
        connection.execute(become_it).await.unwrap();
        connection
    }

    /// A connection to the file of the only tenant.
    async fn enter_sqlite(&self) -> SqliteConnection {
        let mut files = std::fs::read_dir(self.directory.path().join("tenants")).unwrap();
        let is_file = |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "db");
        let file = files
            .find_map(|file| Some(file.unwrap().path()).filter(is_file))
            .unwrap();
        SqliteConnectOptions::new().filename(file).connect().await.unwrap()
    }

    /// Keeps everybody from writing to this table of the only tenant, with SQLite to any, as long
    /// as the answer lives.
    pub(crate) async fn hold(&self, table: &str) -> Box<dyn Send> {
        if self.postgres.is_some() {
            let mut connection = self.connect_postgres().await;
            let hold = format!("begin; lock table {table} in access exclusive mode");
            connection.execute(sqlx::AssertSqlSafe(hold)).await.unwrap();
            Box::new(connection)
        } else {
            let mut connection = self.enter_sqlite().await;
            connection.execute("begin immediate").await.unwrap();
            Box::new(connection)
        }
    }

    /// Lets every lease run out, as if so much time had passed, once the servers are gone that
    /// were killed: what they sent last may still be carried out.
    pub(crate) async fn end_leases(&self) {
        let mut connection = self.connect_postgres().await;
        let servers = "select count(*) from pg_stat_activity
            where datname = current_database() and application_name = 'tenantry'";
        while connection.fetch_one(servers).await.unwrap().get::<i64, _>(0) > 0 {
            tokio::task::yield_now().await;
        }
        connection.execute("update todo set leased_until = null").await.unwrap();
    }

    /// Waits until another process has done every job.
    pub(crate) async fn wait_until_nothing_is_due(&self) {
        // The job that looks after keys is due later, and always there.
        let soon = if is_postgres() {
            "now() + interval '10 minutes'"
        } else {
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '+10 minutes')"
        };
        let due = format!("select count(*) from todo where attempts > 0 or run_at <= {soon}");
        while self.count(&due).await > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Everything in the database, as text.
    pub(crate) async fn dump(&self) -> String {
        let mut text = String::new();
        if self.postgres.is_some() {
            let mut connection = self.connect_postgres().await;
            let tenants = "select id::text from tenant";
            for tenant in connection.fetch_all(tenants).await.unwrap() {
                let tenant: String = tenant.get(0);
                let become_it = format!("select set_config('app.tenant_id', '{tenant}', false)");
                connection.execute(sqlx::AssertSqlSafe(become_it)).await.unwrap();
                let tables = "select table_name::text from information_schema.tables where table_schema = 'public'";
                for table in connection.fetch_all(tables).await.unwrap() {
                    let rows = format!("select t::text from \"{}\" t", table.get::<String, _>(0));
                    for row in connection.fetch_all(sqlx::AssertSqlSafe(rows)).await.unwrap() {
                        text += &row.get::<String, _>(0);
                        text.push('\n');
                    }
                }
            }
        } else {
            let files = std::fs::read_dir(self.directory.path().join("tenants")).unwrap();
            for file in files {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                text += &String::from_utf8_lossy(&bytes);
            }
        }
        text
    }

    /// A connection to the PostgreSQL database.
    pub(crate) async fn connect_postgres(&self) -> PgConnection {
        self.postgres.as_ref().unwrap().connect().await.unwrap()
    }

    /// Removes the database.
    pub(crate) fn end(&mut self) -> i64 {
        self.end_at(chrono::Utc::now())
    }

    /// Counts the jobs that are due at this time or were tried and are left, and removes the database.
    pub(crate) fn end_at(&mut self, now: chrono::DateTime<chrono::Utc>) -> i64 {
        let now = now.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false);
        let due = format!("select count(*) from todo where attempts > 0 or run_at <= '{now}'");
        let ended = async {
            let left = match self.jobs_may_be_left {
                true => 0,
                false => self.count(&due).await,
            };
            if let (Some(options), Some(server)) = (&self.postgres, server()) {
                let name = options.get_database().unwrap();
                let mut connection = server.connect().await.unwrap();
                let drop = format!("drop database \"{name}\" with (force)");
                connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
            }
            left
        };
        // The test's own runtime may be the one that is being torn down.
        std::thread::scope(|scope| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            scope.spawn(move || runtime.block_on(ended)).join().unwrap()
        })
    }
}

/// A new database with the schema in it. The first test to come migrates the template.
async fn copy_of_template(server: PgConnectOptions) -> PgConnectOptions {
    let mut connection = server.connect().await.unwrap();
    // Another build may have other migrations.
    let built = std::fs::metadata(std::env::current_exe().unwrap())
        .unwrap()
        .modified()
        .unwrap();
    let built = built.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let template = format!("template_{built:x}");
    connection.execute("select pg_advisory_lock(1)").await.unwrap();
    let there = sqlx::query("select 1 from pg_database where datname = $1").bind(&template);
    if there.fetch_optional(&mut connection).await.unwrap().is_none() {
        let making = format!("{template}_making");
        let drop = format!("drop database if exists \"{making}\"");
        connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
        connection
            .execute(sqlx::AssertSqlSafe(format!("create database \"{making}\"")))
            .await
            .unwrap();
        let url = server.clone().database(&making).to_url_lossy().to_string();
        let opened = Db::open(&Location::Postgres(url), Clock::default(), OPENING, master_key).await;
        opened.unwrap().0.close().await;
        let rename = format!("alter database \"{making}\" rename to \"{template}\"");
        connection.execute(sqlx::AssertSqlSafe(rename)).await.unwrap();
    }
    let name = format!(
        "test_{}",
        uuid::Uuid::from_bytes(tenantry::kit::secret::random()).simple()
    );
    // Copied as files: nothing has to survive here, and what is written ahead would be written twice.
    let copy = format!("create database \"{name}\" template \"{template}\" strategy file_copy");
    connection.execute(sqlx::AssertSqlSafe(copy)).await.unwrap();
    connection.close().await.unwrap();
    server.database(&name)
}
