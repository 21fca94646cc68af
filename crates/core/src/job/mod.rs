//! Work outside transactions: rows of the transaction that wants it, done at least once.
//!
//! A job row says what is wanted; a line in the instance's `todo` says when and who is at it. A
//! worker leases a line, reads the row in a transaction ([`Job::prepare`]), does the work with
//! no transaction open ([`Attempt::perform`]), and writes what came of it together with the job's
//! end ([`Attempt::conclude`]). A worker that dies loses its lease and somebody else begins again.
//!
//! An attempt calls the outside only if that ends before its lease does, so that there are never two
//! at once.

mod places;
mod todo;

pub use crate::kit::failure::Failure;
use crate::kit::{
    db::{self, Db, Mode, Tx},
    error::{Error, Result},
    id::JobId,
    outside, sweep,
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use places::Places;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::{sync::Arc, time::Duration};
use todo::{Again, Lease, claim, give_back, lease};
use tokio::{sync::watch, task::JoinSet, time::timeout};

/// Seconds before each further attempt; after the last one the job has failed.
const BACKOFF: &[i64] = &[2, 10, 30, 60, 300, 900, 3600, 3600, 3600, 3600, 3600, 3600];
/// How often the worker waits for its turn at the database before it gives an attempt up.
const TRIES: usize = 3;
/// How long an attempt that waits for the outside may go on when the worker stops. One that is cut off then
/// keeps its lease, and the job is begun again after it, or by the next server of the directory.
const GRACE: Duration = Duration::from_secs(6);
/// How long what has been done outside may take to be written down then.
const LAST: Duration = Duration::from_secs(2);
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

    /// Writes what came of it, in the transaction that ends the attempt.
    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()>;
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

/// How a worker goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// It takes what is due.
    Works,
    /// It takes nothing more.
    Stops,
    /// It waits for nobody outside any more.
    Ends,
}

/// Works until `stop` resolves, then finishes what it holds, as far as that does not take long.
pub async fn run(db: &Db, jobs: &Jobs, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    // Tasks of their own: an attempt holds transactions that this loop itself waits for.
    let mut running = JoinSet::new();
    let (course, _) = watch::channel(Course::Works);
    let worker = Worker {
        db: db.clone(),
        jobs: jobs.clone(),
        places: Places::default(),
        course: course.subscribe(),
    };
    loop {
        match claim(db, &worker.places).await {
            Ok(leases) => {
                for lease in leases {
                    let worker = worker.clone();
                    running.spawn(async move {
                        let mut next = Some(lease);
                        while let Some(lease) = next {
                            next = worker.attempt_job(lease).await;
                        }
                    });
                }
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "the worker cannot read what is due"),
        }
        tokio::select! {
            () = &mut stop => break,
            Some(_) = running.join_next() => {}
            () = db.job_committed() => {}
            // What was put off, left by a dead worker, or committed by another process.
            () = pause(Duration::from_secs(1)) => {}
        }
    }
    course.send_replace(Course::Stops);
    if timeout(GRACE, join_all(&mut running)).await.is_err() {
        course.send_replace(Course::Ends);
        if timeout(LAST, join_all(&mut running)).await.is_err() {
            running.shutdown().await;
        }
    }
}

async fn join_all(running: &mut JoinSet<()>) {
    while running.join_next().await.is_some() {}
}

#[expect(clippy::disallowed_methods, reason = "the worker's loop is where the server waits")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Does everything that is due now and returns how many attempts that took.
pub async fn drain(db: &Db, jobs: &Jobs) -> Result<usize> {
    // One at a time, and no other than what is claimed here.
    let (_course, stops) = watch::channel(Course::Stops);
    let worker = Worker {
        db: db.clone(),
        jobs: jobs.clone(),
        places: Places::default(),
        course: stops,
    };
    let mut made = 0;
    loop {
        let leases = claim(db, &worker.places).await?;
        if leases.is_empty() {
            return Ok(made);
        }
        made += leases.len();
        for lease in leases {
            worker.attempt_job(lease).await;
        }
    }
}

/// What attempts need. Cheap to clone.
#[derive(Clone)]
struct Worker {
    db: Db,
    jobs: Jobs,
    places: Places,
    course: watch::Receiver<Course>,
}

