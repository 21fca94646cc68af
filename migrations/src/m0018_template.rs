//! The texts of messages, as a tenant writes them.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string, text, timestamp_with_time_zone};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0018_template"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("message_template", &["kind", "language"])
            .columns([
                string("kind"),
                string("language"),
                text("subject"),
                text("text"),
                text("html"),
                // The hash of the built-in one that it was made from.
                string("based_on"),
                big_integer("version"),
                timestamp_with_time_zone("updated_at"),
            ])
            .create(manager)
            .await?;
        let test = boolean("test").default(false).to_owned();
        add_columns(manager, "message", [test]).await
    }
}
