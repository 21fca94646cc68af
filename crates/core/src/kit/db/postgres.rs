//! PostgreSQL: one database, and row-level security between tenants.

use super::{Epoch, Mode, Opening, canary, epoch::Touched, migrate, transaction::Transaction};
use crate::kit::{error::Result, id::TenantId, secret::MasterKey};
use anyhow::Context;
use sea_orm::{DbBackend, DbErr, QueryResult, SqlxPostgresConnector, Statement};
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// A database server.
pub(super) struct Postgres {
    pool: PgPool,
    wait: Duration,
    /// What each transaction sets for itself: behind a pooler it may be on any connection.
    local: String,
}

impl Postgres {
    /// Connects, has the master key prove itself, and brings the schema up to date. Answers as well
    /// whether the key did.
    pub(super) async fn open(url: &str, opening: Opening, master: &MasterKey) -> anyhow::Result<(Self, bool)> {
        let options: PgConnectOptions = url
            .parse()
            .map_err(|_| anyhow::anyhow!("the database URL must be postgres://user:password@host:port/database"))?;
        let (options, local) = settle(options.application_name("tenantry"), opening).await?;
        let unlimited = match local.is_empty() {
            true => options
                .clone()
                .options([("statement_timeout", "0"), ("lock_timeout", "0")]),
            false => options.clone(),
        };
        // Larger tables take their time to be changed.
        let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(opening.wait);
        let pool = pool.connect_with(unlimited).await.context("connecting to PostgreSQL")?;
        let opened = prepare(&pool, opening, master).await;
        pool.close().await;
        let is_proven = opened?;
        let pool = PgPoolOptions::new()
            .max_connections(opening.connections)
            .acquire_timeout(opening.wait)
            .connect_lazy_with(options);
        let wait = opening.wait;
        Ok((Self { pool, wait, local }, is_proven))
    }

    /// Begins a transaction that sees this tenant's rows, or no tenant's, in one round trip.
    pub(super) async fn begin(&self, mode: Mode, tenant: Option<TenantId>) -> Result<Transaction, DbErr> {
        let Self { pool, wait, local } = self;
        let begin = match mode {
            Mode::Read => "begin read only",
            Mode::Write => "begin",
        };
        match tenant {
            Some(TenantId(id)) => {
                let enter = format!("{begin}; set local app.tenant_id = '{id}'{local}");
                Transaction::begin_postgres(pool, *wait, mode, &enter).await
            }
            None if local.is_empty() => Transaction::begin_postgres(pool, *wait, mode, begin).await,
            None => Transaction::begin_postgres(pool, *wait, mode, &format!("{begin}{local}")).await,
        }
    }

    /// Begins one that sees what there is at this moment, whatever is committed meanwhile.
    pub(super) async fn snapshot(&self, TenantId(id): TenantId) -> Result<Transaction, DbErr> {
        let Self { pool, wait, local } = self;
        let enter = format!(
            "begin isolation level repeatable read read only; set local app.tenant_id = '{id}'{local}; select 1"
        );
        Transaction::begin_postgres(pool, *wait, Mode::Read, &enter).await
    }

