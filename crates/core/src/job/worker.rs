//! The worker: it takes what is due, and has it done.

use super::{
    Attempt, Beat, Jobs, Prepared, begin_attempt, end_attempt,
    places::Places,
    todo::{Again, Lease, claim, give_back, lease, renew},
};
use crate::kit::{
    db::{Db, Mode},
    error::{Error, Result},
    failure::Failure,
    outside,
};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::{sync::watch, task::JoinSet, time::timeout};

/// How often the worker waits for its turn at the database before it gives an attempt up.
const TRIES: usize = 3;
/// How long an attempt that waits for the outside may go on when the worker stops. One that is cut off then
/// keeps its lease, and the job is begun again after it, or by the next server of the directory.
const GRACE: Duration = Duration::from_secs(6);
/// How long what has been done outside may take to be written down then.
const LAST: Duration = Duration::from_secs(2);
/// How often a long attempt renews its lease.
const BEAT: Duration = Duration::from_secs(20);

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

/// What became of a lease that was to be renewed.
enum Kept {
    Mine,
    /// The work is not wanted any more.
    Unwanted,
    /// Somebody else has it.
    Lost,
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
            Some(outcome) = self.perform(lease, &mut *attempt) => outcome,
            Ok(_) = course.wait_for(|course| *course == Course::Ends) => return Ok(Ended::CutOff),
            else => return Ok(Ended::CutOff),
        };
        // At once, and before anything else is begun: what is not written down is done again.
        let tx = retry_while_busy(|| self.db.begin(lease.tenant, Mode::Write)).await?;
        let again = end_attempt(&tx, lease, job, attempt, outcome).await;
        Ok(tx.end(again).await?.map_or(Ended::Over, Ended::Again))
    }

    /// Does what there is to do; `None` if somebody else is at it by now.
    async fn perform(&self, lease: &Lease, attempt: &mut dyn Attempt) -> Option<Result<(), Failure>> {
        let Some(beat) = attempt.beat() else {
            return Some(outside::within(attempt.perform()).await);
        };
        let mut performed = attempt.perform();
        loop {
            tokio::select! {
                biased;
                outcome = &mut performed => return Some(outcome),
                () = pause(BEAT) => {}
            }
            match self.keep(lease, &*beat).await {
                Ok(Kept::Mine) => {}
                Ok(Kept::Unwanted) => {
                    return Some(Err(Failure {
                        error: "it was given up".to_owned(),
                        permanent: true,
                    }));
                }
                Ok(Kept::Lost) => return None,
                // It is tried again before the lease ends.
                Err(error) => tracing::warn!(job = %lease.job, error = format!("{error:#}"), "a lease is not renewed"),
            }
        }
    }

    async fn keep(&self, lease: &Lease, beat: &dyn Beat) -> Result<Kept> {
        let renewed = self.db.run_system(Mode::Write, async |tx| renew(tx, lease).await);
        if !renewed.await? {
            return Ok(Kept::Lost);
        }
        let wanted = self.db.run(lease.tenant, Mode::Write, async |tx| beat.beat(tx).await);
        Ok(if wanted.await? { Kept::Mine } else { Kept::Unwanted })
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
