//! The job that removes a tenant whose time to be kept is over. It is one of the default tenant: that of the tenant
//! itself would go with it.

use super::{DEFAULT, State, find_by_id, remove};
use crate::{
    job::{self, Attempt, Beat, End, Failure, Job, Prepared},
    kit::{
        blob::Store,
        db::{Db, Mode, SystemTx, Tx},
        error::{Error, Result},
        id::TenantId,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::Arc;

/// The kind of these jobs.
const KIND: &str = "remove-tenant";
/// When it is tried again after all attempts failed.
const LATER: TimeDelta = TimeDelta::hours(1);

/// Removes tenants.
pub struct RemovalJob {
    db: Db,
    files: Arc<dyn Store>,
}

/// Has a tenant removed at this time, unless it is kept until then.
pub async fn schedule_removal(tx: &Tx, tenant: TenantId, at: DateTime<Utc>) -> Result<()> {
    job::add_at(tx, KIND, json!({ "tenant": tenant }), at).await.map(drop)
}

impl RemovalJob {
    /// From these databases and this store.
    #[must_use]
    pub fn new(db: Db, files: Arc<dyn Store>) -> Self {
        Self { db, files }
    }
}

#[async_trait]
impl Job for RemovalJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let tenant = job.payload["tenant"].as_str().and_then(|id| id.parse().ok());
        Ok(Prepared::attempt(Removal {
            db: self.db.clone(),
            files: self.files.clone(),
            tenant: tenant.ok_or_else(|| anyhow::anyhow!("the payload names no tenant"))?,
            now: tx.now,
        }))
    }
}

/// One attempt to remove a tenant.
struct Removal {
    db: Db,
    files: Arc<dyn Store>,
    tenant: TenantId,
    now: DateTime<Utc>,
}

impl Removal {
    async fn remove(&self) -> Result<()> {
        let find = async |tx: &SystemTx| find_by_id(tx, self.tenant).await;
        let found = self.db.run_system(Mode::Read, find).await?;
        // It may have been kept, and deleted again since: then another job is for that.
        let is_due = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= self.now);
        let found = found.filter(|row| row.state == State::Deleting && row.name != DEFAULT && is_due(row.delete_after));
        if let Some(row) = found {
            remove(&self.db, &*self.files, &row.name).await?;
            tracing::info!(tenant = row.name, "a tenant was removed, as its deletion had it");
        }
        Ok(())
    }
}

/// A removal that goes on: nothing calls it off once it has begun.
struct Going;

#[async_trait]
impl Beat for Going {
    async fn beat(&self, _: &Tx) -> Result<bool> {
        Ok(true)
    }
}

#[async_trait]
impl Attempt for Removal {
    async fn perform(&mut self) -> Result<(), Failure> {
        self.remove().await.map_err(|error: Error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })
    }

    /// A bucket of a million objects takes its time.
    fn beat(&self) -> Option<Arc<dyn Beat>> {
        Some(Arc::new(Going))
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        match end {
            // A store that does not answer for hours keeps nobody's tenant for ever.
            End::Failed => schedule_removal(tx, self.tenant, tx.now + LATER).await,
            End::Done | End::Retried(_) => Ok(()),
        }
    }
}
