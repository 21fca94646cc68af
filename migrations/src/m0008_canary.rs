//! A value sealed with the master key, on which a key proves that it is the one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, integer};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0008_canary"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("canary")
            .col(integer("id").primary_key())
            .col(binary("sealed"))
            .to_owned();
        manager.create_table(table).await
    }
}
