//! What the instance decides for all its tenants.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, json_binary, string, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0031_instance_setting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("instance_setting")
            .col(string("name").primary_key())
            .col(json_binary("value"))
            // Members that no tenant decides otherwise.
            .col(json_binary("locked"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(string("updated_by"))
            .to_owned();
        manager.create_table(table).await
    }
}
