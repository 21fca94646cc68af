//! What is told to applications whose sessions ended (`OpenID` Connect Back-Channel Logout 1.0), and what came of it.

use super::entity::{Column, Entity, delivery};
use crate::{
    job,
    kit::{
        db::{self, Tx},
        error::Result,
        id::{ApplicationId, JobId, SessionId, UserId},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// The kind of a job that tells an application.
pub const LOGOUT_JOB: &str = "logout";
/// Deliveries of one application that are listed.
const MOST_LISTED: u64 = 100;

/// A session of an application that ended, or whose browser signed out.
#[derive(Clone, Copy, Debug)]
pub struct EndedSession {
    /// The application.
    pub application: ApplicationId,
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserId,
}

/// What became of one delivery.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// What is told.
    pub delivery: delivery::Model,
    /// The job that tells it.
    pub job: job::entity::Model,
    /// The attempts, first one first.
    pub attempts: Vec<job::attempt::Model>,
}

/// Has applications that want to know told of these sessions after the transaction has committed.
pub async fn tell_ended(tx: &Tx, ended: &[EndedSession]) -> Result<()> {
    let of: BTreeSet<ApplicationId> = ended.iter().map(|ended| ended.application).collect();
    if of.is_empty() {
        return Ok(());
    }
    let told: Vec<ApplicationId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(of))
        .filter(Column::BackchannelLogoutUri.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    for ended in ended {
        if !told.contains(&ended.application) {
            continue;
        }
        let row = delivery::Model {
            job_id: job::add(tx, LOGOUT_JOB, json!({ "session": ended.session })).await?,
            application_id: ended.application,
            session_id: ended.session,
            user_id: ended.user,
        };
        db::insert(tx, row).await?;
    }
    Ok(())
}

/// What a job tells whom; none if the application is gone.
pub async fn delivery_of_job(tx: &Tx, job: JobId) -> Result<Option<delivery::Model>> {
    Ok(delivery::Entity::find_by_id(job).one(tx).await?)
}

/// What was told to an application in the last 30 days or is to be, newest first, up to 100.
pub async fn deliveries(tx: &Tx, of: ApplicationId) -> Result<Vec<Delivered>> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::ApplicationId.eq(of))
        .order_by_desc(delivery::Column::JobId)
        .limit(MOST_LISTED)
        .all(tx)
        .await?;
    let ids: Vec<JobId> = rows.iter().map(|row| row.job_id).collect();
    let jobs = job::entity::Entity::find().filter(job::entity::Column::Id.is_in(ids.iter().copied()));
    let jobs = jobs.all(tx).await?.into_iter().map(|job| (job.id, job));
    let mut jobs: HashMap<JobId, _> = jobs.collect();
    let mut attempts: HashMap<JobId, Vec<_>> = HashMap::new();
    for row in job::attempts_of(tx, ids).await? {
        attempts.entry(row.job_id).or_default().push(row);
    }
    let delivered = rows.into_iter().filter_map(|delivery| {
        Some(Delivered {
            job: jobs.remove(&delivery.job_id)?,
            attempts: attempts.remove(&delivery.job_id).unwrap_or_default(),
            delivery,
        })
    });
    Ok(delivered.collect())
}
