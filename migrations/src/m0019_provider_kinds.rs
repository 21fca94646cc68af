//! What the kinds of providers take besides.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, text, text_null, uuid};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0019_provider_kinds"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            text_null("authorize_url"),
            text_null("token_url"),
            text_null("userinfo_url"),
            text_null("apple_team_id"),
            text_null("apple_key_id"),
            text_null("ms_tenant"),
        ];
        add_columns(manager, "provider", columns).await?;
        // The directories of Microsoft whose people are taken.
        tenant_table("provider_upstream", &["provider_id", "upstream"])
            .columns([uuid("provider_id"), string("upstream"), integer("position")])
            .child_of("provider_id", "provider")
            .create(manager)
            .await?;
        // Where a provider that speaks OAuth 2 alone says what.
        tenant_table("provider_claim", &["provider_id", "claim"])
            .columns([uuid("provider_id"), string("claim"), text("path")])
            .child_of("provider_id", "provider")
            .create(manager)
            .await
    }
}
