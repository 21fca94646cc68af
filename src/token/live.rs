//! What tokens are made by and what they turned out to be a moment ago, so that the next request asks no
//! database.
//!
//! Each is kept as it was read in one [`Epoch`] of the tenant, and holds no longer than that.

use super::credential;
use crate::{
    access::{Principal, live::Key, principal, principal::Lifetime},
    application::Application,
    key::Claims,
    kit::{
        db::{Epoch, KEPT, Tx},
        error::Result,
        id::{ResourceServerId, SecretId, TenantId},
    },
    resource_server::{self, KnownApi},
    session::Sessions,
    setting,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex, PoisonError};

/// Tenants and tokens that are kept.
const TENANTS: u64 = 2_000;
const TOKENS: u64 = 20_000;

/// What is kept.
pub struct Live {
    terms: moka::sync::Cache<TenantId, Arc<Terms>>,
    tokens: moka::sync::Cache<Key, Arc<LiveToken>>,
    /// The hour in which it was written that a secret of an API was used.
    used: moka::sync::Cache<SecretId, i64>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            terms: moka::sync::Cache::new(TENANTS),
            tokens: moka::sync::Cache::new(TOKENS),
            used: moka::sync::Cache::new(TENANTS),
        }
    }
}

/// What a tenant's tokens are made by.
#[derive(Debug)]
pub struct Terms {
    /// The APIs that trust them.
    pub apis: Vec<KnownApi>,
    /// How long they last.
    pub sessions: Sessions,
    epoch: Epoch,
    until: DateTime<Utc>,
}

impl Terms {
    /// Reads them in this epoch, which was asked for before.
    pub async fn read(tx: &Tx, epoch: Epoch) -> Result<Self> {
        let (sessions, _) = setting::read::<Sessions>(tx).await?;
        Ok(Self {
            apis: resource_server::all_known(tx).await?,
            sessions,
            epoch,
            until: tx.now + KEPT,
        })
    }

    /// The API of this id.
    #[must_use]
    pub fn api(&self, id: ResourceServerId) -> Option<&KnownApi> {
        self.apis.iter().find(|known| known.api.id() == id)
    }

    fn holds(&self, epoch: Epoch, now: DateTime<Utc>) -> bool {
        let (then, at) = (self.epoch, epoch);
        then.callers == at.callers && then.settings == at.settings && now < self.until
    }
}

/// An access token that was found good, and who holds it.
#[derive(Debug)]
pub struct LiveToken {
    /// What it says.
    pub claims: Claims,
    /// Who holds it.
    pub who: Principal,
    lifetime: Lifetime,
    epoch: Epoch,
    until: DateTime<Utc>,
    told: Mutex<Option<(Epoch, Told)>>,
}

/// What whoever brings a token is told of its user.
#[derive(Clone, Debug)]
pub struct Told {
    /// The claims, as JSON.
    pub claims: Bytes,
    /// The application that the token is of.
    pub application: Arc<Application>,
}

impl LiveToken {
    /// Of claims whose signature is right, in an epoch that was asked for before: if the session lives, if whoever
    /// holds it may sign in or call, and if it was not given back.
    pub async fn find(tx: &Tx, claims: Claims, epoch: Epoch) -> Result<Option<Self>> {
        let Some(credential) = credential(&claims) else {
            return Ok(None);
        };
        let found = principal::authenticate(tx, &credential).await?;
        let found = found.and_then(|found| Some((found.who, found.lifetime?)));
        Ok(found.map(|(who, lifetime)| {
            let expires_at = DateTime::from_timestamp(claims.exp, 0).unwrap_or(tx.now);
            Self {
                claims,
                who,
                lifetime,
                epoch,
                until: expires_at.min(tx.now + KEPT),
                told: Mutex::new(None),
            }
        }))
    }

    /// What was told of its user, if nothing that it says has changed.
    #[must_use]
    pub fn told(&self, at: Epoch) -> Option<Told> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, told) = told
            .as_ref()
            .filter(|(then, _)| then.callers == at.callers && then.profiles == at.profiles)?;
        Some(told.clone())
    }

    /// Keeps what was read in this epoch, which was asked for before.
    pub fn keep_told(&self, told: Told, epoch: Epoch) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((epoch, told));
    }

    fn holds(&self, epoch: Epoch, now: DateTime<Utc>) -> bool {
        self.epoch.callers == epoch.callers && now < self.until && self.lifetime.lives(now)
    }
}

impl Live {
    /// What the tenant's tokens are made by, if it holds.
    #[must_use]
    pub fn terms(&self, tenant: TenantId, epoch: Epoch, now: DateTime<Utc>) -> Option<Arc<Terms>> {
        self.terms.get(&tenant).filter(|terms| terms.holds(epoch, now))
    }

    /// Keeps it.
    pub fn keep_terms(&self, tenant: TenantId, terms: Arc<Terms>) {
        self.terms.insert(tenant, terms);
    }

    /// Whether it is to be written that a secret of an API was used in this hour: once.
    #[must_use]
    pub fn is_first_use(&self, secret: SecretId, now: DateTime<Utc>) -> bool {
        let hour = now.timestamp().div_euclid(3600);
        let is_first = self.used.get(&secret) != Some(hour);
        self.used.insert(secret, hour);
        is_first
    }

    /// The token of this key, if it was found good and nothing has changed.
    #[must_use]
    pub fn token(&self, key: &Key, epoch: Epoch, now: DateTime<Utc>) -> Option<Arc<LiveToken>> {
        self.tokens.get(key).filter(|token| token.holds(epoch, now))
    }

    /// Keeps one.
    pub fn keep_token(&self, key: Key, token: Arc<LiveToken>) {
        self.tokens.insert(key, token);
    }
}
