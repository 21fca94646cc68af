//! Addresses that relays refuse for good: mail to them fails at once, or whoever sends it is taken for a spammer.

pub mod api;
pub mod entity;

use crate::kit::{
    db::{self, Tx},
    error::{Code, Result},
    id::MessageId,
    page::{Listed, Timeline},
    selector::Values,
    sweep,
};
use chrono::{DateTime, TimeDelta, Utc};
pub use entity::Model as AddressHealth;
use entity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, sea_query::Expr};
use serde_json::{Value, json};

/// How long a refusal counts, and how long anything of it is known.
const KEPT: TimeDelta = TimeDelta::days(90);

impl Model {
    /// Since when it is refused for good, if that counts still.
    #[must_use]
    pub fn undeliverable_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hard_at.filter(|at| *at + KEPT > now)
    }

    /// Until when that counts.
    fn undeliverable_until(&self) -> Option<DateTime<Utc>> {
        self.hard_at.map(|at| at + KEPT)
    }
}

/// What is known of this address.
pub async fn find(tx: &Tx, key: &str) -> Result<Option<AddressHealth>> {
    Ok(Entity::find_by_id(key).one(tx).await?)
}

/// Remembers that a relay refuses this address for good.
pub async fn refuse(tx: &Tx, key: &str, message: MessageId, diagnostic: &str) -> Result<()> {
    tx.lock("address-health").await?;
    let refused = Entity::update_many()
        .col_expr(Column::HardAt, Expr::value(tx.now))
        .col_expr(Column::Diagnostic, Expr::value(diagnostic))
        .col_expr(Column::MessageId, Expr::value(message))
        .col_expr(Column::ChangedAt, Expr::value(tx.now))
        .filter(Column::AddressKey.eq(key))
        .exec(tx)
        .await?;
    if refused.rows_affected == 0 {
        let row = Model {
            address_key: key.to_owned(),
            hard_at: Some(tx.now),
            retried_at: None,
            diagnostic: Some(diagnostic.to_owned()),
            message_id: Some(message),
            changed_at: tx.now,
        };
        db::insert(tx, row).await?;
    }
    sweep::sweep(tx, "address_health", "address_key", "changed_at", tx.now - KEPT).await
}

/// Has the address be tried once more, as its owner asks; answers whether it was not before. Whoever asks for codes to a
/// dead address again and again does not have relays asked again and again.
pub async fn retry(tx: &Tx, known: &AddressHealth) -> Result<bool> {
    let retried = Entity::update_many()
        .col_expr(Column::HardAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::RetriedAt, Expr::value(tx.now))
        .col_expr(Column::ChangedAt, Expr::value(tx.now))
        .filter(Column::AddressKey.eq(&*known.address_key))
        .filter(Column::RetriedAt.is_null())
        .exec(tx)
        .await?;
    Ok(retried.rows_affected == 1)
}

/// Forgets what was refused: a relay took mail for the address.
pub async fn forget(tx: &Tx, key: &str) -> Result<()> {
    Entity::delete_by_id(key).exec(tx).await?;
    Ok(())
}

fn undeliverable(tx: &Tx) -> Select<Entity> {
    Entity::find().filter(Column::HardAt.gt(tx.now - KEPT))
}

/// One page of the addresses that are refused for good, those of late first, of these keys if there are any.
pub async fn list(tx: &Tx, of: &[Values], timeline: &Timeline) -> Result<Listed<AddressHealth>> {
    let query = of.iter().fold(undeliverable(tx), |query, values| {
        query.filter(values.of(Column::AddressKey))
    });
    let columns = (Column::HardAt, Column::AddressKey);
    let place = |row: &Model| (row.hard_at.unwrap_or(row.changed_at), row.address_key.clone());
    timeline
        .read(tx, "undeliverable-addresses", query, columns, place)
        .await
}

/// Has mail be sent to an address again that is refused for good.
///
/// # Errors
/// [`Code::UndeliverableAddressNotFound`].
pub async fn remove(tx: &Tx, key: &str) -> Result<()> {
    let found = undeliverable(tx).filter(Column::AddressKey.eq(key)).one(tx).await?;
    let found = found.ok_or(Code::UndeliverableAddressNotFound)?;
    forget(tx, key).await?;
    let before = json!({ "since": found.hard_at, "diagnostic": found.diagnostic });
    tx.changed("undeliverable-address", &found.address_key, before, Value::Null);
    Ok(())
}
