//! Tenants that were looked up a moment ago.

use super::Tenant;
use crate::kit::{clock::Clock, db::KEPT};
use chrono::{DateTime, Utc};
use std::{borrow::Borrow, hash::Hash};

/// How many tenants are known at a time.
const MOST: u64 = 10_000;

/// Tenants that were looked up: long enough to spare a query a request, short enough for "at once".
pub struct Known<K> {
    tenants: moka::sync::Cache<K, (Tenant, DateTime<Utc>)>,
    clock: Clock,
}

impl<K: Hash + Eq + Send + Sync + 'static> Known<K> {
    /// None yet, by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            tenants: moka::sync::Cache::new(MOST),
            clock,
        }
    }

    /// The tenant that was looked up by this key, if that is not long ago.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Tenant>
    where
        K: Borrow<Q>,
    {
        let (tenant, at) = self.tenants.get(key)?;
        (at..at + KEPT).contains(&self.clock.now()).then_some(tenant)
    }

    /// Keeps a tenant that was looked up now.
    pub fn insert(&self, key: K, tenant: Tenant) {
        self.tenants.insert(key, (tenant, self.clock.now()));
    }
}
