//! Keys by which the mail of a sender is signed (DKIM, RFC 6376).
//!
//! A key signs once its record was seen in the domain, and not while that is gone: a signature that nobody can check is
//! worse than none. The first of its algorithm signs at once; the next one takes its place when it is known everywhere.
//! So how a key stands follows from when it was seen, and is written nowhere.

use super::{
    DkimAlgorithm, DkimState, Sender,
    entity::{Column, Entity, dkim_key},
    records::Records,
};
use crate::{
    job,
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::{SenderId, TenantId},
        limiter::{self, Quota},
        mail::dkim::{Algorithm, Made, Signer},
        secret::MasterKey,
    },
};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use dkim_key::Model;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The kind of a job that looks for the records of a sender's keys.
pub const DKIM_JOB: &str = "sender-dkim";
/// Keys that a sender may have.
pub const MOST_KEYS: usize = 4;
/// How often somebody may have a record looked for.
const A_MINUTE: Quota = Quota { most: 10, seconds: 60 };
/// How long a key waits after its record was seen, if another one signs meanwhile.
const WAITS: TimeDelta = TimeDelta::hours(48);
/// How long one that does not sign any more is kept, and its record with it.
const RETIRES: TimeDelta = TimeDelta::days(7);
/// How often records are looked for.
const LOOKS: TimeDelta = TimeDelta::days(1);

/// A key of a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimKey {
    pub(super) row: Model,
    pub(super) state: DkimState,
}

impl DkimAlgorithm {
    pub(super) fn of_mail(self) -> Algorithm {
        match self {
            Self::Rsa2048 => Algorithm::Rsa,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }
}

impl DkimKey {
    /// What its record is found by, in the domain.
    #[must_use]
    pub fn selector(&self) -> &str {
        &self.row.selector
    }

    /// Where its record is.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.row.selector, self.row.domain)
    }

    /// Its record.
    #[must_use]
    pub fn record(&self) -> String {
        let kind = self.row.algorithm.of_mail().key_type();
        format!("v=DKIM1; k={kind}; p={}", self.row.public)
    }

    fn audit_view(&self) -> Value {
        let row = &self.row;
        json!({ "selector": row.selector, "domain": row.domain, "algorithm": row.algorithm })
    }
}

impl Sender {
    /// The domain that its mail comes from.
    #[must_use]
    pub fn domain(&self) -> &str {
        let address = self.spec.from_address.address();
        address.rsplit_once('@').map_or(address, |(_, domain)| domain)
    }
}

/// Whether a domain vouches for mail of another one: it is the same, or above it (RFC 7489 §3.1.1, relaxed).
pub(super) fn vouches(domain: &str, of: &str) -> bool {
    let above = of.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

fn may_sign(row: &Model, from: &str, now: DateTime<Utc>) -> bool {
    row.activates_at.is_some_and(|at| at <= now) && row.missing_at.is_none() && vouches(&row.domain, from)
}

/// How each of a sender's keys stands.
fn judge(rows: Vec<Model>, from: &str, now: DateTime<Utc>) -> Vec<DkimKey> {
    let signing: Vec<String> = [DkimAlgorithm::Rsa2048, DkimAlgorithm::Ed25519]
        .iter()
        .filter_map(|algorithm| {
            let able = rows.iter().filter(|row| row.algorithm == *algorithm);
            let able = able.filter(|row| may_sign(row, from, now));
            able.max_by_key(|row| (row.activates_at, &row.selector))
        })
        .map(|row| row.selector.clone())
        .collect();
    let state = |row: &Model| {
        if signing.contains(&row.selector) {
            DkimState::Active
        } else if may_sign(row, from, now) {
            DkimState::Retiring
        } else if row.activates_at.is_some_and(|at| at <= now) {
            DkimState::Suspended
        } else {
            DkimState::Next
        }
    };
    let judged = rows.into_iter().map(|row| DkimKey {
        state: state(&row),
        row,
    });
    judged.collect()
}

/// The keys of a sender, the oldest first.
pub async fn keys(tx: &Tx, sender: &Sender) -> Result<Vec<DkimKey>> {
    let rows = dkim_key::Entity::find().filter(dkim_key::Column::SenderId.eq(sender.id()));
    let rows = rows
        .order_by_asc(dkim_key::Column::CreatedAt)
        .order_by_asc(dkim_key::Column::Selector);
    Ok(judge(rows.all(tx).await?, sender.domain(), tx.now))
}

/// The key of this selector.
///
/// # Errors
/// [`Code::DkimKeyNotFound`].
pub async fn key(tx: &Tx, sender: &Sender, selector: &str) -> Result<DkimKey> {
    let all = keys(tx, sender).await?;
    let found = all.into_iter().find(|key| key.row.selector == selector);
    Ok(found.ok_or(Code::DkimKeyNotFound)?)
}

fn context(tenant: TenantId, sender: SenderId, selector: &str) -> String {
    format!("dkim-key/{tenant}/{sender}/{selector}")
}

/// What signs the mail of these senders, each with its own.
///
/// # Errors
/// A key was sealed with another master key.
pub async fn signers(tx: &Tx, master: &MasterKey, senders: &[Sender]) -> Result<Vec<Vec<Arc<Signer>>>> {
    if senders.is_empty() {
        return Ok(vec![]);
    }
    let ids = senders.iter().map(Sender::id);
    let rows = dkim_key::Entity::find().filter(dkim_key::Column::SenderId.is_in(ids));
    let rows = rows.all(tx).await?;
    let signer = |key: DkimKey| {
        let row = &key.row;
        let private = master
            .open(&context(tx.tenant(), row.sender_id, &row.selector), &row.private_sealed)
            .context("opening a key that signs mail")?;
        let signer = Signer::read(row.algorithm.of_mail(), &private, (&row.domain, &row.selector))?;
        anyhow::Ok(Arc::new(signer))
    };
    let of = |sender: &Sender| {
        let own = rows.iter().filter(|row| row.sender_id == sender.id());
        let judged = judge(own.cloned().collect(), sender.domain(), tx.now);
        let signing = judged.into_iter().filter(|key| key.state == DkimState::Active);
        signing.map(signer).collect::<anyhow::Result<Vec<_>>>()
    };
    Ok(senders.iter().map(of).collect::<anyhow::Result<_>>()?)
}

/// Makes the two halves of a key, where nobody waits for it: one of RSA takes a core for a tenth of a second and longer.
/// So a process makes one after the other.
///
/// # Errors
/// The system has no randomness.
pub async fn make(algorithm: DkimAlgorithm) -> Result<Made> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _turn = ONE.lock().await;
    let made = tokio::task::spawn_blocking(move || algorithm.of_mail().make());
    Ok(made.await.context("making a key to sign mail with")??)
}

