//! The `tenant` table: one of the few that belong to no tenant.

use crate::kit::id::TenantId;
use sea_orm::entity::prelude::*;

/// A tenant's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Its stable handle: the word in `/t/<name>` and in host names.
    #[sea_orm(unique)]
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// Whether it is being founded, lives, or is suspended.
    pub state: State,
    /// What its bounces are told by.
    #[sea_orm(unique)]
    pub bounce_key: Vec<u8>,
    /// When it was founded.
    pub created_at: DateTimeUtc,
    /// Counts the writes of operators.
    pub version: i64,
    /// When an operator wrote it last.
    pub updated_at: Option<DateTimeUtc>,
    /// Why it is suspended.
    pub reason: Option<String>,
    /// When all of it is removed, while it is being deleted.
    pub delete_after: Option<DateTimeUtc>,
    /// Requests that it may get in a second.
    pub requests_per_second: Option<i32>,
    /// Requests that it may get at once.
    pub request_burst: Option<i32>,
    /// The domain that its addresses begin with, if it has chosen one.
    pub domain: Option<String>,
    /// The domain that they began with before.
    pub former_domain: Option<String>,
}

/// The life of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Its owner is not there yet: founding it again goes on where it stopped.
    #[sea_orm(string_value = "founding")]
    Founding,
    /// It answers.
    #[sea_orm(string_value = "active")]
    Active,
    /// An operator has stopped it; nothing is lost.
    #[sea_orm(string_value = "suspended")]
    Suspended,
    /// It answers no more, and all of it is removed in a while.
    #[sea_orm(string_value = "deleting")]
    Deleting,
}

impl ActiveModelBehavior for ActiveModel {}
