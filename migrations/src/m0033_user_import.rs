//! Imports of users.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary_null, boolean, json_binary, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0033_user_import"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("user_import", &["id"])
            .columns([
                uuid("id"),
                string("filename"),
                string("format"),
                boolean("dry_run"),
                // Who wanted it; neither is the operator.
                uuid_null("user_id"),
                uuid_null("application_id"),
                big_integer("size"),
                string("sha256"),
                binary_null("hash_config_sealed"),
                string("state"),
            ])
            .columns([
                // How far the file is read.
                json_binary("position"),
                big_integer("rows"),
                big_integer("created"),
                big_integer("unchanged"),
                big_integer("rejected"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("started_at"),
                timestamp_with_time_zone_null("completed_at"),
                text_null("failure_message"),
            ])
            .index("user_import_created_at_idx", &["created_at", "id"])
            .create(manager)
            .await?;
        tenant_table("user_import_rejection", &["import_id", "number"])
            .columns([
                uuid("import_id"),
                big_integer("number"),
                big_integer("place"),
                string_null("name"),
                string_null("field"),
                string("code"),
                text("message"),
            ])
            .child_of("import_id", "user_import")
            .create(manager)
            .await?;
        // What a dry run would have added: the rows after it are held against that.
        tenant_table("user_import_key", &["import_id", "key"])
            .columns([uuid("import_id"), string("key"), string("value")])
            .child_of("import_id", "user_import")
            .create(manager)
            .await
    }
}
