//! Bounces: by which key those of a tenant are told, what they say of a message, and of its address.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, integer, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0024_bounce"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let said = [
            string_null("bounce_kind"),
            string_null("bounce_status"),
            text_null("bounce_diagnostic"),
            timestamp_with_time_zone_null("bounced_at"),
            timestamp_with_time_zone_null("delivered_at"),
        ];
        add_columns(manager, "message", said).await?;
        let known = [
            string("reason").default("refused").to_owned(),
            integer("soft_count").default(0).to_owned(),
            timestamp_with_time_zone_null("soft_since"),
            timestamp_with_time_zone_null("complaint_at"),
        ];
        add_columns(manager, "address_health", known).await?;
        // Null is that of the address mail comes from.
        add_columns(manager, "sender", [string_null("envelope_domain")]).await?;
        tenant_table("bounce_secret", &["id"])
            .columns([
                uuid("id"),
                binary("sealed"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("expires_at"),
            ])
            .create(manager)
            .await
    }
}

/// By which key a bounce tells its tenant.
pub(crate) struct Key;

impl MigrationName for Key {
    fn name(&self) -> &'static str {
        "m0024_bounce_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Key {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "tenant", [binary_null("bounce_key")]).await?;
        // The last six bytes of a random UUID (version 4) are random.
        let random = match manager.get_database_backend() {
            DbBackend::Postgres => "substring(uuid_send(gen_random_uuid()) from 11 for 6)",
            _ => "randomblob(6)",
        };
        let db = manager.get_connection();
        db.execute_unprepared(&format!("update tenant set bounce_key = {random}"))
            .await?;
        let by_key = Index::create()
            .unique()
            .name("tenant_bounce_key_key")
            .table("tenant")
            .col("bounce_key")
            .to_owned();
        manager.create_index(by_key).await
    }
}
