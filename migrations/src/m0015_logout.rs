//! What is told to applications whose sessions ended.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{timestamp_with_time_zone, uuid};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0015_logout"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("logout_delivery", &["job_id"])
            .columns([
                uuid("job_id"),
                uuid("application_id"),
                // Both may be gone when it is told.
                uuid("session_id"),
                uuid("user_id"),
                timestamp_with_time_zone("created_at"),
            ])
            .index(
                "logout_delivery_application_idx",
                &["application_id", "created_at", "job_id"],
            )
            .child_of("job_id", "job")
            .child_of("application_id", "application")
            .create(manager)
            .await
    }
}