/// How an attempt ended.
enum Ended {
    /// Its line goes.
    Over,
    /// Its line is due again then.
    Again(DateTime<Utc>),
    /// The same, without an attempt.
    PutOff(DateTime<Utc>),
    /// Its line stays leased: whether it was done nobody knows.
    CutOff,
}

impl Worker {
    /// Attempts a job, and leases the next one if more is wanted then.
    async fn attempt_job(&self, lease: Lease) -> Option<Lease> {
        let job = lease.job;
        let attempted = async {
            let again = match self.try_job(&lease).await? {
                Ended::Over => None,
                Ended::Again(at) => Some(Again { at, attempted: true }),
                Ended::PutOff(at) => Some(Again { at, attempted: false }),
                Ended::CutOff => {
                    tracing::info!(%job, "the server stops before anybody answered; the job is begun again later");
                    return Ok(None);
                }
            };
            self.release(lease, again).await
        };
        attempted.await.unwrap_or_else(|error: Error| {
            tracing::error!(%job, error = format!("{error:#}"), "a job could not be attempted");
            None
        })
    }

    async fn try_job(&self, lease: &Lease) -> Result<Ended> {
        let tx = retry_while_busy(|| self.db.begin(lease.tenant, Mode::Write)).await?;
        let begun = begin_attempt(&tx, &self.jobs, lease).await;
        let (job, mut attempt) = match tx.end(begun).await? {
            Some((job, Prepared::Attempt(attempt))) => (job, attempt),
            Some((_, Prepared::PutOff(at))) => return Ok(Ended::PutOff(at)),
            Some((_, Prepared::Nothing)) | None => return Ok(Ended::Over),
        };
        if !lease.leaves_time() {
            return Err(anyhow::anyhow!("the database took so long that the lease runs out").into());
        }
        let mut course = self.course.clone();
        let outcome = tokio::select! {
            biased;
            outcome = outside::within(attempt.perform()) => outcome,
            Ok(_) = course.wait_for(|course| *course == Course::Ends) => return Ok(Ended::CutOff),
        };
        // At once, and before anything else is begun: what is not written down is done again.
        let tx = retry_while_busy(|| self.db.begin(lease.tenant, Mode::Write)).await?;
        let again = end_attempt(&tx, lease, job, attempt, outcome).await;
        Ok(tx.end(again).await?.map_or(Ended::Over, Ended::Again))
    }

    /// Gives the lease back: the line goes, or is due again later. Takes the lease of the next line that is
    /// due with it, if one is wanted.
    async fn release(&self, lease: Lease, again: Option<Again>) -> Result<Option<Lease>> {
        let tx = retry_while_busy(|| self.db.begin_system(Mode::Write)).await?;
        let released = async {
            give_back(&tx, lease.job, lease.number, again).await?;
            drop(lease);
            let wants_more = *self.course.borrow() == Course::Works;
            match wants_more {
                true => self::lease(&tx, &self.places).await,
                false => Ok(None),
            }
        };
        let released = released.await;
        tx.end(released).await
    }
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

/// Tries more than once while the database is busy: what is not written down is done again.
async fn retry_while_busy<T, F: Future<Output = Result<T>>>(begin: impl Fn() -> F) -> Result<T> {
    for _ in 1..TRIES {
        match begin().await {
            Err(Error::Later { .. }) => {}
            begun => return begun,
        }
    }
    begin().await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::error::Code;
    use std::cell::Cell;

    #[tokio::test]
    async fn a_busy_database_is_asked_again_a_few_times_and_a_broken_one_is_not() {
        let busy = || Error::Later {
            code: Code::Busy,
            retry_after: 1,
        };
        let asked = Cell::new(0);
        let after = async |failures: usize, error: &dyn Fn() -> Error| {
            asked.set(0);
            let begin = || {
                asked.set(asked.get() + 1);
                std::future::ready(match asked.get() <= failures {
                    true => Err(error()),
                    false => Ok(()),
                })
            };
            (retry_while_busy(begin).await.is_ok(), asked.get())
        };
        assert_eq!(after(0, &busy).await, (true, 1));
        assert_eq!(after(TRIES - 1, &busy).await, (true, TRIES));
        assert_eq!(after(TRIES, &busy).await, (false, TRIES));
        let broken = || Error::Internal(anyhow::anyhow!("no such table"));
        assert_eq!(after(1, &broken).await, (false, 1));
    }
}
