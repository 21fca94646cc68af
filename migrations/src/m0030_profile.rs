//! What people say of themselves besides the name that others see.

use crate::table::add_columns;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0030_profile"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let said = ["first_name", "last_name", "nickname", "language", "gender"];
        add_columns(manager, "user", said.map(text_null)).await
    }
}
