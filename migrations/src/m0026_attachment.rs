//! Files that tenants keep.

use crate::table::{in_each_tenant, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer, integer_null, string, string_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0026_attachment"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        contents(manager).await?;
        attachments(manager).await?;
        in_each_tenant(
            manager,
            &["insert into counter (name, value) values ('attachmentBytes', 0)"],
        )
        .await
    }
}

/// What is kept, and what is on its way there or from there.
async fn contents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("blob", &["sha256"])
        .columns([
            string("sha256"),
            big_integer("size"),
            string("store"),
            integer("uses"),
            timestamp_with_time_zone_null("unused_since"),
            timestamp_with_time_zone("created_at"),
        ])
        .index("blob_unused_since_idx", &["unused_since"])
        .create(manager)
        .await?;
    tenant_table("upload", &["id"])
        .columns([
            uuid("id"),
            string_null("sha256"),
            big_integer("bytes"),
            timestamp_with_time_zone("started_at"),
        ])
        .index("upload_started_at_idx", &["started_at"])
        .index("upload_sha256_idx", &["sha256"])
        .create(manager)
        .await?;
    tenant_table("blob_removal", &["sha256"])
        .columns([string("sha256"), timestamp_with_time_zone("since")])
        .create(manager)
        .await
}

async fn attachments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("attachment_group", &["id"])
        .columns([
            uuid("id"),
            string("display_name"),
            boolean("hidden"),
            timestamp_with_time_zone("created_at"),
        ])
        .index("attachment_group_created_at_idx", &["created_at", "id"])
        .create(manager)
        .await?;
    tenant_table("attachment", &["id"])
        .columns([
            uuid("id"),
            string("display_name"),
            string("search"),
            string("sha256"),
            big_integer("size"),
            string("media_type"),
            integer_null("width"),
            integer_null("height"),
            uuid_null("group_id"),
            uuid_null("owner_id"),
            boolean("public"),
            string_null("source_host"),
        ])
        .columns([
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .index("attachment_created_at_idx", &["created_at", "id"])
        .index("attachment_group_idx", &["group_id", "created_at"])
        .index("attachment_media_type_idx", &["media_type", "created_at"])
        .index("attachment_sha256_idx", &["sha256"])
        .create(manager)
        .await?;
    tenant_table("attachment_label", &["attachment_id", "key"])
        .columns([uuid("attachment_id"), string("key"), string("value")])
        .child_of("attachment_id", "attachment")
        .index("attachment_label_idx", &["key", "value"])
        .create(manager)
        .await
}
