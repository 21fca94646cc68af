//! Access tokens that were given back before they expire.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0013_token"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("revoked_token", &["hash"])
            .columns([
                // SHA-256 of its `jti`.
                binary("hash"),
                timestamp_with_time_zone("expires_at"),
            ])
            .index("revoked_token_expires_at_idx", &["expires_at"])
            .create(manager)
            .await
    }
}
