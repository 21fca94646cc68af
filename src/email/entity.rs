//! The `email` table.

use crate::kit::id::{EmailId, UserId};
use sea_orm::entity::prelude::*;

/// An address of a user: the primary one, or the one that waits to become it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EmailId,
    /// The user whose address it is, or who claims it.
    pub user_id: UserId,
    /// The address as typed: what mail is sent to.
    pub address: String,
    /// The form addresses are compared in.
    pub address_key: String,
    /// Whether it is in force; a user has one, and at most one other.
    pub is_primary: bool,
    /// When it was proven; only one user of a tenant can have proven an address.
    pub verified_at: Option<DateTimeUtc>,
    /// When it was claimed.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
