//! The `former_tenant` table: names that nobody gets yet, since old links and tokens lead to them.

use sea_orm::entity::prelude::*;

/// The name of a tenant that is gone.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_tenant")]
pub struct Model {
    /// The name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Until when nobody else gets it.
    pub until: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
