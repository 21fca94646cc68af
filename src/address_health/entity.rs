//! The `address_health` table.

use crate::kit::id::MessageId;
use sea_orm::entity::prelude::*;

/// What became of mail to an address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address_health")]
pub struct Model {
    /// The form addresses are compared in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub address_key: String,
    /// Since when mail to it fails at once.
    pub hard_at: Option<DateTimeUtc>,
    /// Why, if it does.
    pub reason: Reason,
    /// When its owner had it tried once more.
    pub retried_at: Option<DateTimeUtc>,
    /// What was said when it was refused.
    pub diagnostic: Option<String>,
    /// The message that was refused.
    pub message_id: Option<MessageId>,
    /// Messages that did not arrive for now, of late.
    pub soft_count: i32,
    /// When the first of these was.
    pub soft_since: Option<DateTimeUtc>,
    /// When its owner last complained.
    pub complaint_at: Option<DateTimeUtc>,
    /// When it was last written.
    pub changed_at: DateTimeUtc,
}

/// Why mail to an address fails at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Reason {
    /// A relay refused it for good.
    #[sea_orm(string_value = "refused")]
    Refused,
    /// Mail to it came back.
    #[sea_orm(string_value = "bounced")]
    Bounced,
    /// Too much of it did not arrive for now.
    #[sea_orm(string_value = "unavailable")]
    Unavailable,
}

impl ActiveModelBehavior for ActiveModel {}
