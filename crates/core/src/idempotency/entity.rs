//! The `idempotency` table.

use sea_orm::entity::prelude::*;

/// A request that may come again.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Keyed hash of who sends it, to which operation, and their key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    /// Keyed hash of the key and the body.
    pub request: Vec<u8>,
    /// Whether what it asks for was done.
    pub done: bool,
    /// What was answered, sealed.
    pub sealed_answer: Option<Vec<u8>>,
    /// Until when it is kept; as long as it is not done, until when it counts as running.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
