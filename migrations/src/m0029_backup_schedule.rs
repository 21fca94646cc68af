//! Backups that are made by themselves.

use crate::table::add_columns;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0029_backup_schedule"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "backup", [boolean("scheduled").default(false).to_owned()]).await
    }
}
