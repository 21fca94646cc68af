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
    /// Since when it is refused for good.
    pub hard_at: Option<DateTimeUtc>,
    /// When its owner had it tried once more.
    pub retried_at: Option<DateTimeUtc>,
    /// What was said when it was refused.
    pub diagnostic: Option<String>,
    /// The message that was refused.
    pub message_id: Option<MessageId>,
    /// When it was last written.
    pub changed_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
