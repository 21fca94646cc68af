//! Applications that proved who they are a moment ago, so that the next request of one asks no database.
//!
//! Each is kept as it was read in one [`Epoch`] of the tenant and holds no longer than that: what changes an
//! application, a secret or a role ends the epoch, after its commit and before its answer.

use super::{Application, Known};
use crate::kit::{
    db::{Epoch, KEPT},
    id::{SecretId, TenantId},
};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Applications that are kept, some kilobytes each.
const MOST: u64 = 10_000;

/// The applications that are kept.
pub struct LiveClients(moka::sync::Cache<(TenantId, String), Arc<LiveClient>>);

/// An application as it was found.
pub struct LiveClient {
    /// With what it proves itself by.
    pub known: Known,
    /// The application itself.
    pub application: Arc<Application>,
    epoch: Epoch,
    /// When it is to be read anew at the latest.
    until: DateTime<Utc>,
    /// The hour in which it was written that it was used, and by which secret.
    used: (i64, Option<SecretId>),
}

impl Default for LiveClients {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl LiveClients {
    /// The application of this name, if it was found lately.
    #[must_use]
    pub fn get(&self, key: &(TenantId, String)) -> Option<Arc<LiveClient>> {
        self.0.get(key)
    }

    /// Keeps one.
    pub fn insert(&self, key: (TenantId, String), live: LiveClient) {
        self.0.insert(key, Arc::new(live));
    }
}

impl LiveClient {
    /// As found at this time, and used by this secret.
    #[must_use]
    pub fn new(known: Known, by: Option<SecretId>, now: DateTime<Utc>, epoch: Epoch) -> Self {
        Self {
            application: Arc::new(known.application.clone()),
            known,
            epoch,
            until: now + KEPT,
            used: (hour(now), by),
        }
    }

    /// Whether everything is as it was found.
    #[must_use]
    pub fn holds(&self, epoch: Epoch, now: DateTime<Utc>) -> bool {
        self.epoch.callers == epoch.callers && now < self.until
    }

    /// Whether it is written already that it was used in this hour by this secret.
    #[must_use]
    pub fn is_used(&self, by: Option<SecretId>, now: DateTime<Utc>) -> bool {
        self.used == (hour(now), by)
    }
}

/// Hours since 1970.
fn hour(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(3600)
}
