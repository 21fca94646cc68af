//! Addresses that mail is kept from, since it is refused or comes back: whoever goes on is taken for a spammer.

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
use entity::{Column, Entity, Model};
pub use entity::{Model as AddressHealth, Reason};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select, sea_query::Expr};
use serde_json::{Value, json};

/// How long a refusal or a complaint counts, and how long anything of it is known.
const KEPT: TimeDelta = TimeDelta::days(90);
/// Within how long [`SOFT`] messages that did not arrive for now are too many, and how long that counts then.
const SPELL: TimeDelta = TimeDelta::days(7);
/// So many of them.
const SOFT: i32 = 5;

impl Model {
    /// Since when mail to it fails at once, if it does still.
    #[must_use]
    pub fn undeliverable_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.hard_at.filter(|at| *at + self.life() > now)
    }

    /// Since when its owner gets only what they ask for, if they do still.
    #[must_use]
    pub fn complained_since(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.complaint_at.filter(|at| *at + KEPT > now)
    }

    /// Until when that counts which is so since then.
    #[must_use]
    pub fn until_when(&self, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_hard = self.hard_at == Some(since);
        Some(since + if is_hard { self.life() } else { KEPT })
    }

    /// Since when and until when mail to it, or what nobody asked for, is not sent.
    fn span(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let hard = self.hard_at.map(|at| (at, at + self.life()));
        hard.or_else(|| self.complaint_at.map(|at| (at, at + KEPT)))
    }

    fn life(&self) -> TimeDelta {
        match self.reason {
            Reason::Refused | Reason::Bounced => KEPT,
            Reason::Unavailable => SPELL,
        }
    }

    fn audit_view(&self) -> Value {
        let reason = self.hard_at.map(|_| sea_orm::ActiveEnum::to_value(&self.reason));
        json!({
            "since": self.hard_at,
            "reason": reason,
            "diagnostic": self.diagnostic,
            "complainedAt": self.complaint_at,
        })
    }
}

/// What is known of this address.
pub async fn find(tx: &Tx, key: &str) -> Result<Option<AddressHealth>> {
    Ok(Entity::find_by_id(key).one(tx).await?)
}

/// Writes what there is to be known of an address now.
async fn change(tx: &Tx, key: &str, change: impl FnOnce(&mut Model)) -> Result<Model> {
    tx.lock("address-health").await?;
    let before = find(tx, key).await?;
    let mut row = before.clone().unwrap_or_else(|| Model {
        address_key: key.to_owned(),
        hard_at: None,
        reason: Reason::Refused,
        retried_at: None,
        diagnostic: None,
        message_id: None,
        soft_count: 0,
        soft_since: None,
        complaint_at: None,
        changed_at: tx.now,
    });
    change(&mut row);
    row.changed_at = tx.now;
    match before {
        None => db::insert(tx, row.clone()).await?,
        Some(before) => {
            let this = Entity::update_many().filter(Column::AddressKey.eq(key));
            this.set(db::difference(&before, &row)).exec(tx).await?;
        }
    }
    sweep::sweep(tx, "address_health", "address_key", "changed_at", tx.now - KEPT).await?;
    Ok(row)
}

/// A message that did not arrive, and what was said of it.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The message.
    pub message: MessageId,
    /// The words.
    pub diagnostic: &'a str,
}

impl Model {
    fn fails(&mut self, reason: Reason, of: Evidence<'_>, now: DateTime<Utc>) {
        self.hard_at = Some(now);
        self.reason = reason;
        self.say(of);
    }

    fn say(&mut self, of: Evidence<'_>) {
        self.diagnostic = Some(of.diagnostic.to_owned());
        self.message_id = Some(of.message);
    }
}

/// Remembers that a relay refuses this address for good.
pub async fn refuse(tx: &Tx, key: &str, of: Evidence<'_>) -> Result<()> {
    change(tx, key, |row| row.fails(Reason::Refused, of, tx.now)).await?;
    Ok(())
}

/// Remembers that mail to this address came back for good.
pub async fn bounce(tx: &Tx, key: &str, of: Evidence<'_>) -> Result<()> {
    let row = change(tx, key, |row| row.fails(Reason::Bounced, of, tx.now)).await?;
    tx.changed("undeliverable-address", &row.address_key, Value::Null, row.audit_view());
    Ok(())
}

