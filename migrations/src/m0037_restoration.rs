//! Restores that were done or tried, what undoes one, and whether a backup can be read.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, boolean, json_binary_null, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0037_restoration"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("restoration", &["id"])
            .columns([
                uuid("id"),
                string("filename"),
                // What the file says of itself; nothing is known of one that could not be read.
                json_binary_null("source"),
                string("state"),
                // Who did it; null is the operator.
                string_null("actor"),
                timestamp_with_time_zone("created_at"),
                big_integer_null("rows"),
                big_integer_null("files"),
                string_null("failure_code"),
            ])
            .columns([
                // The backup of what there was before.
                uuid_null("before_id"),
                timestamp_with_time_zone_null("undo_until"),
                timestamp_with_time_zone_null("undone_at"),
                string_null("undone_by"),
            ])
            .index("restoration_created_at_idx", &["created_at", "id"])
            .create(manager)
            .await?;
        let columns = [
            boolean("before_restore").default(false).to_owned(),
            timestamp_with_time_zone_null("read_at"),
            text_null("damage"),
        ];
        add_columns(manager, "backup", columns).await
    }
}
