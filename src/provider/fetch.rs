//! What is read from servers of others, and kept: one fetch however many wait for it.

use crate::kit::failure::Failure;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Mutex as Turn;

/// What was fetched well is used for so long while it cannot be fetched anew.
const STALE: TimeDelta = TimeDelta::hours(24);
/// What failed is not tried again before.
const FAILED: TimeDelta = TimeDelta::seconds(30);
/// How long somebody waits for what another one fetches.
const PATIENCE: Duration = Duration::from_secs(5);
/// Calls at one time: of the process, of a tenant, of a server.
const MOST: usize = 64;
const MOST_OF_TENANT: usize = 8;
const MOST_OF_SERVER: usize = 4;

/// Why something could not be had from a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It may not be called.
    Refused(String),
    /// It does not answer, or not now.
    Unavailable(String),
    /// It takes neither who we are nor where we are.
    Misconfigured(String),
    /// It said no.
    Denied(String),
    /// What it says cannot be trusted.
    Invalid(String),
    /// The person is none of those who are taken.
    NotAccepted,
}

impl Fault {
    /// What it says to administrators.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Refused(what)
            | Self::Unavailable(what)
            | Self::Misconfigured(what)
            | Self::Denied(what)
            | Self::Invalid(what) => what,
            Self::NotAccepted => "an account of none of the domains".to_owned(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure.permanent {
            true => Self::Refused(failure.error),
            false => Self::Unavailable(failure.error),
        }
    }
}

/// What was fetched, and until when it is fresh.
pub(super) type Fresh<T> = (T, DateTime<Utc>);

struct Slot<T> {
    good: Option<(Arc<T>, DateTime<Utc>, DateTime<Utc>)>,
    failed: Option<(Fault, DateTime<Utc>)>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            good: None,
            failed: None,
        }
    }
}

/// Things that are fetched, by their keys.
pub(super) struct Kept<K, T>(moka::sync::Cache<K, Arc<Turn<Slot<T>>>>);

impl<K: Hash + Eq + Send + Sync + 'static, T: Send + Sync + 'static> Default for Kept<K, T> {
    fn default() -> Self {
        let idle = Duration::from_hours(24);
        Self(
            moka::sync::Cache::builder()
                .max_capacity(1_000)
                .time_to_idle(idle)
                .build(),
        )
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, T: Send + Sync + 'static> Kept<K, T> {
    /// What is kept by this key if it is fresh and not from before `least`, else what is fetched now. While that
    /// fails, what was fetched before is used for a day.
    pub(super) async fn get(
        &self,
        key: K,
        (now, least): (DateTime<Utc>, Option<DateTime<Utc>>),
        fetch: impl AsyncFnOnce() -> Result<Fresh<T>, Fault>,
    ) -> Result<Arc<T>, Fault> {
        let slot = self.0.get_with(key, Arc::default);
        // Whoever fetches has the turn; the others wait for it, and find what came of it.
        let Ok(mut slot) = tokio::time::timeout(PATIENCE, slot.lock()).await else {
            return Err(Fault::Unavailable("it is still being asked".to_owned()));
        };
        if let Some((good, at, until)) = &slot.good
            && now < *until
            && least.is_none_or(|least| *at > least)
        {
            return Ok(good.clone());
        }
        let stale = |slot: &Slot<T>| {
            let good = slot.good.as_ref().filter(|(_, at, _)| now < *at + STALE);
            good.map(|(good, _, _)| good.clone())
        };
        if let Some((fault, at)) = &slot.failed
            && (*at..*at + FAILED).contains(&now)
        {
            return stale(&slot).ok_or_else(|| fault.clone());
        }
        match fetch().await {
            Ok((value, until)) => {
                let value = Arc::new(value);
                slot.good = Some((value.clone(), now, until));
                slot.failed = None;
                Ok(value)
            }
            Err(fault) => {
                slot.failed = Some((fault.clone(), now));
                stale(&slot).ok_or(fault)
            }
        }
    }

    /// Forgets what failed, so that it is tried at once.
    pub(super) fn forget(&self, key: &K) {
        self.0.invalidate(key);
    }
}

/// Who calls whom.
type Line<T> = (T, String);

/// The calls that are under way.
pub(super) struct Places<T>(Arc<Mutex<HashMap<Line<T>, usize>>>);

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// A place for one call.
pub(super) struct Place<T: Hash + Eq + Clone> {
    all: Arc<Mutex<HashMap<Line<T>, usize>>>,
    line: Line<T>,
}

impl<T: Hash + Eq + Clone> Places<T> {
    /// A place for a call of a tenant to a server, if there is one: nobody waits for it, so that a server that does
    /// not answer holds up nobody else.
    pub(super) fn enter(&self, tenant: T, server: &str) -> Result<Place<T>, Fault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = (tenant, server.to_owned());
        let here = all.get(&line).copied().unwrap_or_default();
        let of_tenant: usize = all
            .iter()
            .filter(|(of, _)| of.0 == line.0)
            .map(|(_, count)| count)
            .sum();
        let in_all: usize = all.values().sum();
        if here >= MOST_OF_SERVER || of_tenant >= MOST_OF_TENANT || in_all >= MOST {
            return Err(Fault::Unavailable("too many calls are under way".to_owned()));
        }
        all.insert(line.clone(), here + 1);
        Ok(Place {
            all: self.0.clone(),
            line,
        })
    }
}