/// Counts a message to this address that did not arrive for now. Five within seven days, and it gets none for as long.
pub async fn soften(tx: &Tx, key: &str, of: Evidence<'_>) -> Result<()> {
    let mut is_news = false;
    let row = change(tx, key, |row| {
        let goes_on = row.soft_since.is_some_and(|since| since + SPELL > tx.now);
        if !goes_on {
            (row.soft_count, row.soft_since) = (0, Some(tx.now));
        }
        row.soft_count += 1;
        is_news = row.soft_count >= SOFT && row.undeliverable_since(tx.now).is_none();
        if is_news {
            row.fails(Reason::Unavailable, of, tx.now);
            (row.soft_count, row.soft_since) = (0, None);
        }
    });
    let row = row.await?;
    if is_news {
        tx.changed("undeliverable-address", &row.address_key, Value::Null, row.audit_view());
    }
    Ok(())
}

/// Remembers that whoever has this address complains of mail.
pub async fn complain(tx: &Tx, key: &str, of: Evidence<'_>) -> Result<()> {
    let row = change(tx, key, |row| {
        row.complaint_at = Some(tx.now);
        row.say(of);
    });
    let row = row.await?;
    tx.changed("undeliverable-address", &row.address_key, Value::Null, row.audit_view());
    Ok(())
}

/// Forgets that mail did not arrive: this one did.
pub async fn arrived(tx: &Tx, key: &str) -> Result<()> {
    let Some(known) = find(tx, key).await? else {
        return Ok(());
    };
    if known.complaint_at.is_none() {
        return remove_row(tx, key).await;
    }
    change(tx, key, |row| {
        (row.hard_at, row.retried_at) = (None, None);
        (row.soft_count, row.soft_since) = (0, None);
    })
    .await?;
    Ok(())
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

/// Forgets that relays refused the address: one took mail for it. Whether that arrives it does not say.
pub async fn forget(tx: &Tx, known: &AddressHealth) -> Result<()> {
    if known.reason != Reason::Refused {
        return Ok(());
    }
    if known.soft_count == 0 && known.complaint_at.is_none() {
        return remove_row(tx, &known.address_key).await;
    }
    change(tx, &known.address_key, |row| {
        (row.hard_at, row.retried_at) = (None, None);
    })
    .await?;
    Ok(())
}

async fn remove_row(tx: &Tx, key: &str) -> Result<()> {
    Entity::delete_by_id(key).exec(tx).await?;
    Ok(())
}

fn undeliverable(tx: &Tx) -> Select<Entity> {
    let for_good = Condition::all()
        .add(Column::HardAt.gt(tx.now - KEPT))
        .add(Column::Reason.ne(Reason::Unavailable));
    let any = Condition::any()
        .add(for_good)
        .add(Column::HardAt.gt(tx.now - SPELL))
        .add(Column::ComplaintAt.gt(tx.now - KEPT));
    Entity::find().filter(any)
}

/// One page of the addresses that mail is kept from, those of late first, of these keys if there are any.
pub async fn list(tx: &Tx, of: &[Values], timeline: &Timeline) -> Result<Listed<AddressHealth>> {
    let query = of.iter().fold(undeliverable(tx), |query, values| {
        query.filter(values.of(Column::AddressKey))
    });
    let columns = (Column::ChangedAt, Column::AddressKey);
    let place = |row: &Model| (row.changed_at, row.address_key.clone());
    timeline
        .read(tx, "undeliverable-addresses", query, columns, place)
        .await
}

/// Has mail be sent to an address again that it is kept from.
///
/// # Errors
/// [`Code::UndeliverableAddressNotFound`].
pub async fn remove(tx: &Tx, key: &str) -> Result<()> {
    let found = undeliverable(tx).filter(Column::AddressKey.eq(key)).one(tx).await?;
    let found = found.ok_or(Code::UndeliverableAddressNotFound)?;
    remove_row(tx, key).await?;
    tx.changed(
        "undeliverable-address",
        &found.address_key,
        found.audit_view(),
        Value::Null,
    );
    Ok(())
}
