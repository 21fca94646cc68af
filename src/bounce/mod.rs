//! By whose word mail came back: secrets that mail providers sign their reports with.

pub mod api;
pub mod entity;
pub mod wire;

use crate::kit::{
    db::{self, Tx},
    error::{Code, Result},
    id::SecretId,
    secret::{MasterKey, new_token},
};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How long the secret before is good beside a new one.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// Since when there is a secret, and until when the one before is good as well.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// When it was made.
    pub set_at: Option<DateTime<Utc>>,
    /// The end of the one before.
    pub previous_until: Option<DateTime<Utc>>,
}

async fn good(tx: &Tx) -> Result<Vec<Model>> {
    let is_good = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(tx.now));
    Ok(Entity::find().filter(is_good).order_by_desc(Column::Id).all(tx).await?)
}

/// How it stands.
pub async fn standing(tx: &Tx) -> Result<Standing> {
    let rows = good(tx).await?;
    let current = rows.iter().find(|row| row.expires_at.is_none());
    Ok(Standing {
        set_at: current.map(|row| row.created_at),
        previous_until: rows.iter().filter_map(|row| row.expires_at).max(),
    })
}

/// The secrets that are good.
///
/// # Errors
/// One was sealed with another master key.
pub async fn secrets(tx: &Tx, master: &MasterKey) -> Result<Vec<Zeroizing<Vec<u8>>>> {
    let open = |row: Model| master.open(&sealing_context(tx, row.id), &row.sealed);
    let opened: Result<_, _> = good(tx).await?.into_iter().map(open).collect();
    Ok(opened.context("opening a secret of bounces")?)
}

/// Makes a secret, which is shown only now. The one before is good for another day.
pub async fn create(tx: &Tx, master: &MasterKey) -> Result<Zeroizing<String>> {
    tx.lock("bounce-secret").await?;
    let before = standing(tx).await?;
    Entity::delete_many()
        .filter(Column::ExpiresAt.is_not_null())
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(tx.now + OVERLAP))
        .exec(tx)
        .await?;
    let id = SecretId::new(tx.now);
    let (plain, _) = new_token();
    let row = Model {
        id,
        sealed: master.seal(&sealing_context(tx, id), plain.as_bytes()),
        created_at: tx.now,
        expires_at: None,
    };
    db::insert(tx, row).await?;
    tx.changed("bounce-secret", &"-", view(before), json!({ "setAt": tx.now }));
    Ok(plain)
}

/// Takes no reports any more.
///
/// # Errors
/// [`Code::SecretNotFound`].
pub async fn remove(tx: &Tx) -> Result<()> {
    let before = standing(tx).await?;
    if before.set_at.is_none() {
        return Err(Code::SecretNotFound.into());
    }
    Entity::delete_many().exec(tx).await?;
    tx.changed("bounce-secret", &"-", view(before), Value::Null);
    Ok(())
}

fn view(standing: Standing) -> Value {
    match standing.set_at {
        None => Value::Null,
        Some(at) => json!({ "setAt": at }),
    }
}

fn sealing_context(tx: &Tx, id: SecretId) -> String {
    format!("bounce/{}/{id}", tx.tenant())
}
