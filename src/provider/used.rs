//! What may be used once.

use super::entity::used::{ActiveModel, Entity};
use crate::kit::{db::Tx, error::Result, sweep};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

/// Uses something up, of which this is the SHA-256; answers whether it had not been. After `expires_at` it must not
/// be taken anyway.
pub async fn use_once(tx: &Tx, purpose: &str, hash: Vec<u8>, expires_at: DateTime<Utc>) -> Result<bool> {
    let row = ActiveModel {
        purpose: Set(purpose.to_owned()),
        hash: Set(hash),
        expires_at: Set(expires_at),
    };
    let added = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    sweep::sweep(tx, "used_jti", "purpose, hash", "expires_at", tx.now).await?;
    Ok(added == 1)
}
