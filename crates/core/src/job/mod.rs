//! Work outside transactions: rows of the transaction that wants it, done at least once.
//!
//! A job row says what is wanted; a line in the instance's `todo` says when and who is at it. A
//! worker leases a line, reads the row in a transaction ([`Job::prepare`]), does the work with
//! no transaction open ([`Attempt::perform`]), and writes what came of it together with the job's
//! end ([`Attempt::conclude`]). A worker that dies loses its lease and somebody else begins again.
//!
//! An attempt calls the outside only if that ends before its lease does, so that there are never two
//! at once. One that takes long has a [`Beat`], by which it keeps its lease.

mod places;
mod todo;
mod worker;

pub use crate::kit::failure::Failure;
use crate::kit::{
    db::{self, Tx},
    error::Result,
    id::JobId,
    sweep,
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::sync::Arc;
use todo::Lease;
pub use worker::{drain, run};

/// Seconds before each further attempt; after the last one the job has failed.
const BACKOFF: &[i64] = &[2, 10, 30, 60, 300, 900, 3600, 3600, 3600, 3600, 3600, 3600];
/// Finished jobs are kept so long, for their attempts to be read.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The `job` table.
pub mod entity {
    use crate::kit::id::JobId;
    use sea_orm::entity::prelude::*;

    /// A job.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        /// Which kind of work it is.
        pub kind: String,
        /// What the work is about: ids, never secrets.
        pub payload: Json,
        /// `queued`, `done` or `failed`.
        pub state: String,
        /// When it was first due.
        pub run_at: DateTimeUtc,
        /// When it was wanted.
        pub created_at: DateTimeUtc,
        /// When it was done or given up.
        pub finished_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The `job_attempt` table.
pub mod attempt {
    use crate::kit::id::JobId;
    use sea_orm::entity::prelude::*;

    /// One attempt at a job.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_attempt")]
    pub struct Model {
        /// The job.
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: JobId,
        /// 1 for the first.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        /// When it ended.
        pub at: DateTimeUtc,
        /// Why it failed; null if it did not.
        pub error: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What came of an attempt, as [`Attempt::conclude`] is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Done,
    /// It failed and will be tried again then.
    Retried(DateTime<Utc>),
    /// It failed for good.
    Failed,
}

/// A kind of job.
#[async_trait]
pub trait Job: Send + Sync + 'static {
    /// The name of the kind, as rows have it.
    fn kind(&self) -> &'static str;

    /// Reads in a transaction what there is to do.
    async fn prepare(&self, tx: &Tx, job: &entity::Model) -> Result<Prepared>;
}

/// What there is to do of a job.
pub enum Prepared {
    /// Nothing: it is no longer wanted.
    Nothing,
    /// This.
    Attempt(Box<dyn Attempt>),
    /// Nothing before then. It counts as no attempt.
    PutOff(DateTime<Utc>),
}

impl Prepared {
    /// This attempt.
    pub fn attempt(attempt: impl Attempt + 'static) -> Self {
        Self::Attempt(Box::new(attempt))
    }
}

/// One attempt at a job, with all that it needs.
#[async_trait]
pub trait Attempt: Send {
    /// Does it, outside any transaction.
    async fn perform(&mut self) -> Result<(), Failure>;

    /// What keeps its lease, if it may take longer than a call to the outside.
    fn beat(&self) -> Option<Arc<dyn Beat>> {
        None
    }

    /// Writes what came of it, in the transaction that ends the attempt.
    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()>;
}

/// What a long attempt says of itself while it goes on.
#[async_trait]
pub trait Beat: Send + Sync {
    /// Writes how far it is, and answers whether it is still wanted.
    async fn beat(&self, tx: &Tx) -> Result<bool>;
}

/// The kinds of jobs of the program.
#[derive(Clone)]
pub struct Jobs(Arc<[Box<dyn Job>]>);

impl Jobs {
    /// These kinds.
    #[must_use]
    pub fn new(kinds: impl IntoIterator<Item = Box<dyn Job>>) -> Self {
        Self(kinds.into_iter().collect())
    }

    fn of_kind(&self, kind: &str) -> Result<&dyn Job> {
        let job = self.0.iter().find(|job| job.kind() == kind);
        // Another version of the program may know it: the lease runs out, and somebody else tries.
        Ok(job
            .with_context(|| format!("this version knows no jobs of the kind {kind}"))?
            .as_ref())
    }
}

/// Wants work of this kind as soon as the transaction has committed.
pub async fn add(tx: &Tx, kind: &str, payload: serde_json::Value) -> Result<JobId> {
    add_at(tx, kind, payload, tx.now).await
}

/// Wants work of this kind at this time.
pub async fn add_at(tx: &Tx, kind: &str, payload: serde_json::Value, run_at: DateTime<Utc>) -> Result<JobId> {
    let id = JobId::new(tx.now);
    let row = entity::Model {
        id,
        kind: kind.to_owned(),
        payload,
        state: "queued".to_owned(),
        run_at,
        created_at: tx.now,
        finished_at: None,
    };
    db::insert(tx, row).await?;
    tx.hint(id, run_at).await?;
    Ok(id)
}

/// Has work of this kind done by this time, of which one turn does all. `but` is the job that is about to end.
pub async fn schedule(tx: &Tx, kind: &str, at: DateTime<Utc>, but: Option<JobId>) -> Result<()> {
    let queued = queued(tx, kind).await?;
    let mut queued = queued.iter().filter(|job| Some(job.id) != but);
    if !queued.any(|job| job.run_at <= at) {
        add_at(tx, kind, serde_json::json!({}), at).await?;
    }
    Ok(())
}

/// The work of this kind that is wanted and not done.
async fn queued(tx: &Tx, kind: &str) -> Result<Vec<entity::Model>> {
    let queued = entity::Entity::find().filter(entity::Column::State.eq("queued"));
    Ok(queued.filter(entity::Column::Kind.eq(kind)).all(tx).await?)
}

/// The attempts at a job, first one first.
pub async fn attempts(tx: &Tx, job: JobId) -> Result<Vec<attempt::Model>> {
    attempts_of(tx, [job]).await
}

/// The attempts at these jobs, the first one of each first.
pub async fn attempts_of(tx: &Tx, jobs: impl IntoIterator<Item = JobId>) -> Result<Vec<attempt::Model>> {
    Ok(attempt::Entity::find()
        .filter(attempt::Column::JobId.is_in(jobs))
        .order_by_asc(attempt::Column::Number)
        .all(tx)
        .await?)
}

/// The job and what it needs; `None` if there is nothing to do any more.
async fn begin_attempt(tx: &Tx, jobs: &Jobs, lease: &Lease) -> Result<Option<(entity::Model, Prepared)>> {
    let job = entity::Entity::find_by_id(lease.job).one(tx).await?;
    // No row: its transaction was rolled back, or the job was finished by the worker we take over from.
    let Some(job) = job.filter(|job| job.state == "queued") else {
        return Ok(None);
    };
    // Now, and not with the outcome: a worker that dies before that is written does it all again.
    sweep::sweep(tx, "job", "id", "finished_at", tx.now - KEPT).await?;
    let prepared = jobs.of_kind(&job.kind)?.prepare(tx, &job).await?;
    if let Prepared::Nothing = prepared {
        finish(tx, job, "done").await?;
        return Ok(None);
    }
    Ok(Some((job, prepared)))
}

/// Writes what came of an attempt, and answers when the next one is due.
async fn end_attempt(
    tx: &Tx,
    lease: &Lease,
    job: entity::Model,
    attempt: Box<dyn Attempt>,
    outcome: Result<(), Failure>,
) -> Result<Option<DateTime<Utc>>> {
    let wait = usize::try_from(lease.attempt - 1)
        .ok()
        .and_then(|n| BACKOFF.get(n))
        .map(|wait| tx.now + TimeDelta::seconds(*wait));
    let end = match (&outcome, wait) {
        (Ok(()), _) => End::Done,
        (Err(failure), Some(at)) if !failure.permanent => End::Retried(at),
        (Err(_), _) => End::Failed,
    };
    record(tx, lease, outcome.as_ref().err()).await?;
    attempt.conclude(tx, end).await?;
    match end {
        End::Done => finish(tx, job, "done").await?,
        End::Failed => finish(tx, job, "failed").await?,
        End::Retried(at) => return Ok(Some(at)),
    }
    Ok(None)
}

async fn record(tx: &Tx, lease: &Lease, failure: Option<&Failure>) -> Result<()> {
    if let Some(failure) = failure {
        tracing::warn!(job = %lease.job, attempt = lease.attempt, error = failure.error, "an attempt failed");
    }
    let row = attempt::ActiveModel {
        job_id: Set(lease.job),
        number: Set(lease.attempt),
        at: Set(tx.now),
        error: Set(failure.map(|failure| failure.error.chars().take(1000).collect())),
    };
    // The same attempt is written twice only by a worker whose lease ran out while it worked.
    let once = sea_orm::sea_query::OnConflict::new().do_nothing().to_owned();
    attempt::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn finish(tx: &Tx, job: entity::Model, state: &str) -> Result<()> {
    let mut job: entity::ActiveModel = job.into();
    job.state = Set(state.to_owned());
    job.finished_at = Set(Some(tx.now));
    job.update(tx).await?;
    Ok(())
}
