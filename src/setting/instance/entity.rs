//! The `instance_setting` table.

use sea_orm::entity::prelude::*;

/// What the instance decided of a policy, for all its tenants.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance_setting")]
pub struct Model {
    /// The policy's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The members that it decided.
    pub value: Json,
    /// The members that no tenant decides otherwise.
    pub locked: Json,
    /// Counts the writes.
    pub version: i64,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
    /// The name of the operator who wrote it.
    pub updated_by: String,
}

impl ActiveModelBehavior for ActiveModel {}
