//! What a tenant owns: keys, users, addresses, codes, sessions, jobs and messages.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, binary_null, boolean, integer, json_binary, string, string_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_tenant"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        keys(manager).await?;
        users(manager).await?;
        verifications(manager).await?;
        sessions(manager).await?;
        jobs(manager).await
    }
}

async fn keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("signing_key", &["id"])
        .columns([
            uuid("id"),
            string("kid"),
            string("algorithm"),
            binary("sealed_private"),
            text("public"),
            timestamp_with_time_zone("created_at"),
        ])
        .unique("signing_key_kid_key", &["kid"])
        .create(manager)
        .await
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("user", &["id"])
        .columns([
            uuid("id"),
            string("name"),
            string("display_name"),
            string_null("phone"),
            text_null("bio"),
            string_null("avatar"),
            json_binary("annotations"),
            text_null("password_hash"),
            boolean("disabled"),
            // Lower-case text that the keyword of a list is looked up in.
            text("search"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .unique("user_name_key", &["name"])
        .index("user_created_at_idx", &["created_at", "id"])
        .create(manager)
        .await?;
    tenant_table("user_role", &["user_id", "role"])
        .columns([uuid("user_id"), string("role")])
        .index("user_role_role_idx", &["role"])
        .child_of("user_id", "user")
        .create(manager)
        .await?;
    // Anybody may claim an address; only one account can have proven it.
    tenant_table("email", &["id"])
        .columns([
            uuid("id"),
            uuid("user_id"),
            string("address"),
            string("address_key"),
            boolean("is_primary"),
            timestamp_with_time_zone_null("verified_at"),
            timestamp_with_time_zone("created_at"),
        ])
        .index("email_address_idx", &["address_key"])
        .unique("email_user_key", &["user_id", "address_key"])
        .unique_where("email_verified_key", &["address_key"], "verified_at is not null")
        .unique_where("email_primary_key", &["user_id"], "is_primary")
        .unique_where("email_pending_key", &["user_id"], "not is_primary")
        .child_of("user_id", "user")
        .create(manager)
        .await
}

async fn verifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("verification", &["id"])
        .columns([
            uuid("id"),
            string("purpose"),
            uuid_null("user_id"),
            string("address"),
            string("address_key"),
            string("language"),
            // Null until the mail is rendered: the code is made there and only its hash is kept.
            binary_null("code_hash"),
            integer("tries_left"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("expires_at"),
            timestamp_with_time_zone_null("ended_at"),
        ])
        .index("verification_address_idx", &["address_key", "created_at"])
        .index("verification_user_idx", &["user_id", "created_at"])
        .child_of("user_id", "user")
        .create(manager)
        .await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("session", &["id"])
        .columns([
            uuid("id"),
            uuid("user_id"),
            binary_null("cookie_hash"),
            string_null("client_id"),
            string("ip_address"),
            string("user_agent"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("last_used_at"),
            timestamp_with_time_zone("expires_at"),
            timestamp_with_time_zone_null("ended_at"),
        ])
        .unique_where("session_cookie_key", &["cookie_hash"], "cookie_hash is not null")
        .index("session_user_idx", &["user_id", "created_at"])
        .child_of("user_id", "user")
        .create(manager)
        .await?;
    tenant_table("refresh_token", &["id"])
        .columns([
            uuid("id"),
            uuid("session_id"),
            binary("hash"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("expires_at"),
            timestamp_with_time_zone_null("used_at"),
        ])
        .unique("refresh_token_hash_key", &["hash"])
        .index("refresh_token_session_idx", &["session_id"])
        .child_of("session_id", "session")
        .create(manager)
        .await
}

async fn jobs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("job", &["id"])
        .columns([
            uuid("id"),
            string("kind"),
            json_binary("payload"),
            string("state"),
            timestamp_with_time_zone("run_at"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone_null("finished_at"),
        ])
        .index("job_state_idx", &["state", "run_at"])
        .create(manager)
        .await?;
    tenant_table("job_attempt", &["job_id", "number"])
        .columns([
            uuid("job_id"),
            integer("number"),
            timestamp_with_time_zone("at"),
            // Null when the attempt succeeded.
            text_null("error"),
        ])
        .child_of("job_id", "job")
        .create(manager)
        .await?;
    tenant_table("message", &["id"])
        .columns([
            uuid("id"),
            uuid("job_id"),
            uuid_null("verification_id"),
            string("template"),
            string("address"),
            string("language"),
            string_null("subject"),
            string("state"),
            // The whole message, sealed; only on an instance that keeps its mail.
            binary_null("sealed_content"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone_null("sent_at"),
        ])
        .index("message_created_at_idx", &["created_at", "id"])
        .child_of("job_id", "job")
        .create(manager)
        .await
}
