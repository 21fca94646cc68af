//! Providers that people sign in through, and the identities that accounts have with them.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, binary_null, boolean, integer, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0017_provider"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        provider(manager).await?;
        for (name, column) in [("provider_scope", "scope"), ("provider_domain", "domain")] {
            let key: &'static [&'static str] = match column {
                "scope" => &["provider_id", "scope"],
                _ => &["provider_id", "domain"],
            };
            tenant_table(name, key)
                .columns([uuid("provider_id"), string(column), integer("position")])
                .child_of("provider_id", "provider")
                .create(manager)
                .await?;
        }
        identity(manager).await?;
        tenant_table("used_jti", &["purpose", "hash"])
            .columns([
                string("purpose"),
                binary("hash"),
                // After this nothing of that name is taken anyway.
                timestamp_with_time_zone("expires_at"),
            ])
            .index("used_jti_expires_at_idx", &["expires_at"])
            .create(manager)
            .await?;
        // The name of what a message is about.
        add_columns(manager, "message", [text_null("about")]).await?;
        // How somebody signed in; null is by a password.
        add_columns(manager, "session", [string_null("method")]).await
    }
}

async fn provider(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("provider", &["id"])
        .columns([
            uuid("id"),
            // It is in the redirect URI.
            string("name"),
            string("kind"),
            string("display_name"),
            boolean("enabled"),
            integer("position"),
            text("client_id"),
            binary_null("client_secret_sealed"),
            timestamp_with_time_zone_null("secret_set_at"),
            timestamp_with_time_zone_null("secret_expires_at"),
            text_null("issuer"),
            string("auth_method"),
            boolean("sign_in"),
            string("sign_up"),
            string("link"),
            string("email_trust"),
            timestamp_with_time_zone_null("last_success_at"),
            text_null("last_error"),
            timestamp_with_time_zone_null("last_error_at"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .unique("provider_name_key", &["name"])
        .create(manager)
        .await
}

async fn identity(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("identity", &["provider_id", "subject"])
        .columns([
            uuid("provider_id"),
            string("subject"),
            text("issuer"),
            uuid("user_id"),
            // As they were when it was linked, to be shown.
            text("display"),
            text_null("email"),
            boolean("email_verified"),
            timestamp_with_time_zone("linked_at"),
            string("linked_by"),
            timestamp_with_time_zone_null("last_used_at"),
        ])
        .child_of("provider_id", "provider")
        .child_of("user_id", "user")
        .index("identity_user_idx", &["user_id"])
        .create(manager)
        .await?;
    tenant_table("pending_identity", &["hash"])
        .columns([
            // SHA-256 of what the browser holds.
            binary("hash"),
            uuid("provider_id"),
            text("issuer"),
            string("subject"),
            text("display"),
            // What the provider says, or the person.
            text_null("email"),
            // Whether it is proven: by the provider, or by a code.
            boolean("proven"),
            text_null("name"),
            // Whether a code came back from it.
            boolean("confirmed"),
            // The code that was mailed to it.
            uuid_null("verification_id"),
            timestamp_with_time_zone("expires_at"),
        ])
        .child_of("provider_id", "provider")
        .index("pending_identity_expires_at_idx", &["expires_at"])
        .create(manager)
        .await
}
