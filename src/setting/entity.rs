//! The `setting` table.

use sea_orm::entity::prelude::*;

/// One policy of the tenant, if it is not as it is by default.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What it says.
    pub value: Json,
    /// Counts the writes.
    pub version: i64,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
