//! Requests that a client may send again, and what was answered to them.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, binary_null, boolean, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0010_idempotency"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("idempotency", &["id"])
            .columns([
                // Keyed hashes: a body may have a password in it.
                binary("id"),
                binary("request"),
                boolean("done"),
                binary_null("sealed_answer"),
                timestamp_with_time_zone("expires_at"),
            ])
            .index("idempotency_expires_at_idx", &["expires_at"])
            .create(manager)
            .await
    }
}