/// The first selector of this month that no sender of the tenant has.
async fn free_selector(tx: &Tx) -> Result<String> {
    let rows = dkim_key::Entity::find().all(tx).await?;
    let month = tx.now.format("tn%Y%m");
    let mut free = ('a'..='z').map(|letter| format!("{month}{letter}"));
    let free = free.find(|selector| rows.iter().all(|row| row.selector != *selector));
    free.ok_or_else(|| {
        Error::field(
            "algorithm",
            "value",
            "is one too many: 26 keys are made in a month at most",
        )
    })
}

/// Keeps a key of a sender: of the domain that its mail comes from, or of one above.
///
/// # Errors
/// [`Error::Invalid`]; those of the conditions of the request.
pub async fn add_key(
    tx: &Tx,
    master: &MasterKey,
    sender: &Sender,
    (algorithm, domain, made): (DkimAlgorithm, Option<String>, Made),
) -> Result<DkimKey> {
    let from = sender.domain();
    let domain = domain.map_or_else(|| from.to_owned(), |domain| domain.to_ascii_lowercase());
    if !vouches(&domain, from) || domain.is_empty() {
        let why = format!("must be {from}, where mail comes from, or a domain above it");
        return Err(Error::field("domain", "value", why));
    }
    if keys(tx, sender).await?.len() >= MOST_KEYS {
        let why = format!("is one too many: a sender has up to {MOST_KEYS} keys");
        return Err(Error::field("algorithm", "value", why));
    }
    let selector = free_selector(tx).await?;
    let row = Model {
        sender_id: sender.id(),
        private_sealed: master.seal(&context(tx.tenant(), sender.id(), &selector), &made.private),
        selector,
        domain,
        algorithm,
        public: made.public,
        created_at: tx.now,
        activates_at: None,
        seen_at: None,
        missing_at: None,
    };
    db::insert(tx, row.clone()).await?;
    let made = DkimKey {
        row,
        state: DkimState::Next,
    };
    tx.changed(
        "sender",
        &sender.name(),
        Value::Null,
        json!({ "dkimKey": made.audit_view() }),
    );
    Ok(made)
}

/// Deletes a key. What it signed is verified as long as its record stays.
///
/// # Errors
/// [`Code::DkimKeyNotFound`].
pub async fn remove_key(tx: &Tx, sender: &Sender, selector: &str) -> Result<()> {
    let old = key(tx, sender, selector).await?;
    dkim_key::Entity::delete_by_id((sender.id(), selector.to_owned()))
        .exec(tx)
        .await?;
    tx.changed(
        "sender",
        &sender.name(),
        json!({ "dkimKey": old.audit_view() }),
        Value::Null,
    );
    Ok(())
}

