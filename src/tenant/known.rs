//! What was looked up a moment ago.

use crate::kit::{clock::Clock, db::KEPT};
use chrono::{DateTime, Utc};
use std::{borrow::Borrow, hash::Hash};

/// How many are known at a time.
const MOST: u64 = 10_000;

/// What was looked up: long enough to spare a query a request, short enough for "at once".
pub struct Known<K, V> {
    found: moka::sync::Cache<K, (V, DateTime<Utc>)>,
    clock: Clock,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Known<K, V> {
    /// None yet, by this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            found: moka::sync::Cache::new(MOST),
            clock,
        }
    }

    /// What was looked up by this key, if that is not long ago.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (found, at) = self.found.get(key)?;
        (at..at + KEPT).contains(&self.clock.now()).then_some(found)
    }

    /// Keeps what was looked up now.
    pub fn insert(&self, key: K, found: V) {
        self.found.insert(key, (found, self.clock.now()));
    }
}
