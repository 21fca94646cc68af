//! How many events are kept of what comes by itself as often as somebody likes.

use crate::kit::id::TenantId;
use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// How many events of each who causes them were kept within the last minute: one who keeps trying shall not fill
/// the database.
struct Budget<K> {
    kept: moka::future::Cache<(TenantId, K), Arc<AtomicU32>>,
    most: u32,
}

/// Events of one cause that are kept in a minute.
const MOST: u32 = 30;

impl<K: Hash + Eq + Send + Sync + 'static> Budget<K> {
    fn new(most: u32) -> Self {
        let cache = moka::future::Cache::builder().max_capacity(10_000);
        let kept = cache.time_to_live(Duration::from_mins(1)).build();
        Self { kept, most }
    }

    /// Counts one more, and whether it is to be kept.
    async fn count(&self, tenant: TenantId, who: K) -> bool {
        let count = self.kept.get_with((tenant, who), async { Arc::default() }).await;
        count.fetch_add(1, Ordering::Relaxed) < self.most
    }
}

/// Callers that were denied something lately.
pub struct Denials(Budget<Uuid>);

impl Default for Denials {
    fn default() -> Self {
        Self(Budget::new(MOST))
    }
}

impl Denials {
    /// Counts one more denial of this caller, and whether it is to be kept.
    pub async fn count(&self, tenant: TenantId, who: Uuid) -> bool {
        self.0.count(tenant, who).await
    }
}

/// Sign-ins that limits refused lately. What was counted by a limit is an event each, what a limit refuses costs whoever
/// sends it nothing: so the first of each name or address in a minute is kept, and so many of a tenant.
pub struct Limited {
    logins: Budget<String>,
    tenants: Budget<()>,
}

impl Default for Limited {
    fn default() -> Self {
        Self {
            logins: Budget::new(1),
            tenants: Budget::new(MOST),
        }
    }
}

impl Limited {
    /// Counts one more for this name or address, and whether it is to be kept.
    pub async fn count(&self, tenant: TenantId, login: String) -> bool {
        self.logins.count(tenant, login).await && self.tenants.count(tenant, ()).await
    }
}
