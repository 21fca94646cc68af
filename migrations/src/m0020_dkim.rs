//! Keys by which the mail of a sender is signed.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0020_dkim"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("dkim_key", &["sender_id", "selector"])
            .columns([
                uuid("sender_id"),
                string("selector"),
                string("domain"),
                string("algorithm"),
                binary("private_sealed"),
                text("public"),
                timestamp_with_time_zone("created_at"),
                // Null until its record was seen.
                timestamp_with_time_zone_null("activates_at"),
                timestamp_with_time_zone_null("seen_at"),
                timestamp_with_time_zone_null("missing_at"),
            ])
            .child_of("sender_id", "sender")
            .create(manager)
            .await?;
        let look_at = timestamp_with_time_zone_null("dkim_look_at");
        add_columns(manager, "sender", [look_at]).await
    }
}
