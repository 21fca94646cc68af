//! Names that users had before, and what finds the files of one.

use crate::table::{tenant_index, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone, uuid};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0035_former_name"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A name is given up by one user at a time.
        tenant_table("former_name", &["name", "left_at"])
            .columns([
                string("name"),
                uuid("user_id"),
                timestamp_with_time_zone("taken_at"),
                timestamp_with_time_zone("left_at"),
            ])
            .index("former_name_user_idx", &["user_id", "left_at"])
            .child_of("user_id", "user")
            .create(manager)
            .await?;
        // What somebody brought is told to them.
        let (name, columns) = ("attachment_owner_idx", &["owner_id", "created_at"]);
        tenant_index(manager, "attachment", name, columns, None).await
    }
}
