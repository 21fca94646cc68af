//! The tables of acts on many users.

use crate::kit::id::{ApplicationId, UserBatchId, UserId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An act on many users, and what came of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_batch")]
pub struct Model {
    /// Its id, which is also its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserBatchId,
    /// What is done to each.
    pub act: UserAct,
    /// The role that is given or taken.
    pub role: Option<String>,
    /// What the list of users was asked for; none if names were given.
    pub filter: Option<Json>,
    /// Whether nothing is to be done but to look.
    pub dry_run: bool,
    /// The user who wanted it.
    pub user_id: Option<UserId>,
    /// The application that wanted it.
    pub application_id: Option<ApplicationId>,
    /// Where it is in its life.
    pub state: State,
    /// Users that it is about.
    pub users: i64,
    /// Users whom it was done to, or would be.
    pub done: i64,
    /// Users who were as it would have them.
    pub unchanged: i64,
    /// Users whom it was refused for.
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

/// What is done to each of many users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
#[serde(rename_all = "kebab-case")]
pub enum UserAct {
    /// They cannot sign in any more.
    #[sea_orm(string_value = "disable")]
    Disable,
    /// They can sign in again.
    #[sea_orm(string_value = "enable")]
    Enable,
    /// They are deleted with everything of theirs.
    #[sea_orm(string_value = "delete")]
    Delete,
    /// They get a role besides those they have.
    #[sea_orm(string_value = "grant-role")]
    GrantRole,
    /// They have a role no more.
    #[sea_orm(string_value = "revoke-role")]
    RevokeRole,
    /// They have to sign in again.
    #[sea_orm(string_value = "end-sessions")]
    EndSessions,
}

/// Where an act on many users is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is to be done.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// It is being done.
    #[sea_orm(string_value = "running")]
    Running,
    /// It was done, or refused, for each.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// It was stopped.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// It ended before it came to each.
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

/// Users whom it is still to be done to.
pub mod item {
    use crate::kit::id::{UserBatchId, UserId};
    use sea_orm::entity::prelude::*;

    /// A user whom it is still to be done to.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_batch_item")]
    pub struct Model {
        /// The act on many.
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: UserBatchId,
        /// The user, who may be gone meanwhile.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Users whom it was refused for.
pub mod rejection {
    use crate::kit::id::UserBatchId;
    use sea_orm::entity::prelude::*;

    /// A user whom it was refused for.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_batch_rejection")]
    pub struct Model {
        /// The act on many.
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: UserBatchId,
        /// Counts those whom it was refused for, 1 for the first.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// Their name; the id of somebody who was deleted meanwhile.
        pub name: String,
        /// The rule that refused.
        pub code: String,
        /// The same in words.
        pub message: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
