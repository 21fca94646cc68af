//! Work outside transactions: rows of the transaction that wants it, done at least once.
//!
//! A job row says what is wanted; a line in the instance's `todo` says when and who is at it. A
//! worker leases a line, reads the row in a transaction ([`Job::prepare`]), does the work with
//! no transaction open ([`Attempt::perform`]), and writes what came of it together with the job's
//! end ([`Attempt::conclude`]). A worker that dies loses its lease and somebody else begins again.

pub use crate::kit::failure::Failure;
use crate::kit::{
    db::{self, Db, Mode, SystemTx, Tx},
    error::{Error, Result},
    id::{JobId, TenantId},
    sweep,
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Statement};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Seconds before each further attempt; after the last one the job has failed.
const BACKOFF: &[i64] = &[2, 10, 30, 60, 300, 900, 3600, 3600, 3600, 3600, 3600, 3600];
/// How long one attempt may take before another worker may begin the job again.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// How often the worker waits for its turn at the database before it gives an attempt up.
const TRIES: usize = 3;
/// Jobs done at a time by one process.
const AT_ONCE: usize = 8;
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
    /// It failed and will be tried again.
    Retried,
    /// It failed for good.
    Failed,
}

/// A kind of job.
#[async_trait]
pub trait Job: Send + Sync + 'static {
    /// The name of the kind, as rows have it.
    fn kind(&self) -> &'static str;

    /// Reads in a transaction what there is to do; `None` if it is no longer wanted.
    async fn prepare(&self, tx: &Tx, job: &entity::Model) -> Result<Option<Box<dyn Attempt>>>;
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
    let id = JobId::new(tx.now);
    let row = entity::Model {
        id,
        kind: kind.to_owned(),
        payload,
        state: "queued".to_owned(),
        run_at: tx.now,
        created_at: tx.now,
        finished_at: None,
    };
    db::insert(tx, row).await?;
    tx.hint(id, tx.now).await?;
    Ok(id)
}

/// The attempts at a job, first one first.
pub async fn attempts(tx: &Tx, job: JobId) -> Result<Vec<attempt::Model>> {
    use sea_orm::{ColumnTrait, QueryFilter};
    Ok(attempt::Entity::find()
        .filter(attempt::Column::JobId.eq(job))
        .order_by_asc(attempt::Column::Number)
        .all(tx)
        .await?)
}

/// A line of `todo` this worker holds the lease of.
struct Lease {
    job: JobId,
    tenant: TenantId,
    /// Counts the leases of this line: an attempt whose lease was taken over writes nothing.
    attempt: i32,
}