impl<T: Hash + Eq + Clone> Drop for Place<T> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.line) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                all.remove(&self.line);
            }
        }
    }
}

/// How deep JSON of others may be.
const DEPTH: usize = 32;

/// JSON of a server of others.
pub(super) fn read_json(bytes: &[u8]) -> Result<serde_json::Value, Fault> {
    if depth(bytes) > DEPTH {
        return Err(Fault::Invalid("the answer is nested too deeply".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|_| Fault::Invalid("the answer is not JSON".to_owned()))
}

/// How deep objects and lists are in one another.
fn depth(json: &[u8]) -> usize {
    let (mut now, mut most, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::clock::Clock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn one_fetches_however_many_wait_and_what_was_good_serves_while_it_fails() {
        let kept: Kept<&str, usize> = Kept::default();
        let (fetches, now) = (AtomicUsize::new(0), Clock::default().now());
        let fetch = async || {
            let number = fetches.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok((number, now + TimeDelta::minutes(5)))
        };
        let many = (0..100).map(|_| kept.get("a", (now, None), fetch));
        let found = futures_util::future::join_all(many).await;
        assert!(found.iter().all(|found| **found.as_ref().unwrap() == 0));
        assert_eq!(fetches.load(Ordering::SeqCst), 1);

        let fail = async || Err(Fault::Unavailable("down".to_owned()));
        let at = |minutes| now + TimeDelta::minutes(minutes);
        assert_eq!(*kept.get("a", (at(6), None), fail).await.unwrap(), 0, "stale");
        let never = async || panic!("a failure is remembered");
        assert_eq!(*kept.get("a", (at(6), None), never).await.unwrap(), 0);
        assert_eq!(
            kept.get("a", (at(25 * 60), None), fail).await,
            Err(Fault::Unavailable("down".to_owned()))
        );
        assert_eq!(*kept.get("a", (at(25 * 60 + 1), None), fetch).await.unwrap(), 1);
    }

    #[test]
    fn a_server_has_few_places_and_gives_them_back() {
        let places = Places::default();
        let held: Vec<_> = (0..MOST_OF_SERVER).map(|_| places.enter(1, "a").unwrap()).collect();
        assert!(places.enter(1, "a").is_err());
        let others: Vec<_> = (0..MOST_OF_SERVER).map(|_| places.enter(1, "b").unwrap()).collect();
        assert!(places.enter(1, "c").is_err(), "the tenant has no more");
        assert!(places.enter(2, "a").is_ok(), "another tenant has");
        drop((held, others));
        assert!(places.enter(1, "a").is_ok());
    }

    #[test]
    fn deep_json_is_refused_before_it_is_read() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_json(nested(32).as_bytes()).is_ok());
        assert!(read_json(nested(33).as_bytes()).is_err());
        assert!(read_json(nested(30_000).as_bytes()).is_err());
        assert!(read_json(br#"{"a":"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}"#).is_ok());
        assert!(read_json(b"<html>").is_err());
    }
}
