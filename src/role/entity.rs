//! The `role` and `role_parent` tables.

use sea_orm::entity::prelude::*;

/// A role that the tenant made.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role")]
pub struct Model {
    /// The stable handle within the tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// What it permits and denies: a list of rules.
    pub rules: Json,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Which roles a role inherits.
pub mod parent {
    use sea_orm::entity::prelude::*;

    /// One role that another inherits.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_parent")]
    pub struct Model {
        /// The role.
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: String,
        /// The one it inherits.
        #[sea_orm(primary_key, auto_increment = false)]
        pub parent: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
