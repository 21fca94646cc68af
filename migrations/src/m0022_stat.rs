//! What happened, in numbers by the hour and by the day.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0022_stat"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("stat", &["metric", "step", "bucket"])
            .columns([
                string("metric"),
                string("step"),
                timestamp_with_time_zone("bucket"),
                big_integer("value"),
                timestamp_with_time_zone("expires_at"),
            ])
            .index("stat_expires_at_idx", &["expires_at"])
            .create(manager)
            .await
    }
}
