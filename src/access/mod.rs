//! Who may do what: the callers, the permissions, and Casbin between them.

pub mod aside;
pub mod bounds;
pub mod caller;
mod door;
mod enforcer;
pub mod explain;
pub mod permission;
pub mod policy;
#[cfg(test)]
mod tests;

pub use crate::kit::http::Client;
pub use caller::{Authority, Caller, Guest, Own, Signed};
pub use door::Door;
pub use policy::Policy;

use crate::{
    kit::{db::Tx, error::Result, id::TenantId},
    role,
};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The policies of the tenants that are active.
pub struct Policies {
    built_in: Arc<Policy>,
    own: moka::future::Cache<TenantId, Arc<Policy>>,
    turns: moka::future::Cache<TenantId, Arc<Mutex<()>>>,
}

impl Policies {
    /// Policies of up to `active` tenants, those that were asked least recently forgotten first.
    #[must_use]
    pub fn new(active: u64) -> Self {
        Self {
            built_in: Arc::new(Policy::new(0, [])),
            own: moka::future::Cache::new(active),
            turns: moka::future::Cache::new(active),
        }
    }

    /// The policy of the built-in roles alone. It decides for whoever has no role in a tenant.
    #[must_use]
    pub fn built_in(&self) -> &Arc<Policy> {
        &self.built_in
    }

    /// The turn of a tenant to have its policy looked through: one such work at a time.
    async fn turn(&self, tenant: TenantId) -> OwnedMutexGuard<()> {
        let turn = self.turns.get_with(tenant, async { Arc::default() }).await;
        turn.lock_owned().await
    }

    /// The policy as this transaction finds it. To be asked before the transaction writes a role:
    /// what it answers is kept for others.
    ///
    /// # Errors
    /// The database's.
    pub async fn current(&self, tx: &Tx) -> Result<Arc<Policy>> {
        let revision = role::revision(tx).await?;
        if revision == 0 {
            return Ok(self.built_in.clone());
        }
        let known = self.own.get(&tx.tenant()).await;
        if let Some(policy) = known.filter(|policy| policy.revision == revision) {
            return Ok(policy);
        }
        let policy = Arc::new(Policy::new(revision, role::all(tx).await?));
        self.own.insert(tx.tenant(), policy.clone()).await;
        Ok(policy)
    }
}
