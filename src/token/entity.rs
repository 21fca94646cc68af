//! The `revoked_token` table.

use sea_orm::entity::prelude::*;

/// An access token that was given back before it expires.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revoked_token")]
pub struct Model {
    /// SHA-256 of its `jti`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// When it would have expired.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
