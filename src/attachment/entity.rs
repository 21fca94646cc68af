//! The `attachment` table.

use crate::kit::id::{AttachmentGroupId, AttachmentId, UserId};
use sea_orm::entity::prelude::*;

/// A file that the tenant keeps.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    /// Its id, which is also its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    /// What people call it.
    pub display_name: String,
    /// The same in lower case.
    pub search: String,
    /// The hash of its content.
    pub sha256: String,
    /// Bytes of its content.
    pub size: i64,
    /// The type that its content is of.
    pub media_type: String,
    /// In pixels, of a picture that was drawn anew.
    pub width: Option<i32>,
    /// The same.
    pub height: Option<i32>,
    /// The group it is in.
    pub group_id: Option<AttachmentGroupId>,
    /// Who brought it; null if no person did.
    pub owner_id: Option<UserId>,
    /// Whether anybody may see it.
    pub public: bool,
    /// The host it was fetched from.
    pub source_host: Option<String>,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Labels of files.
pub mod label {
    use crate::kit::id::AttachmentId;
    use sea_orm::entity::prelude::*;

    /// A label.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment_label")]
    pub struct Model {
        /// Of which file.
        #[sea_orm(primary_key, auto_increment = false)]
        pub attachment_id: AttachmentId,
        /// Its key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// Its value.
        pub value: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Groups of files.
pub mod group {
    use crate::kit::id::AttachmentGroupId;
    use sea_orm::entity::prelude::*;

    /// A group.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment_group")]
    pub struct Model {
        /// Its id, which is also its name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AttachmentGroupId,
        /// What people call it.
        pub display_name: String,
        /// Whether lists leave it out, and what is in it.
        pub hidden: bool,
        /// When it was made.
        pub created_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
