//! How many attempts are made at a time: most of one wait for somebody outside, and nobody else should
//! have to wait for them as well.

use crate::kit::id::TenantId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Attempts at a time by one process: no more than most relays take connections of one client.
const AT_ONCE: usize = 32;
/// Attempts at a time of one tenant.
const PER_TENANT: usize = 8;

/// The places of one worker. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<TenantId, usize>>>);

/// A place, until it is dropped.
pub(super) struct Place {
    places: Places,
    tenant: TenantId,
}

impl Places {
    fn taken<T>(&self, look: impl FnOnce(&mut HashMap<TenantId, usize>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether none is left for anybody.
    pub(super) fn are_full(&self) -> bool {
        self.taken(|taken| taken.values().sum::<usize>() >= AT_ONCE)
    }

    /// The tenants that have none left.
    pub(super) fn full_tenants(&self) -> Vec<TenantId> {
        let is_full = |(tenant, taken): (&TenantId, &usize)| (*taken >= PER_TENANT).then_some(*tenant);
        self.taken(|taken| taken.iter().filter_map(is_full).collect())
    }

    /// One for this tenant.
    pub(super) fn take(&self, tenant: TenantId) -> Place {
        self.taken(|taken| *taken.entry(tenant).or_default() += 1);
        Place {
            places: self.clone(),
            tenant,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken(|taken| {
            let left = taken.get(&self.tenant).map_or(0, |count| count - 1);
            match left {
                0 => taken.remove(&self.tenant),
                left => taken.insert(self.tenant, left),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_with_all_of_its_places_taken_leaves_the_others_theirs() {
        let places = Places::default();
        let (busy, other) = (TenantId(uuid::Uuid::from_u128(1)), TenantId(uuid::Uuid::from_u128(2)));
        let mut taken: Vec<_> = (0..PER_TENANT).map(|_| places.take(busy)).collect();
        taken.push(places.take(other));
        assert_eq!(places.full_tenants(), [busy]);
        assert!(!places.are_full());
        taken.remove(0);
        assert_eq!(places.full_tenants(), []);
        taken.clear();
        assert!(places.taken(|taken| taken.is_empty()));
    }
}
