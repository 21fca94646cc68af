//! The `bounce_secret` table.

use crate::kit::id::SecretId;
use sea_orm::entity::prelude::*;

/// A secret that reports of bounces are signed by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bounce_secret")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SecretId,
    /// The secret, sealed: a signature is made anew to be compared.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Until when it is good; null is until there is another one.
    pub expires_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
