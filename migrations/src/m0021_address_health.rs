//! Addresses that relays refuse for good, messages that are sent again, and how often all tenants mail one address.

use crate::table::{tenant_index, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, integer, string, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0021_address_health"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("address_health", &["address_key"])
            .columns([
                string("address_key"),
                timestamp_with_time_zone_null("hard_at"),
                timestamp_with_time_zone_null("retried_at"),
                text_null("diagnostic"),
                uuid_null("message_id"),
                timestamp_with_time_zone("changed_at"),
            ])
            .index("address_health_hard_at_idx", &["hard_at", "address_key"])
            .index("address_health_changed_at_idx", &["changed_at"])
            .create(manager)
            .await?;
        let (name, columns) = ("message_resend_of_idx", &["resend_of"]);
        let repeated = Some("resend_of is not null");
        tenant_index(manager, "message", name, columns, repeated).await
    }
}

/// Counts over all tenants, as each has its own in `limit_count`.
pub(crate) struct Counts;

impl MigrationName for Counts {
    fn name(&self) -> &'static str {
        "m0021_counts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Counts {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = "system_limit_count";
        manager
            .create_table(
                Table::create()
                    .table(table)
                    .col(string("rule"))
                    .col(binary("subject"))
                    .col(integer("used"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("locked_until"))
                    .primary_key(Index::create().col("rule").col("subject"))
                    .to_owned(),
            )
            .await?;
        let by_age = Index::create()
            .name("system_limit_count_expires_at_idx")
            .table(table)
            .col("expires_at")
            .to_owned();
        manager.create_index(by_age).await
    }
}
