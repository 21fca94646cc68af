//! What is told to applications whose sessions ended (`OpenID` Connect Back-Channel Logout 1.0), and what came of it.

use super::entity::{Column, Entity, delivery};
use crate::{
    job,
    kit::{
        db::{self, Tx},
        error::Result,
        id::{ApplicationId, JobId, SessionId, UserId},
        page::{Listed, Timeline},
        selector::Values,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Query};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// The kind of a job that tells an application.
pub const LOGOUT_JOB: &str = "logout";

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
            created_at: tx.now,
        };
        db::insert(tx, row).await?;
    }
    Ok(())
}

/// What a job tells whom; none if the application is gone.
pub async fn delivery_of_job(tx: &Tx, job: JobId) -> Result<Option<delivery::Model>> {
    Ok(delivery::Entity::find_by_id(job).one(tx).await?)
}

/// One page of what was told to an application in the last 30 days or is to be, of which each has one of these states.
pub async fn deliveries(
    tx: &Tx,
    of: ApplicationId,
    states: &[Values],
    timeline: &Timeline,
) -> Result<Listed<Delivered>> {
    let mut query = delivery::Entity::find().filter(delivery::Column::ApplicationId.eq(of));
    for values in states {
        let jobs = Query::select()
            .column(job::entity::Column::Id)
            .from(job::entity::Entity)
            .and_where(values.of(job::entity::Column::State))
            .to_owned();
        query = query.filter(delivery::Column::JobId.in_subquery(jobs));
    }
    let columns = (delivery::Column::CreatedAt, delivery::Column::JobId);
    let place = |row: &delivery::Model| (row.created_at, row.job_id);
    let listed = timeline.read(tx, "logout-deliveries", query, columns, place).await?;
    let ids: Vec<JobId> = listed.items.iter().map(|row| row.job_id).collect();
    let jobs = job::entity::Entity::find().filter(job::entity::Column::Id.is_in(ids.iter().copied()));
    let jobs = jobs.all(tx).await?.into_iter().map(|job| (job.id, job));
    let mut jobs: HashMap<JobId, _> = jobs.collect();
    let mut attempts: HashMap<JobId, Vec<_>> = HashMap::new();
    for row in job::attempts_of(tx, ids).await? {
        attempts.entry(row.job_id).or_default().push(row);
    }
    listed.try_map(|delivery| {
        let job = jobs.remove(&delivery.job_id);
        Ok(Delivered {
            job: job.ok_or_else(|| anyhow::anyhow!("a delivery without its job"))?,
            attempts: attempts.remove(&delivery.job_id).unwrap_or_default(),
            delivery,
        })
    })
}
