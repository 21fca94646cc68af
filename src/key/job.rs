//! The job that looks after a tenant's keys: it makes those that are missing, and rotates them.

use super::{
    Algorithm, Pair, pair,
    rotation::{turn, wanted},
};
use crate::{
    audit::{self, Outcome},
    context::Services,
    job::{self, Attempt, End, Failure, Job, Prepared},
    kit::{db::Tx, error::Result, id::JobId},
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// Its kind.
const KIND: &str = "rotate-signing-keys";
/// When the keys are made that a tenant is not founded with, unless somebody asks for them earlier:
/// whoever founds a thousand tenants at once founds them first.
pub(super) const AFTER_FOUNDING: TimeDelta = TimeDelta::hours(1);
/// When it is tried again after it failed for good.
const LATER: TimeDelta = TimeDelta::days(1);

/// Looks after the keys of tenants.
pub struct RotationJob(pub Services);

/// Has it done by this time. `but` is the job that is about to end.
pub(super) async fn schedule(tx: &Tx, at: DateTime<Utc>, but: Option<JobId>) -> Result<()> {
    job::schedule(tx, KIND, at, but).await
}

#[async_trait]
impl Job for RotationJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        Ok(Prepared::attempt(Turn {
            services: self.0.clone(),
            job: job.id,
            wanted: wanted(tx).await?,
            made: vec![],
        }))
    }
}

/// One look after the keys of a tenant.
struct Turn {
    services: Services,
    job: JobId,
    wanted: Vec<Algorithm>,
    made: Vec<Pair>,
}

#[async_trait]
impl Attempt for Turn {
    async fn perform(&mut self) -> Result<(), Failure> {
        let made = pair::make(&self.wanted).await;
        self.made = made.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })?;
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let due = match end {
            End::Done => turn(tx, &self.services.master, self.made).await?,
            End::Retried(_) => return Ok(()),
            End::Failed => tx.now + LATER,
        };
        schedule(tx, due, Some(self.job)).await?;
        if !tx.has_changes() {
            return Ok(());
        }
        let act = audit::Act {
            actor: None,
            peer: None,
            action: "signing-keys:rotate",
            object: "*",
            outcome: Outcome::Done,
        };
        audit::append(tx, &self.services.master, act).await
    }
}
