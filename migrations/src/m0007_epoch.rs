//! With PostgreSQL, how often the facts of each tenant were changed that servers keep in memory: each
//! server compares it with what it has. With SQLite there is one server, which counts by itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, uuid};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_epoch"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let table = Table::create()
            .table("tenant_epoch")
            .col(uuid("tenant_id").primary_key())
            .col(big_integer("callers"))
            .col(big_integer("profiles"))
            .foreign_key(
                ForeignKey::create()
                    .from("tenant_epoch", "tenant_id")
                    .to("tenant", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await
    }
}
