//! The `quota` table.

use sea_orm::entity::prelude::*;

/// What the operator lets a tenant have at most of something.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quota")]
pub struct Model {
    /// Of what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// How many.
    pub value: i64,
}

impl ActiveModelBehavior for ActiveModel {}