/// Remembers whether the record of a key was there. The first time it was, the key is to sign.
pub async fn looked(tx: &Tx, sender: &Sender, selector: &str, is_there: bool) -> Result<DkimKey> {
    let all = keys(tx, sender).await?;
    let found = all.iter().find(|key| key.row.selector == selector);
    let old = &found.ok_or(Code::DkimKeyNotFound)?.row;
    let mut row = old.clone();
    if is_there {
        let mut active = all.iter().filter(|key| key.state == DkimState::Active);
        let is_one_active = active.any(|key| key.row.algorithm == old.algorithm);
        let wait = if is_one_active { WAITS } else { TimeDelta::zero() };
        row.activates_at = old.activates_at.or(Some(tx.now + wait));
        (row.seen_at, row.missing_at) = (Some(tx.now), None);
    } else {
        row.missing_at = old.missing_at.or(old.activates_at.map(|_| tx.now));
    }
    let this = dkim_key::Entity::update_many()
        .filter(dkim_key::Column::SenderId.eq(sender.id()))
        .filter(dkim_key::Column::Selector.eq(selector));
    this.set(db::difference(old, &row)).exec(tx).await?;
    if is_there && sender.row.dkim_look_at.is_none() {
        look_again(tx, sender).await?;
    }
    key(tx, sender, selector).await
}

/// Counts that somebody has a record looked for.
///
/// # Errors
/// [`Code::TooManyAttempts`].
pub async fn count_look(tx: &Tx) -> Result<()> {
    let key = limiter::Key {
        rule: "dkim-check",
        subject: vec![],
    };
    limiter::take_all(tx, &[(key, A_MINUTE.into())], Code::TooManyAttempts).await
}

/// Remembers what somebody found who had the record of a key looked for.
///
/// # Errors
/// [`Code::DkimKeyNotFound`].
pub async fn checked(tx: &Tx, sender: &Sender, selector: &str, found: &Records) -> Result<DkimKey> {
    let old = key(tx, sender, selector).await?;
    if found.is_published.is_none() {
        tx.unchanged();
        return Ok(old);
    }
    let new = looked(tx, sender, selector, found.matches).await?;
    if new.state == old.state && new.row.activates_at == old.row.activates_at {
        tx.unchanged();
    } else {
        let view = |key: &DkimKey| json!({ "dkimKey": key.audit_view(), "state": key.state });
        tx.changed("sender", &sender.name(), view(&old), view(&new));
    }
    Ok(new)
}

/// Has the records of a sender's keys be looked for in a day.
async fn look_again(tx: &Tx, sender: &Sender) -> Result<()> {
    let at = tx.now + LOOKS;
    next_look(tx, sender, Some(at)).await?;
    job::add_at(tx, DKIM_JOB, json!({ "sender": sender.id() }), at).await?;
    Ok(())
}

async fn next_look(tx: &Tx, sender: &Sender, at: Option<DateTime<Utc>>) -> Result<()> {
    let this = Entity::update_many().filter(Column::Id.eq(sender.id()));
    this.col_expr(Column::DkimLookAt, Expr::value(at)).exec(tx).await?;
    Ok(())
}

/// The keys of a sender whose records are to be looked for now.
pub async fn due(tx: &Tx, sender: &Sender) -> Result<Vec<DkimKey>> {
    if sender.row.dkim_look_at.is_none_or(|at| at > tx.now) {
        return Ok(vec![]);
    }
    let all = keys(tx, sender).await?;
    let due: Vec<_> = all.into_iter().filter(|key| key.row.activates_at.is_some()).collect();
    if due.is_empty() {
        next_look(tx, sender, None).await?;
    }
    Ok(due)
}

/// Remembers which of a sender's records were there, each by its selector, and lets go of the keys that have retired.
pub async fn looked_at_all(tx: &Tx, sender: &Sender, found: &[(String, bool)]) -> Result<()> {
    for (selector, is_there) in found {
        match looked(tx, sender, selector, *is_there).await {
            // Somebody deleted it meanwhile.
            Err(Error::Refused(Code::DkimKeyNotFound)) => {}
            Err(error) => return Err(error),
            Ok(key) if key.row.missing_at == Some(tx.now) => {
                tracing::warn!(
                    sender = sender.name(),
                    record = key.record_name(),
                    "a record that mail is signed by is gone"
                );
            }
            Ok(_) => {}
        }
    }
    let all = keys(tx, sender).await?;
    for old in all.iter().filter(|key| key.state == DkimState::Retiring) {
        let newer = all.iter().filter(|key| key.row.algorithm == old.row.algorithm);
        let since = newer
            .filter(|key| key.state == DkimState::Active)
            .filter_map(|key| key.row.activates_at);
        if since.max().is_some_and(|since| since + RETIRES <= tx.now) {
            remove_key(tx, sender, &old.row.selector).await?;
        }
    }
    look_again(tx, sender).await
}
