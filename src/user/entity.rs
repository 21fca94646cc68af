//! The `user` and `user_role` tables.

use crate::kit::id::UserId;
use sea_orm::entity::prelude::*;

/// A user's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// The stable handle within the tenant, in lower case.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// A telephone number, as typed.
    pub phone: Option<String>,
    /// A few words about themselves.
    pub bio: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Free data of the tenant: a map of text to text.
    pub annotations: Json,
    /// PHC string; none if they sign in some other way.
    pub password_hash: Option<String>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// What the keyword of a list is looked up in: name, display name and address in lower case.
    pub search: String,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Who has which role.
pub mod role {
    use crate::kit::id::UserId;
    use sea_orm::entity::prelude::*;

    /// One role of one user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_role")]
    pub struct Model {
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// The role's name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
