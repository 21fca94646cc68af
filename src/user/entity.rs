//! The tables of users: `user`, and what hangs from it.

use super::profile::Gender;
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
    /// What they sign in with, in lower case: their handle within the tenant until they are renamed.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// A telephone number, as typed.
    pub phone: Option<String>,
    /// A few words about themselves.
    pub bio: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// Their given name, as they say.
    pub first_name: Option<String>,
    /// Their family name, as they say.
    pub last_name: Option<String>,
    /// What friends call them, as they say.
    pub nickname: Option<String>,
    /// The tag of the language that they like best.
    pub language: Option<String>,
    /// Their gender, as they say.
    pub gender: Option<Gender>,
    /// Free data of the tenant: a map of text to text.
    pub annotations: Json,
    /// PHC string; none if they sign in some other way.
    pub password_hash: Option<String>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// When they last signed in with their password.
    pub last_sign_in_at: Option<DateTimeUtc>,
    /// The text they are found by: name, display name and address in lower case, a line each.
    pub search: String,
    /// The display name in lower case, which lists are sorted by.
    pub display_key: String,
    /// Whether somebody else chose their password, so that they must choose their own.
    pub must_change_password: bool,
    /// Until when that password is good.
    pub password_expires_at: Option<DateTimeUtc>,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The roles of users.
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

/// The words users are found by.
pub mod word {
    use crate::kit::id::UserId;
    use sea_orm::entity::prelude::*;

    /// One word of one user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_word")]
    pub struct Model {
        /// The text from the beginning of the word on, in lower case.
        #[sea_orm(primary_key, auto_increment = false)]
        pub word: String,
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Names that users had before.
pub mod former {
    use crate::kit::id::UserId;
    use sea_orm::entity::prelude::*;

    /// A name that one user had for a time.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "former_name")]
    pub struct Model {
        /// The name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// Until when they had it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub left_at: DateTimeUtc,
        /// The user.
        pub user_id: UserId,
        /// Since when.
        pub taken_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Free data of the tenant that lists are selected by.
pub mod label {
    use crate::kit::id::UserId;
    use sea_orm::entity::prelude::*;

    /// One label of one user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_label")]
    pub struct Model {
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// Its key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// Its value.
        pub value: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Pictures of users, which the store has.
pub mod picture {
    use crate::kit::id::{AvatarId, UserId};
    use sea_orm::entity::prelude::*;

    /// The picture of one user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture")]
    pub struct Model {
        /// Its id, which its address carries.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AvatarId,
        /// The user.
        pub user_id: UserId,
        /// The hash of its content, a PNG.
        pub sha256: String,
        /// How many bytes that has.
        pub size: i64,
        /// When it was uploaded.
        pub created_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Pictures of users that are not in the store yet: earlier versions kept them here.
pub mod avatar {
    use crate::kit::id::{AvatarId, UserId};
    use sea_orm::entity::prelude::*;

    /// The picture of one user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "avatar")]
    pub struct Model {
        /// Its id, which its address carries.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AvatarId,
        /// The user.
        pub user_id: UserId,
        /// The picture.
        pub png: Vec<u8>,
        /// When it was uploaded.
        pub created_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