/// Works until `stop` resolves, then finishes what it holds.
pub async fn run(db: &Db, jobs: &Jobs, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    // Tasks of their own: an attempt holds transactions that this loop itself waits for.
    let mut running = JoinSet::new();
    let stops = Arc::new(AtomicBool::new(false));
    loop {
        match claim(db, AT_ONCE - running.len()).await {
            Ok(leases) => {
                for lease in leases {
                    let (db, jobs, stops) = (db.clone(), jobs.clone(), stops.clone());
                    running.spawn(async move {
                        let mut next = Some(lease);
                        while let Some(lease) = next {
                            let wants_more = || !stops.load(Ordering::SeqCst);
                            next = attempt_job(&db, &jobs, &lease, wants_more).await;
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
    stops.store(true, Ordering::SeqCst);
    running.join_all().await;
}

#[expect(clippy::disallowed_methods, reason = "the worker's loop is where the server waits")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Does everything that is due now and returns how many attempts that took.
pub async fn drain(db: &Db, jobs: &Jobs) -> Result<usize> {
    let mut made = 0;
    loop {
        let leases = claim(db, AT_ONCE).await?;
        if leases.is_empty() {
            return Ok(made);
        }
        made += leases.len();
        for lease in leases {
            attempt_job(db, jobs, &lease, || false).await;
        }
    }
}

/// Leases up to `most` lines that are due.
async fn claim(db: &Db, most: usize) -> Result<Vec<Lease>> {
    if most == 0 {
        return Ok(vec![]);
    }
    let any = async |tx: &SystemTx| {
        let sql = format!("select job_id {DUE} limit 1");
        let any = Statement::from_sql_and_values(tx.get_database_backend(), sql, [tx.now.into()]);
        Ok(tx.query_one_raw(any).await?.is_some())
    };
    match db.run_system(Mode::Read, any).await? {
        true => db.run_system(Mode::Write, async |tx| lease(tx, most).await).await,
        false => Ok(vec![]),
    }
}

const DUE: &str = "from todo where run_at <= $1 and (leased_until is null or leased_until <= $1)";

async fn lease(tx: &SystemTx, most: usize) -> Result<Vec<Lease>> {
    let backend = tx.get_database_backend();
    let skip = match backend {
        DbBackend::Postgres => "for update skip locked",
        _ => "",
    };
    let sql = format!(
        "update todo set leased_until = $2, attempts = attempts + 1 where job_id in \
         (select job_id {DUE} order by run_at limit {most} {skip}) returning job_id, tenant_id, attempts"
    );
    let claim = Statement::from_sql_and_values(backend, sql, [tx.now.into(), (tx.now + LEASE).into()]);
    let rows = tx.query_all_raw(claim).await?.into_iter();
    rows.map(|row| {
        Ok(Lease {
            job: JobId(row.try_get("", "job_id")?),
            tenant: TenantId(row.try_get("", "tenant_id")?),
            attempt: row.try_get("", "attempts")?,
        })
    })
    .collect()
}

/// Attempts a job, and leases the next one if more is wanted then.
async fn attempt_job(db: &Db, jobs: &Jobs, lease: &Lease, wants_more: impl Fn() -> bool) -> Option<Lease> {
    let attempted = async {
        let again = try_job(db, jobs, lease).await?;
        release(db, lease, again, wants_more()).await
    };
    attempted.await.unwrap_or_else(|error| {
        let job = lease.job;
        tracing::error!(%job, error = format!("{error:#}"), "a job could not be attempted");
        None
    })
}

/// Attempts a job, and answers when it is due again, if it is.
async fn try_job(db: &Db, jobs: &Jobs, lease: &Lease) -> Result<Option<DateTime<Utc>>> {
    let tx = retry_while_busy(|| db.begin(lease.tenant, Mode::Write)).await?;
    let begun = begin_attempt(&tx, jobs, lease).await;
    let Some((job, mut attempt)) = tx.end(begun).await? else {
        return Ok(None);
    };
    let outcome = attempt.perform().await;
    let tx = retry_while_busy(|| db.begin(lease.tenant, Mode::Write)).await?;
    let again = end_attempt(&tx, lease, job, attempt, outcome).await;
    tx.end(again).await
}

/// The job and what it needs; `None` if there is nothing to do any more.
async fn begin_attempt(tx: &Tx, jobs: &Jobs, lease: &Lease) -> Result<Option<(entity::Model, Box<dyn Attempt>)>> {
    let job = entity::Entity::find_by_id(lease.job).one(tx).await?;
    // No row: its transaction was rolled back, or the job was finished by the worker we take over from.
    let Some(job) = job.filter(|job| job.state == "queued") else {
        return Ok(None);
    };
    match jobs.of_kind(&job.kind)?.prepare(tx, &job).await? {
        Some(attempt) => Ok(Some((job, attempt))),
        None => finish(tx, job, "done").await.map(|()| None),
    }
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
        .copied();
    let end = match &outcome {
        Ok(()) => End::Done,
        Err(failure) if failure.permanent || wait.is_none() => End::Failed,
        Err(_) => End::Retried,
    };
    record(tx, lease, outcome.as_ref().err()).await?;
    attempt.conclude(tx, end).await?;
    match end {
        End::Done => finish(tx, job, "done").await?,
        End::Failed => finish(tx, job, "failed").await?,
        End::Retried => return Ok(wait.map(|wait| tx.now + TimeDelta::seconds(wait))),
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
    sweep::sweep(tx, "job", "id", "finished_at", tx.now - KEPT).await
}

/// Gives the lease back: the line goes, or is due again later. Takes the lease of the next line that is
/// due with it, if one is wanted.
async fn release(db: &Db, lease: &Lease, again: Option<DateTime<Utc>>, wants_more: bool) -> Result<Option<Lease>> {
    let tx = retry_while_busy(|| db.begin_system(Mode::Write)).await?;
    let released = async {
        give_back(&tx, lease, again).await?;
        match wants_more {
            true => Ok(self::lease(&tx, 1).await?.pop()),
            false => Ok(None),
        }
    };
    let released = released.await;
    tx.end(released).await
}

async fn give_back(tx: &SystemTx, lease: &Lease, again: Option<DateTime<Utc>>) -> Result<()> {
    let mine = "where job_id = $1 and attempts = $2";
    let (sql, mut values) = match again {
        None => (format!("delete from todo {mine}"), vec![]),
        Some(at) => (
            format!("update todo set run_at = $3, leased_until = null {mine}"),
            vec![at.into()],
        ),
    };
    values.splice(0..0, [lease.job.0.into(), lease.attempt.into()]);
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values))
        .await?;
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