    /// The epoch of a tenant's facts, in one round trip.
    pub(super) async fn epoch(&self, TenantId(tenant): TenantId) -> Result<Epoch> {
        let sql = "select callers, keys, profiles from tenant_epoch where tenant_id = $1";
        let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [tenant.into()]);
        let row = Transaction::query_alone(&self.pool, self.wait, query).await?;
        let number = |row: &QueryResult, column| Ok::<_, DbErr>(row.try_get::<i64>("", column)?.cast_unsigned());
        Ok(Epoch {
            callers: row.as_ref().map_or(Ok(0), |row| number(row, "callers"))?,
            keys: row.as_ref().map_or(Ok(0), |row| number(row, "keys"))?,
            profiles: row.as_ref().map_or(Ok(0), |row| number(row, "profiles"))?,
            settings: 0,
        })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Moves the epoch of a tenant on, with what this transaction changes. The last thing before its
/// commit: from here on others wait.
pub(super) async fn advance(tx: &Transaction, TenantId(tenant): TenantId, touched: Touched) -> Result<()> {
    if !touched.callers && !touched.keys && !touched.profiles {
        return Ok(());
    }
    let sql = "insert into tenant_epoch (tenant_id, callers, profiles, keys) values ($1, $2, $3, $4)
        on conflict (tenant_id) do update set
            callers = tenant_epoch.callers + excluded.callers,
            keys = tenant_epoch.keys + excluded.keys,
            profiles = tenant_epoch.profiles + excluded.profiles";
    let [callers, profiles, keys] = [touched.callers, touched.profiles, touched.keys].map(i64::from);
    let values = [tenant.into(), callers.into(), profiles.into(), keys.into()];
    tx.execute(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?;
    Ok(())
}

/// How connections are made that have our settings, and what else each transaction has to set: most
/// poolers pass on no settings.
async fn settle(options: PgConnectOptions, opening: Opening) -> anyhow::Result<(PgConnectOptions, String)> {
    let settings = [
        // A plan made without the values takes LIMIT for a tenth of the table and sorts a large one
        // whole; and one tenant is not like another.
        ("plan_cache_mode", "force_custom_plan".to_owned()),
        ("statement_timeout", opening.statement.as_millis().to_string()),
        ("lock_timeout", opening.wait.as_millis().to_string()),
    ];
    let direct = options.clone().options(settings.clone());
    let passes_on = match connect(&direct, opening).await {
        Ok(mut connection) => {
            // Not prepared: that is what a pooler may not keep apart.
            let mode = sqlx::raw_sql("show plan_cache_mode").fetch_one(&mut connection).await?;
            let mode: String = mode.try_get(0)?;
            connection.close().await?;
            mode == "force_custom_plan"
        }
        Err(error) if error.to_string().contains("startup parameter") => false,
        Err(error) => return Err(unreachable_because(&options, error)),
    };
    if passes_on {
        return Ok((direct, String::new()));
    }
    let local = settings.map(|(name, value)| format!("; set local {name} = '{value}'"));
    let options = options.extra_float_digits(None);
    check_pooler(&options, opening).await?;
    Ok((options, local.concat()))
}

/// A connection, or why there is none: a pool would say only that it took too long.
async fn connect(options: &PgConnectOptions, opening: Opening) -> Result<PgConnection, sqlx::Error> {
    let connected = tokio::time::timeout(opening.wait, options.connect()).await;
    connected.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

fn unreachable_because(options: &PgConnectOptions, error: sqlx::Error) -> anyhow::Error {
    let place = format!("{}:{}", options.get_host(), options.get_port());
    anyhow::Error::new(error).context(format!("connecting to PostgreSQL at {place}"))
}

/// Refuses a pooler that has many clients share a connection and does not keep their prepared statements
/// apart: they would be taken for one another's.
async fn check_pooler(options: &PgConnectOptions, opening: Opening) -> anyhow::Result<()> {
    for sql in ["select 1", "select 2"] {
        let connection = connect(options, opening).await;
        let mut connection = connection.map_err(|error| unreachable_because(options, error))?;
        connection.execute("begin").await?;
        // The first statement of each connection has the same name.
        let prepared = sqlx::query(sql).fetch_one(&mut connection).await;
        connection.execute("rollback").await?;
        connection.close().await?;
        let is_taken = |error: &sqlx::Error| {
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            code.is_some_and(|code| code == "42P05" || code == "26000")
        };
        match prepared {
            Err(error) if is_taken(&error) => anyhow::bail!(
                "this pooler does not keep prepared statements apart: use PgBouncer 1.21 or newer with \
                 max_prepared_statements above 0, or session mode, or connect to PostgreSQL itself"
            ),
            prepared => drop(prepared?),
        }
    }
    Ok(())
}

async fn prepare(pool: &PgPool, opening: Opening, master: &MasterKey) -> anyhow::Result<bool> {
    let unconfined = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";
    let unconfined = sqlx::query_scalar::<_, bool>(unconfined).fetch_optional(pool).await?;
    anyhow::ensure!(
        !unconfined.context("the role of the connection is not listed")?,
        "refusing to run: this role is a superuser or bypasses row-level security, \
         so tenants would not be kept apart; connect with an ordinary role"
    );
    // Nodes that start at once take turns to migrate.
    let turn = Transaction::begin_postgres(pool, opening.wait, Mode::Write, "begin").await?;
    let is_proven = canary::prove(&turn, master).await?;
    let lock = "select pg_advisory_xact_lock(7310868735418461540)";
    turn.query_one(Statement::from_string(DbBackend::Postgres, lock))
        .await?;
    let connection = || SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    migrate::<migrations::System>(connection(), None).await?;
    migrate::<migrations::Tenant>(connection(), None).await?;
    turn.rollback().await;
    Ok(is_proven)
}
