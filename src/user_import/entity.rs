//! The tables of imports of users.

use crate::kit::id::{ApplicationId, UserId, UserImportId};
use sea_orm::entity::prelude::*;

/// An import of users, and what came of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_import")]
pub struct Model {
    /// Its id, which is also its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserImportId,
    /// What its file is called.
    pub filename: String,
    /// What its file is like.
    pub format: String,
    /// Whether nothing is to be done but to look.
    pub dry_run: bool,
    /// The user who wanted it.
    pub user_id: Option<UserId>,
    /// The application that wanted it.
    pub application_id: Option<ApplicationId>,
    /// Bytes of its file.
    pub size: i64,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// The parameters of the hashes in its file, sealed.
    pub hash_config_sealed: Option<Vec<u8>>,
    /// Where it is in its life.
    pub state: State,
    /// How far the file is read.
    pub position: Json,
    /// Rows that are read.
    pub rows: i64,
    /// Users who were added, or would be.
    pub created: i64,
    /// Rows of users who are there already.
    pub unchanged: i64,
    /// Rows that were rejected.
    pub rejected: i64,
    /// When it was wanted.
    pub created_at: DateTimeUtc,
    /// When it was begun.
    pub started_at: Option<DateTimeUtc>,
    /// When it was done, or given up.
    pub completed_at: Option<DateTimeUtc>,
    /// Why it did not come to its end.
    pub failure_message: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where an import is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is to be done.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// It is being done.
    #[sea_orm(string_value = "running")]
    Running,
    /// Its file is read to the end.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// It ended before the file did.
    #[sea_orm(string_value = "failed")]
    Failed,
}

impl State {
    /// Whether it goes on.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// Rows that were rejected.
pub mod rejection {
    use crate::kit::id::UserImportId;
    use sea_orm::entity::prelude::*;

    /// Something that is wrong with a row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_import_rejection")]
    pub struct Model {
        /// The import.
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: UserImportId,
        /// Counts what is wrong with the file, 1 for the first.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// Where the row is in the file, 1 for the first.
        pub place: i64,
        /// The name that the row gives.
        pub name: Option<String>,
        /// What is wrong in it; the whole row if none.
        pub field: Option<String>,
        /// The rule that it does not meet.
        pub code: String,
        /// The same in words.
        pub message: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a dry run would have added.
pub mod key {
    use crate::kit::id::UserImportId;
    use sea_orm::entity::prelude::*;

    /// A name, address or id that a row would have taken.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_import_key")]
    pub struct Model {
        /// The import.
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: UserImportId,
        /// What is taken, after what it is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// By whom: the address of a name, and the name of an address and of an id.
        pub value: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
