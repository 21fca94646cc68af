//! What people let applications do: codes, consent, and sessions of applications below those of browsers.

use crate::table::{add_columns, tenant_index, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, boolean, string, string_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0014_authorization"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let session = [
            // The session of the browser that it was authorized from.
            uuid_null("parent_id"),
            uuid_null("application_id"),
            // Whether it outlives that one.
            boolean("offline").default(false).take(),
            // When the user gave their password, if not when it began.
            timestamp_with_time_zone_null("authenticated_at"),
            string_null("scope"),
            text_null("resource"),
            text_null("claims"),
        ];
        add_columns(manager, "session", session).await?;
        let (child, held) = ("parent_id is not null", "application_id is not null");
        tenant_index(manager, "session", "session_parent_idx", &["parent_id"], Some(child)).await?;
        let of = &["application_id", "user_id"];
        tenant_index(manager, "session", "session_application_idx", of, Some(held)).await?;
        code(manager).await?;
        tenant_table("consent", &["user_id", "application_id", "audience", "scope"])
            .columns([
                uuid("user_id"),
                uuid("application_id"),
                // Empty for what tells who they are.
                text("audience"),
                string("scope"),
                timestamp_with_time_zone("granted_at"),
            ])
            .child_of("user_id", "user")
            .child_of("application_id", "application")
            .index("consent_application_idx", &["application_id"])
            .create(manager)
            .await
    }
}

async fn code(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("authorization_code", &["hash"])
        .columns([
            // SHA-256 of the code.
            binary("hash"),
            uuid("application_id"),
            uuid("user_id"),
            uuid("session_id"),
            text("redirect_uri"),
            string_null("challenge"),
            text_null("nonce"),
            string("scope"),
            text_null("resource"),
            text_null("claims"),
            timestamp_with_time_zone("authenticated_at"),
            // What was begun by it.
            uuid_null("issued_session_id"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("expires_at"),
            timestamp_with_time_zone_null("used_at"),
        ])
        .child_of("application_id", "application")
        .child_of("user_id", "user")
        .index("authorization_code_expires_at_idx", &["expires_at"])
        .create(manager)
        .await
}
