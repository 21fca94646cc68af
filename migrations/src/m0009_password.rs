//! Until when a password that somebody else chose is good.

use crate::table::add_columns;
use sea_orm_migration::{prelude::*, schema::timestamp_with_time_zone_null};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0009_password"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "user", [timestamp_with_time_zone_null("password_expires_at")]).await
    }
}
