//! Acts on many users.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, json_binary_null, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0036_user_batch"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("user_batch", &["id"])
            .columns([
                uuid("id"),
                string("act"),
                string_null("role"),
                // What the list was asked for; null if names were given.
                json_binary_null("filter"),
                boolean("dry_run"),
                // Who wanted it.
                uuid_null("user_id"),
                uuid_null("application_id"),
                string("state"),
            ])
            .columns([
                big_integer("users"),
                big_integer("done"),
                big_integer("unchanged"),
                big_integer("rejected"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("started_at"),
                timestamp_with_time_zone_null("completed_at"),
                text_null("failure_message"),
            ])
            .index("user_batch_created_at_idx", &["created_at", "id"])
            .create(manager)
            .await?;
        // Whom it is still to be done to.
        tenant_table("user_batch_item", &["batch_id", "user_id"])
            .columns([uuid("batch_id"), uuid("user_id")])
            .child_of("batch_id", "user_batch")
            .create(manager)
            .await?;
        tenant_table("user_batch_rejection", &["batch_id", "number"])
            .columns([
                uuid("batch_id"),
                big_integer("number"),
                string("name"),
                string("code"),
                text("message"),
            ])
            .child_of("batch_id", "user_batch")
            .create(manager)
            .await
    }
}
