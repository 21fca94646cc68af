//! Secrets of applications: 256 random bits, shown once and kept as their SHA-256.

use super::{
    Application,
    entity::{Column, Entity, secret},
};
use crate::{
    access::Managed,
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::{ApplicationId, SecretId},
        secret::{new_token, token_hash},
    },
};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
pub use secret::Model as Secret;
use serde_json::{Value, json};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// Secrets of one application that are good at one time: one that is used, and the one that takes its place.
const MOST: usize = 2;

/// A secret that is only just made.
pub struct NewSecret {
    /// What is kept of it.
    pub row: Secret,
    /// The secret itself, which is never seen again.
    pub plain: Zeroizing<String>,
}

/// An application as it proves who it is, with its secrets.
#[derive(Debug)]
pub struct Known {
    /// The application.
    pub application: Application,
    secrets: Vec<Secret>,
}

fn of(application: ApplicationId, now: DateTime<Utc>) -> Condition {
    let is_good = Condition::any()
        .add(secret::Column::ExpiresAt.is_null())
        .add(secret::Column::ExpiresAt.gt(now));
    Condition::all()
        .add(secret::Column::ApplicationId.eq(application))
        .add(is_good)
}

/// The secrets of an application that are good, the oldest first.
pub async fn secrets(tx: &Tx, application: ApplicationId) -> Result<Vec<Secret>> {
    let rows = secret::Entity::find().filter(of(application, tx.now));
    Ok(rows.order_by_asc(secret::Column::Id).all(tx).await?)
}

/// Makes a secret, good until then.
///
/// # Errors
/// [`Code::ApplicationPublic`] if it keeps none; [`Code::TooManySecrets`] if it has two that are good;
/// [`Error::Invalid`] if it would be good no longer.
pub async fn add_secret(tx: &Tx, of: &Managed<Application>, expires_at: Option<DateTime<Utc>>) -> Result<NewSecret> {
    if of.spec.is_public() {
        return Err(Code::ApplicationPublic.into());
    }
    if expires_at.is_some_and(|end| end <= tx.now) {
        return Err(Error::field("expiresAt", "value", "must be in the future"));
    }
    if secrets(tx, of.id()).await?.len() >= MOST {
        return Err(Code::TooManySecrets.into());
    }
    // Those that are good no more go with the next one.
    secret::Entity::delete_many()
        .filter(secret::Column::ApplicationId.eq(of.id()))
        .filter(secret::Column::ExpiresAt.lte(tx.now))
        .exec(tx)
        .await?;
    let (plain, hash) = new_token();
    let row = Secret {
        id: SecretId::new(tx.now),
        application_id: of.id(),
        hash,
        hint: plain[plain.len() - 4..].to_owned(),
        created_at: tx.now,
        expires_at,
        last_used_at: None,
    };
    db::insert(tx, row.clone()).await?;
    tx.changed("application-secret", &row.id, Value::Null, snapshot(of, &row));
    Ok(NewSecret { row, plain })
}

/// Ends a secret.
///
/// # Errors
/// [`Code::SecretNotFound`].
pub async fn remove_secret(tx: &Tx, of: &Managed<Application>, id: SecretId) -> Result<()> {
    let found = secrets(tx, of.id()).await?.into_iter().find(|row| row.id == id);
    let row = found.ok_or(Code::SecretNotFound)?;
    secret::Entity::delete_by_id(id).exec(tx).await?;
    tx.changed("application-secret", &id, snapshot(of, &row), Value::Null);
    Ok(())
}

/// Makes a secret in place of the older one of two: the one before stays good until the next time.
///
/// # Errors
/// As [`add_secret`].
pub async fn rotate_secret(tx: &Tx, of: &Managed<Application>) -> Result<NewSecret> {
    let good = secrets(tx, of.id()).await?;
    if let Some(oldest) = good.first().filter(|_| good.len() >= MOST) {
        remove_secret(tx, of, oldest.id).await?;
    }
    add_secret(tx, of, None).await
}

fn snapshot(of: &Application, row: &Secret) -> Value {
    json!({ "application": of.client_id(), "hint": row.hint, "expiresAt": row.expires_at })
}

/// The application of this `client_id`, with what it proves itself by. What there is not is asked for as well,
/// so that it takes as long.
pub async fn find_known(tx: &Tx, client_id: &str) -> Result<Option<Known>> {
    let row = Entity::find().filter(Column::Name.eq(client_id)).one(tx).await?;
    let id = row.as_ref().map_or(ApplicationId::NOBODY, |row| row.id);
    let parts = super::Parts::read(tx, &[id]).await?;
    let secrets = secrets(tx, id).await?;
    let Some(row) = row else { return Ok(None) };
    let application = Application::new(row, &parts)?;
    Ok(Some(Known { application, secrets }))
}

impl Known {
    /// The secret that this one is, if it is good now. As many are compared whatever there is, each in the
    /// same time.
    #[must_use]
    pub fn proven_by(known: Option<&Self>, given: &str, now: DateTime<Utc>) -> Option<SecretId> {
        let hash = token_hash(given);
        let secrets = known.map(|known| &known.secrets[..]).unwrap_or_default();
        let mut proven = None;
        for at in 0..MOST {
            let row = secrets.get(at);
            let kept = row.map_or(&[0; 32][..], |row| &row.hash[..]);
            let is_good = row.is_some_and(|row| row.expires_at.is_none_or(|end| now < end));
            let same = kept.ct_eq(&hash) & Choice::from(u8::from(is_good));
            proven = match bool::from(same) {
                true => row.map(|row| row.id),
                false => proven,
            };
        }
        proven
    }

    /// Whether it is due to be written that it was used, by this secret if by one.
    #[must_use]
    pub fn is_stale(&self, by: Option<SecretId>, now: DateTime<Utc>) -> bool {
        let hour = hour_of(now);
        let before = |used: Option<DateTime<Utc>>| used.is_none_or(|used| used < hour);
        let secret = by.and_then(|id| self.secrets.iter().find(|row| row.id == id));
        before(self.application.row.last_used_at) || secret.is_some_and(|row| before(row.last_used_at))
    }
}

/// The hour in which this moment is.
fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}

/// Remembers that an application was used in this hour, and by which of its secrets.
pub async fn touch(tx: &Tx, application: ApplicationId, by: Option<SecretId>) -> Result<()> {
    let hour = hour_of(tx.now);
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(hour))
        .filter(Column::Id.eq(application))
        .exec(tx)
        .await?;
    let Some(secret) = by else { return Ok(()) };
    secret::Entity::update_many()
        .col_expr(secret::Column::LastUsedAt, Expr::value(hour))
        .filter(secret::Column::Id.eq(secret))
        .exec(tx)
        .await?;
    Ok(())
}
