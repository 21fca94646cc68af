//! The tables `blob`, `upload` and `blob_removal`.

/// Content that is kept, once for all rows that name it.
pub mod blob {
    use sea_orm::entity::prelude::*;

    /// A content.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "blob")]
    pub struct Model {
        /// Its hash, by which it is found in the store.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
        /// How many bytes it has.
        pub size: i64,
        /// Which store keeps it: `local` or `s3`.
        pub store: String,
        /// How many rows name it.
        pub uses: i32,
        /// Since when none does.
        pub unused_since: Option<DateTimeUtc>,
        /// When it was kept.
        pub created_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Content that is being written.
pub mod upload {
    use crate::kit::id::UploadId;
    use sea_orm::entity::prelude::*;

    /// A content on its way.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "upload")]
    pub struct Model {
        /// By which it is found in the store.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UploadId,
        /// Its hash, before anything is kept under that.
        pub sha256: Option<String>,
        /// The bytes that are reserved for it.
        pub bytes: i64,
        /// When it began.
        pub started_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Content that is being removed: it is no row any more, and may still be in the store.
pub mod removal {
    use sea_orm::entity::prelude::*;

    /// A content on its way out.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "blob_removal")]
    pub struct Model {
        /// Its hash.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
        /// Since when.
        pub since: DateTimeUtc,
        /// Whether the store may be at it: until then, the content may come back.
        pub begun: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
