//! Secrets of APIs: as those of applications.

use super::{ResourceServer, entity::secret};
use crate::kit::{
    db::{self, Tx},
    error::{Code, Error, Result},
    id::{ResourceServerId, SecretId},
    secret::new_token,
};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
pub use secret::Model as Secret;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Secrets of one API that are good at one time: one that is used, and the one that takes its place.
const MOST: usize = 2;

/// A secret that is only just made.
pub struct NewSecret {
    /// What is kept of it.
    pub row: Secret,
    /// The secret itself, which is never seen again.
    pub plain: Zeroizing<String>,
}

/// The secrets of an API that are good, the oldest first.
pub async fn secrets(tx: &Tx, of: ResourceServerId) -> Result<Vec<Secret>> {
    let is_good = Condition::any()
        .add(secret::Column::ExpiresAt.is_null())
        .add(secret::Column::ExpiresAt.gt(tx.now));
    let rows = secret::Entity::find()
        .filter(secret::Column::ResourceServerId.eq(of))
        .filter(is_good);
    Ok(rows.order_by_asc(secret::Column::Id).all(tx).await?)
}

/// Makes a secret, good until then.
///
/// # Errors
/// [`Code::TooManySecrets`] if it has two that are good; [`Error::Invalid`] if it would be good no longer.
pub async fn add_secret(tx: &Tx, of: &ResourceServer, expires_at: Option<DateTime<Utc>>) -> Result<NewSecret> {
    if expires_at.is_some_and(|end| end <= tx.now) {
        return Err(Error::field("expiresAt", "value", "must be in the future"));
    }
    if secrets(tx, of.id()).await?.len() >= MOST {
        return Err(Code::TooManySecrets.into());
    }
    // Those that are good no more go with the next one.
    secret::Entity::delete_many()
        .filter(secret::Column::ResourceServerId.eq(of.id()))
        .filter(secret::Column::ExpiresAt.lte(tx.now))
        .exec(tx)
        .await?;
    let (plain, hash) = new_token();
    let row = Secret {
        id: SecretId::new(tx.now),
        resource_server_id: of.id(),
        hash,
        hint: plain[plain.len() - 4..].to_owned(),
        created_at: tx.now,
        expires_at,
        last_used_at: None,
    };
    db::insert(tx, row.clone()).await?;
    tx.changed("resource-server-secret", &row.id, Value::Null, snapshot(of, &row));
    Ok(NewSecret { row, plain })
}

/// Ends a secret.
///
/// # Errors
/// [`Code::SecretNotFound`].
pub async fn remove_secret(tx: &Tx, of: &ResourceServer, id: SecretId) -> Result<()> {
    let found = secrets(tx, of.id()).await?.into_iter().find(|row| row.id == id);
    let row = found.ok_or(Code::SecretNotFound)?;
    secret::Entity::delete_by_id(id).exec(tx).await?;
    tx.changed("resource-server-secret", &id, snapshot(of, &row), Value::Null);
    Ok(())
}

fn snapshot(of: &ResourceServer, row: &Secret) -> Value {
    json!({ "audience": of.spec.audience, "hint": row.hint, "expiresAt": row.expires_at })
}
