//! PostgreSQL: one database, and row-level security between tenants.

use super::{Epoch, Mode, epoch::Touched, migrate, transaction::Transaction};
use crate::kit::{error::Result, id::TenantId};
use anyhow::Context;
use sea_orm::{DbBackend, DbErr, QueryResult, SqlxPostgresConnector, Statement};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// Begins a transaction that sees this tenant's rows, or no tenant's, in one round trip.
pub(super) async fn begin(pool: &PgPool, mode: Mode, tenant: Option<TenantId>) -> Result<Transaction, DbErr> {
    let begin = match mode {
        Mode::Read => "begin read only",
        Mode::Write => "begin",
    };
    match tenant {
        Some(TenantId(id)) => {
            let enter = format!("{begin}; set local app.tenant_id = '{id}'");
            Transaction::begin_postgres(pool, mode, &enter).await
        }
        None => Transaction::begin_postgres(pool, mode, begin).await,
    }
}

/// The epoch of a tenant's facts, in one round trip.
pub(super) async fn epoch(pool: &PgPool, TenantId(tenant): TenantId) -> Result<Epoch> {
    let sql = "select callers, profiles from tenant_epoch where tenant_id = $1";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [tenant.into()]);
    let row = Transaction::query_alone(pool, query).await?;
    let number = |row: &QueryResult, column| Ok::<_, DbErr>(row.try_get::<i64>("", column)?.cast_unsigned());
    Ok(Epoch {
        callers: row.as_ref().map_or(Ok(0), |row| number(row, "callers"))?,
        profiles: row.as_ref().map_or(Ok(0), |row| number(row, "profiles"))?,
        settings: 0,
    })
}

/// Moves the epoch of a tenant on, with what this transaction changes. The last thing before its
/// commit: from here on others wait.
pub(super) async fn advance(tx: &Transaction, TenantId(tenant): TenantId, touched: Touched) -> Result<()> {
    if !touched.callers && !touched.profiles {
        return Ok(());
    }
    let sql = "insert into tenant_epoch (tenant_id, callers, profiles) values ($1, $2, $3)
        on conflict (tenant_id) do update set
            callers = tenant_epoch.callers + excluded.callers,
            profiles = tenant_epoch.profiles + excluded.profiles";
    let (callers, profiles) = (i64::from(touched.callers), i64::from(touched.profiles));
    let values = [tenant.into(), callers.into(), profiles.into()];
    tx.execute(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?;
    Ok(())
}

pub(super) async fn open_postgres(url: &str, wait: Duration) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| anyhow::anyhow!("the database URL must be postgres://user:password@host:port/database"))?;
    // A plan made without the values takes LIMIT for a tenth of the table and sorts a large one
    // whole; and one tenant is not like another.
    let options = options.options([("plan_cache_mode", "force_custom_plan")]);
    // A statement that waits for a lock goes on waiting when nobody waits for it any more.
    let options = options.options([("lock_timeout", wait.as_millis().to_string())]);
    let pool = PgPoolOptions::new()
        .max_connections(20)
        .acquire_timeout(wait)
        .connect_with(options.application_name("tenantry"))
        .await
        .context("connecting to PostgreSQL")?;
    let unconfined = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user";
    let unconfined = sqlx::query_scalar::<_, bool>(unconfined).fetch_optional(&pool).await?;
    anyhow::ensure!(
        !unconfined.context("the role of the connection is not listed")?,
        "refusing to run: this role is a superuser or bypasses row-level security, \
         so tenants would not be kept apart; connect with an ordinary role"
    );
    migrate_together(&pool).await?;
    Ok(pool)
}

/// Nodes that start at once take turns to migrate.
async fn migrate_together(pool: &PgPool) -> anyhow::Result<()> {
    let turn = begin(pool, Mode::Write, None).await?;
    let lock = "select pg_advisory_xact_lock(7310868735418461540)";
    turn.query_one(Statement::from_string(DbBackend::Postgres, lock))
        .await?;
    let connection = || SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    migrate::<migrations::System>(connection()).await?;
    migrate::<migrations::Tenant>(connection()).await?;
    turn.rollback().await;
    Ok(())
}
