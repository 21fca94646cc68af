//! The life of a signing key: when it begins to sign, when it stops, and when it is withdrawn.

use crate::table::{add_columns, unique_index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, timestamp_with_time_zone_null};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0011_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            // A key that is there signs.
            string("state").default("active").take(),
            timestamp_with_time_zone_null("activates_at"),
            timestamp_with_time_zone_null("retires_at"),
            timestamp_with_time_zone_null("removed_at"),
        ];
        add_columns(manager, "signing_key", columns).await?;
        let (one, columns) = ("signing_key", &["algorithm"]);
        unique_index(
            manager,
            one,
            "signing_key_active_key",
            columns,
            Some("state = 'active'"),
        )
        .await?;
        unique_index(manager, one, "signing_key_next_key", columns, Some("state = 'next'")).await
    }
}

/// With PostgreSQL, how often the keys of each tenant were changed: see `m0007_epoch`.
pub(crate) struct Epoch;

impl MigrationName for Epoch {
    fn name(&self) -> &'static str {
        "m0011_keys_epoch"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Epoch {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => add_columns(manager, "tenant_epoch", [big_integer("keys").default(0).take()]).await,
            _ => Ok(()),
        }
    }
}
