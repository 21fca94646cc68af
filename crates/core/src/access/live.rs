//! Callers whose credential was found good a moment ago, so that the next request by it asks no
//! database who calls.
//!
//! A caller is kept as it was read in one [`Epoch`] of the tenant and holds no longer than that
//! epoch: after a sign-out, a role that was taken, or a user who was disabled, the next request reads
//! anew. A write asks once more, in its own transaction.

use super::{
    Policy, Principal,
    principal::{Lifetime, TOUCH},
};
use crate::kit::{
    db::{Epoch, KEPT},
    id::TenantId,
    secret,
};
use chrono::{DateTime, Utc};
use std::{
    any::Any,
    sync::{Arc, Mutex, PoisonError},
};

/// Callers that are kept, a kilobyte each.
const MOST: u64 = 20_000;

/// A credential as a caller is kept under it: a hash, so that no secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// Of a credential of this kind.
    #[must_use]
    pub fn new(tenant: TenantId, kind: &str, credential: &str) -> Self {
        Self(secret::hash_of([
            tenant.0.as_bytes(),
            kind.as_bytes(),
            b"/",
            credential.as_bytes(),
        ]))
    }
}

/// The callers that are kept.
pub(crate) struct LiveCallers(moka::sync::Cache<Key, Arc<LiveCaller>>);

/// A caller as they were found.
pub(crate) struct LiveCaller {
    pub(crate) who: Arc<Principal>,
    pub(crate) policy: Arc<Policy>,
    /// That of their session.
    pub(crate) lifetime: Lifetime,
    /// When they are to be read anew at the latest, or when their credential expires.
    pub(crate) until: DateTime<Utc>,
    pub(crate) epoch: Epoch,
    /// What is shown of them, if it was asked for.
    own: Mutex<Option<(Epoch, Arc<dyn Any + Send + Sync>)>>,
}

impl Default for LiveCallers {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl LiveCallers {
    /// The caller who was found by this credential, to be asked whether they still are.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<LiveCaller>> {
        self.0.get(key)
    }

    /// Keeps a caller.
    pub(crate) fn insert(&self, key: Key, caller: Arc<LiveCaller>) {
        self.0.insert(key, caller);
    }
}

impl LiveCaller {
    /// As found at this time by a credential that expires.
    pub(crate) fn new(
        (who, policy, lifetime): (Arc<Principal>, Arc<Policy>, Lifetime),
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        epoch: Epoch,
    ) -> Self {
        Self {
            who,
            policy,
            lifetime,
            until: expires_at.min(now + KEPT),
            epoch,
            own: Mutex::default(),
        }
    }

    /// Whether everything is as it was found.
    pub(crate) fn holds(&self, epoch: Epoch, now: DateTime<Utc>) -> bool {
        let is_fresh = self.lifetime.last_used_at + TOUCH >= now;
        is_fresh && self.epoch.callers == epoch.callers && now < self.until && self.lifetime.lives(now)
    }

    /// What is shown of them, if it was kept in this epoch.
    pub(crate) fn own<T: Send + Sync + 'static>(&self, epoch: Epoch) -> Option<Arc<T>> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, kept) = own.as_ref()?;
        match *of == epoch {
            true => kept.clone().downcast().ok(),
            false => None,
        }
    }

    /// Keeps what is shown of them.
    pub(crate) fn keep_own(&self, epoch: Epoch, own: Arc<dyn Any + Send + Sync>) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some((epoch, own));
    }
}
