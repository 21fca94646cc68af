//! Backups of a tenant.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, json_binary, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0027_backup"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("backup", &["id"])
            .columns([
                uuid("id"),
                string("filename"),
                string("state"),
                // Who may open it: the key of the file, sealed for each.
                json_binary("recipients"),
                boolean("include_files"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("started_at"),
                timestamp_with_time_zone_null("completed_at"),
                timestamp_with_time_zone_null("expires_at"),
            ])
            .columns([
                string_null("step"),
                big_integer("done"),
                big_integer_null("size"),
                string_null("sha256"),
                big_integer_null("rows"),
                big_integer_null("files"),
                string_null("audit_head"),
                string_null("failure_reason"),
                text_null("failure_message"),
            ])
            .index("backup_created_at_idx", &["created_at", "id"])
            .create(manager)
            .await
    }
}
