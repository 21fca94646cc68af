//! The policies of tenants, kept ready.

use super::{
    Policy,
    role::{Made, Role},
};
use crate::kit::{db::Tx, error::Result, id::TenantId, total};
use sea_orm::{ConnectionTrait, Statement};
use std::{collections::HashMap, sync::Arc};
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

    /// The policy of the built-in roles alone. It decides for callers that have no role in a tenant.
    #[must_use]
    pub fn built_in(&self) -> &Arc<Policy> {
        &self.built_in
    }

    /// The turn of a tenant to have its policy looked through: one such work at a time.
    pub(crate) async fn turn(&self, tenant: TenantId) -> OwnedMutexGuard<()> {
        let turn = self.turns.get_with(tenant, async { Arc::default() }).await;
        turn.lock_owned().await
    }

    /// The policy as this transaction finds it. To be asked before the transaction writes a role:
    /// what it answers is kept for others.
    pub async fn current(&self, tx: &Tx) -> Result<Arc<Policy>> {
        let revision = total::read(tx, total::POLICY).await?;
        self.at(tx, revision).await
    }

    /// The policy of this revision, which this transaction has read.
    pub(crate) async fn at(&self, tx: &Tx, revision: i64) -> Result<Arc<Policy>> {
        if revision == 0 {
            return Ok(self.built_in.clone());
        }
        let known = self.own.get(&tx.tenant()).await;
        if let Some(policy) = known.filter(|policy| policy.revision == revision) {
            return Ok(policy);
        }
        let policy = Arc::new(Policy::new(revision, load(tx).await?));
        self.own.insert(tx.tenant(), policy.clone()).await;
        Ok(policy)
    }
}

/// The roles that the tenant made.
async fn load(tx: &Tx) -> Result<Vec<Role>> {
    let query = |sql: &str| Statement::from_string(tx.get_database_backend(), sql);
    let mut inherits: HashMap<String, Vec<String>> = HashMap::new();
    let links = query("select role, parent from role_parent order by parent");
    for link in tx.query_all_raw(links).await? {
        let heir = inherits.entry(link.try_get("", "role")?).or_default();
        heir.push(link.try_get("", "parent")?);
    }
    let roles =
        query("select name, display_name, description, rules, version, created_at, updated_at from role order by name");
    let rows = tx.query_all_raw(roles).await?.into_iter();
    rows.map(|row| {
        let name: String = row.try_get("", "name")?;
        let rules: serde_json::Value = row.try_get("", "rules")?;
        Ok(Role {
            inherits: inherits.remove(&name).unwrap_or_default(),
            display_name: row.try_get("", "display_name")?,
            description: row.try_get("", "description")?,
            rules: serde_json::from_value(rules).map_err(anyhow::Error::from)?,
            made: Some(Made {
                created_at: row.try_get("", "created_at")?,
                updated_at: row.try_get("", "updated_at")?,
                version: row.try_get("", "version")?,
            }),
            name,
        })
    })
    .collect()
}
