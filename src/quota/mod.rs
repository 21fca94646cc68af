//! What a tenant may have at most, as the operator of the instance decides: held in the transaction that adds.

pub mod api;
pub mod entity;
pub mod wire;

use crate::{
    job,
    kit::{
        db::Tx,
        error::{Code, Error, FieldError, Result},
        total,
    },
    notification::{self, Event, Notice},
};
use chrono::TimeDelta;
use entity::{ActiveModel, Entity};
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeMap;

/// The kind of a job that looks whether quotas are far from their end again that were told of. It is a job of `account`,
/// which knows how much there is of each.
pub const WATCH: &str = "watch-quotas";
/// How often it looks, as long as one is near.
pub const WATCHED: TimeDelta = TimeDelta::hours(1);

/// What there is a quota of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quota {
    /// Users.
    Users,
    /// Applications that administrators made.
    Applications,
    /// Roles of the tenant's own.
    Roles,
    /// Providers of sign-in.
    Providers,
    /// Senders of mail.
    Senders,
    /// Domains.
    Domains,
    /// Bytes of files.
    AttachmentBytes,
    /// Backups.
    Backups,
    /// Bytes of backups.
    BackupBytes,
    /// Messages that leave by the instance's relay in a day.
    MailsPerDay,
}

impl Quota {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Users,
        Self::Applications,
        Self::Roles,
        Self::Providers,
        Self::Senders,
        Self::Domains,
        Self::AttachmentBytes,
        Self::Backups,
        Self::BackupBytes,
        Self::MailsPerDay,
    ];

    /// Its name, in rows and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => total::USERS,
            Self::Applications => "applications",
            Self::Roles => "roles",
            Self::Providers => "providers",
            Self::Senders => "senders",
            Self::Domains => "domains",
            Self::AttachmentBytes => total::ATTACHMENT_BYTES,
            Self::Backups => "backups",
            Self::BackupBytes => "backupBytes",
            Self::MailsPerDay => "mailsPerDay",
        }
    }
}

/// How many of each; what is absent is as the server has it.
pub type Quotas = BTreeMap<Quota, u64>;

/// The refusal of what is over a quota.
#[must_use]
pub fn exceeded(limit: u64, used: u64) -> Error {
    let fields = vec![
        FieldError::new("limit", "value", limit.to_string()),
        FieldError::new("used", "value", used.to_string()),
    ];
    let code = Code::QuotaExceeded;
    Error::Explained { code, fields }
}

/// How many of this the tenant may have, if the operator said so.
pub async fn limit(tx: &Tx, of: Quota) -> Result<Option<u64>> {
    let row = Entity::find_by_id(of.name()).one(tx).await?;
    Ok(row.map(|row| row.value.try_into().unwrap_or_default()))
}

/// Holds that there is room for one more beside those that there are. Whoever adds has the turn of that.
///
/// # Errors
/// [`Code::QuotaExceeded`].
pub async fn check(tx: &Tx, of: Quota, used: u64) -> Result<()> {
    match limit(tx, of).await? {
        Some(limit) if used >= limit => Err(exceeded(limit, used)),
        Some(limit) => note(tx, of, limit, used + 1).await,
        None => Ok(()),
    }
}

/// Counts one more of what is counted as it is added.
///
/// # Errors
/// [`Code::QuotaExceeded`].
pub async fn take(tx: &Tx, of: Quota) -> Result<()> {
    let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
    match total::take_of_quota(tx, of.name()).await? {
        Some((used, Some(limit))) => note(tx, of, unsigned(limit), unsigned(used)).await,
        Some((_, None)) => Ok(()),
        None => {
            let used = unsigned(total::read(tx, of.name()).await?);
            Err(exceeded(limit(tx, of).await?.unwrap_or_default(), used))
        }
    }
}

/// Has those told, once, who look after the tenant, if nine tenths of this are used.
pub async fn note(tx: &Tx, of: Quota, limit: u64, used: u64) -> Result<()> {
    match is_used(limit, used, 9) {
        true => tell_near(tx, of).boxed().await,
        false => Ok(()),
    }
}

async fn tell_near(tx: &Tx, of: Quota) -> Result<()> {
    let notice = Notice::of(Event::QuotaNear, of.name());
    if notification::tell_once(tx, of.name(), &notice).await? {
        job::schedule(tx, WATCH, tx.now + WATCHED, None).await?;
    }
    Ok(())
}

/// Whether so many tenths of a quota are used.
#[must_use]
pub fn is_used(limit: u64, used: u64, tenths: u64) -> bool {
    used.saturating_mul(10) >= limit.saturating_mul(tenths)
}

/// All that the operator decided.
pub async fn all(tx: &Tx) -> Result<Quotas> {
    let rows = Entity::find().all(tx).await?;
    let known = |name: &str| Quota::ALL.into_iter().find(|quota| quota.name() == name);
    let each = rows.into_iter().filter_map(|row| {
        let value = row.value.try_into().ok()?;
        Some((known(&row.name)?, value))
    });
    Ok(each.collect())
}

/// Makes these the quotas of the tenant. What it has already above one stays.
pub async fn set(tx: &Tx, new: &Quotas) -> Result<()> {
    let old = all(tx).await?;
    if old == *new {
        tx.unchanged();
        return Ok(());
    }
    Entity::delete_many().exec(tx).await?;
    if !new.is_empty() {
        let rows = new.iter().map(|(quota, value)| ActiveModel {
            name: Set(quota.name().to_owned()),
            value: Set(i64::try_from(*value).unwrap_or(i64::MAX)),
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    tx.changed("quotas", &"-", view(&old), view(new));
    Ok(())
}

/// Quotas as the audit trail keeps them.
#[must_use]
pub fn view(quotas: &Quotas) -> serde_json::Value {
    quotas.iter().map(|(quota, value)| (quota.name(), *value)).collect()
}
