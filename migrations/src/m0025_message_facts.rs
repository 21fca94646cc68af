//! Whose account a message is about, and from where that was changed; and messages are found by their address, however
//! that was typed.

use crate::table::add_columns;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0025_message_facts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let facts = [text_null("account"), text_null("network")];
        add_columns(manager, "message", facts).await?;
        let columns = match manager.get_database_backend() {
            DbBackend::Postgres => "tenant_id, lower(address), created_at",
            _ => "lower(address), created_at",
        };
        let sql = format!("create index \"message_address_idx\" on \"message\" ({columns})");
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }
}
