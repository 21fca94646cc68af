//! What protects accounts: counts of what is tried, links beside codes, networks people come from.

use crate::table::{add_columns, tenant_index, tenant_table, unique_index};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, binary_null, integer, string, string_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_account"
    }
}

/// How long a session that began before this step may lie unused: what was the rule then.
const FOURTEEN_DAYS: i64 = 14 * 24 * 3600;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("limit_count", &["rule", "subject"])
            .columns([
                string("rule"),
                // A keyed hash: what somebody types as their name may be their password.
                binary("subject"),
                integer("used"),
                timestamp_with_time_zone("expires_at"),
                timestamp_with_time_zone_null("locked_until"),
            ])
            .index("limit_count_expires_at_idx", &["expires_at"])
            .create(manager)
            .await?;
        tenant_table("user_network", &["user_id", "network"])
            .columns([uuid("user_id"), string("network"), timestamp_with_time_zone("seen_at")])
            .child_of("user_id", "user")
            .create(manager)
            .await?;
        let idle = big_integer("idle_seconds").default(FOURTEEN_DAYS).take();
        add_columns(manager, "session", [idle]).await?;
        add_columns(manager, "user", [timestamp_with_time_zone_null("last_sign_in_at")]).await?;
        add_columns(manager, "message", [string_null("client_id")]).await?;
        add_columns(
            manager,
            "verification",
            [binary_null("link_hash"), string_null("client_id")],
        )
        .await?;
        let set = Some("link_hash is not null");
        unique_index(manager, "verification", "verification_link_key", &["link_hash"], set).await?;
        let by_purpose = &["purpose", "created_at"];
        tenant_index(manager, "verification", "verification_purpose_idx", by_purpose, None).await
    }
}
