//! The sweep: what uploads left that came to nothing, and content that no row names any more.
//!
//! A server may die between any two steps. So whatever is in the store has a row that says so from before it is
//! there until after it is gone, and the sweep goes by these rows alone.

use super::entity::{blob, removal, upload};
use crate::job::{self, Attempt, End, Job, Prepared};
use crate::kit::{
    blob::{Key, Store},
    db::Tx,
    error::{Error, Result},
    failure::Failure,
    id::{JobId, TenantId, UploadId},
    total::{self, ATTACHMENT_BYTES},
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::sync::Arc;

/// The kind of these jobs.
const KIND: &str = "sweep-attachments";
/// How long an upload may take, and content be unused.
pub(super) const STALE: TimeDelta = TimeDelta::hours(24);
/// When it is tried again after all attempts failed.
const LATER: TimeDelta = TimeDelta::hours(1);
/// How long what could not be swept yet is left alone.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// As many of each are looked after at once.
const AT_ONCE: u64 = 100;

/// Sweeps the contents of tenants.
pub struct SweepJob(pub Arc<dyn Store>);

/// Has it done by this time. `but` is the job that is about to end.
pub(super) async fn schedule(tx: &Tx, at: DateTime<Utc>, but: Option<JobId>) -> Result<()> {
    job::schedule(tx, KIND, at, but).await
}

#[async_trait]
impl Job for SweepJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        tx.lock("blob").await?;
        let stale = upload::Entity::find()
            .filter(upload::Column::StartedAt.lte(tx.now - STALE))
            .order_by_asc(upload::Column::StartedAt)
            .limit(AT_ONCE)
            .all(tx)
            .await?;
        forget_unused(tx).await?;
        let removals = removal::Entity::find().limit(AT_ONCE).all(tx).await?;
        let removals: Vec<_> = removals.into_iter().map(|row| row.sha256).collect();
        removal::Entity::update_many()
            .col_expr(removal::Column::Begun, Expr::value(true))
            .filter(removal::Column::Sha256.is_in(&removals))
            .exec(tx)
            .await?;
        Ok(Prepared::attempt(Sweep {
            files: self.0.clone(),
            job: job.id,
            tenant: tx.tenant(),
            uploads: stale.into_iter().map(|row| row.id).collect(),
            removals,
        }))
    }
}

/// Makes content that no row named for a while content that is being removed.
async fn forget_unused(tx: &Tx) -> Result<()> {
    let unused = blob::Entity::find()
        .filter(blob::Column::UnusedSince.lte(tx.now - STALE))
        .filter(blob::Column::Uses.eq(0))
        .limit(AT_ONCE)
        .all(tx)
        .await?;
    for row in unused {
        let coming = upload::Entity::find().filter(upload::Column::Sha256.eq(&row.sha256));
        if coming.one(tx).await?.is_some() {
            continue;
        }
        blob::Entity::delete_by_id(&row.sha256).exec(tx).await?;
        total::add(tx, ATTACHMENT_BYTES, -row.size).await?;
        super::remove(tx, &row.sha256).await?;
    }
    Ok(())
}

/// One sweep of a tenant's contents.
struct Sweep {
    files: Arc<dyn Store>,
    job: JobId,
    tenant: TenantId,
    uploads: Vec<UploadId>,
    removals: Vec<String>,
}

#[async_trait]
impl Attempt for Sweep {
    async fn perform(&mut self) -> Result<(), Failure> {
        let failure = |error: Error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        };
        for upload in &self.uploads {
            let key = Key::of_upload(self.tenant, *upload);
            self.files.delete(&key).await.map_err(failure)?;
        }
        for sha256 in &self.removals {
            let key = Key::of_content(self.tenant, sha256);
            self.files.delete(&key).await.map_err(failure)?;
        }
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        match end {
            End::Done => {
                for upload in &self.uploads {
                    super::give_back(tx, *upload, true).await?;
                }
                let gone = removal::Column::Sha256.is_in(self.removals);
                removal::Entity::delete_many().filter(gone).exec(tx).await?;
                match next(tx).await? {
                    Some(at) => schedule(tx, at, Some(self.job)).await,
                    None => Ok(()),
                }
            }
            End::Retried(_) => Ok(()),
            End::Failed => schedule(tx, tx.now + LATER, Some(self.job)).await,
        }
    }
}

/// When there is something to sweep next.
async fn next(tx: &Tx) -> Result<Option<DateTime<Utc>>> {
    if removal::Entity::find().limit(1).one(tx).await?.is_some() {
        return Ok(Some(tx.now));
    }
    let upload = upload::Entity::find().order_by_asc(upload::Column::StartedAt).limit(1);
    let unused = blob::Entity::find()
        .filter(blob::Column::UnusedSince.is_not_null())
        .order_by_asc(blob::Column::UnusedSince)
        .limit(1);
    let began = upload.one(tx).await?.map(|row| row.started_at);
    let unused = unused.one(tx).await?.and_then(|row| row.unused_since);
    Ok([began, unused]
        .into_iter()
        .flatten()
        .min()
        .map(|at| (at + STALE).max(tx.now + PAUSE)))
}
