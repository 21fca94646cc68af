//! What those who look after a tenant were told of and that goes on, so that they are told once.

use crate::table::tenant_table;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0034_notice"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("notice", &["event", "subject"])
            .columns([string("event"), string("subject"), timestamp_with_time_zone("told_at")])
            .create(manager)
            .await
    }
}
