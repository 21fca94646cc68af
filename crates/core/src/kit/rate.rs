//! How many requests come in a while, counted in memory: the generic cell rate algorithm, which keeps one moment for
//! each of those whose requests are counted (ITU-T I.371).

use chrono::{DateTime, Utc};
use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// How many are counted at a time; who comes back after they were forgotten begins anew.
const MOST: u64 = 100_000;
/// Microseconds of a second.
const MICROS: u64 = 1_000_000;

/// What came lately. Cheap: nothing is kept of those that have no rate.
pub struct Rates<K>(moka::sync::Cache<K, Arc<AtomicI64>>);

impl<K: Hash + Eq + Send + Sync + 'static> Default for Rates<K> {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Rates<K> {
    /// Counts one more, of which so many may come in a second, and so many at once.
    ///
    /// # Errors
    /// It is one too many; the seconds until another try makes sense.
    pub fn take(&self, key: K, (per_second, burst): (u32, u32), now: DateTime<Utc>) -> Result<(), u32> {
        let due = self.0.get_with(key, Arc::default);
        let now = now.timestamp_micros();
        let each = MICROS.cast_signed() / i64::from(per_second.max(1));
        let ahead = each * (i64::from(burst.max(1)) - 1);
        let next = |due: i64| {
            let due = due.max(now);
            (due - now <= ahead).then_some(due + each)
        };
        due.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .map(drop)
            .map_err(|due| {
                let wait = u64::try_from(due - now - ahead).unwrap_or_default();
                u32::try_from(wait.div_ceil(MICROS)).unwrap_or(u32::MAX).max(1)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn so_many_come_at_once_and_then_so_many_in_a_second() {
        let (rates, begun) = (Rates::<u8>::default(), DateTime::<Utc>::UNIX_EPOCH);
        let come = |at: TimeDelta| (0..100).filter(|_| rates.take(1, (10, 5), begun + at).is_ok()).count();
        assert_eq!(come(TimeDelta::zero()), 5);
        assert_eq!(come(TimeDelta::milliseconds(99)), 0);
        assert_eq!(come(TimeDelta::milliseconds(100)), 1);
        assert_eq!(come(TimeDelta::milliseconds(400)), 3);
        assert_eq!(come(TimeDelta::seconds(60)), 5);
        // Nobody is counted for another.
        assert_eq!(rates.take(2, (1, 1), begun), Ok(()));
        assert_eq!(rates.take(2, (1, 1), begun), Err(1));
    }
}
