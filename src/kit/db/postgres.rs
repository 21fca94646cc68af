//! PostgreSQL: one database, and row-level security between tenants.

use super::{Connection, migrate};
use anyhow::Context;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

pub(super) async fn open_postgres(url: &str, wait: Duration) -> anyhow::Result<Connection> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| anyhow::anyhow!("the database URL must be postgres://user:password@host:port/database"))?;
    // A plan made without the values takes LIMIT for a tenth of the table and sorts a large one
    // whole; and one tenant is not like another.
    let options = options.options([("plan_cache_mode", "force_custom_plan")]);
    let pool = PgPoolOptions::new()
        .max_connections(20)
        .acquire_timeout(wait)
        .connect_with(options.application_name("tenantry"))
        .await
        .context("connecting to PostgreSQL")?;
    let pool = sea_orm::SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    let role = pool
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            "select rolsuper or rolbypassrls as unconfined from pg_roles where rolname = current_user",
        ))
        .await?
        .context("the role of the connection is not listed")?;
    anyhow::ensure!(
        !role.try_get::<bool>("", "unconfined")?,
        "refusing to run: this role is a superuser or bypasses row-level security, \
         so tenants would not be kept apart; connect with an ordinary role"
    );
    migrate_together(&pool).await?;
    Ok(pool)
}

/// Nodes that start at once take turns to migrate.
async fn migrate_together(pool: &Connection) -> anyhow::Result<()> {
    let turn = pool.begin().await?;
    turn.query_one_raw(Statement::from_string(
        DbBackend::Postgres,
        "select pg_advisory_xact_lock(7310868735418461540)",
    ))
    .await?;
    migrate::<migrations::System>(pool).await?;
    migrate::<migrations::Tenant>(pool).await?;
    turn.commit().await?;
    Ok(())
}
