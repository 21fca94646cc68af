//! Making a backup every day, and removing those that are not kept any more.

use super::{
    NewBackup, create,
    entity::{Column, Entity, State},
    policy::Schedule,
    reading, remove,
};
use crate::{
    audit::{self, Outcome},
    context::Services,
    job::{self, Job, Prepared},
    kit::{
        archive::BackupKeys,
        db::Tx,
        error::{Error, Result},
        time::Timestamp,
    },
    notification::{self, Event, Notice},
    setting, tenant,
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// The kind of these jobs.
const KIND: &str = "schedule-backup";
/// A backup that was made by itself within this time is that of the day: the time of day may have been changed.
const DAILY: TimeDelta = TimeDelta::hours(12);
/// The newest is older only if that of the day before was not made.
const OVERDUE: TimeDelta = TimeDelta::hours(36);
/// Minutes over which the tenants of an instance begin.
const SPREAD: u128 = 30;

/// Makes backups by themselves, as the policy `backups` says.
pub struct ScheduleJob(pub Services);

/// Has the next one made when the policy says so.
pub async fn reschedule(tx: &Tx) -> Result<()> {
    let (schedule, _) = setting::read::<Schedule>(tx).await?;
    next(tx, &schedule, None).await
}

async fn next(tx: &Tx, schedule: &Schedule, but: Option<crate::kit::id::JobId>) -> Result<()> {
    if !schedule.enabled {
        return Ok(());
    }
    let minutes = i64::try_from(tx.tenant().0.as_u128() % SPREAD).unwrap_or_default();
    let at = schedule.next(tx.now, TimeDelta::minutes(minutes));
    job::schedule(tx, KIND, at, but).await
}

#[async_trait]
impl Job for ScheduleJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let (schedule, _) = setting::read::<Schedule>(tx).await?;
        if schedule.enabled {
            let is_refused = !self.make(tx, &schedule).await?;
            let last = clear(tx, &schedule).await?;
            tell_overdue(tx, last, is_refused).await?;
            reading::schedule(tx).await?;
        } else {
            notification::end(tx, Event::BackupOverdue, KIND).await?;
        }
        next(tx, &schedule, Some(job.id)).await?;
        if tx.has_changes() {
            let act = audit::Act {
                actor: None,
                peer: None,
                action: "backups:create",
                object: "*",
                outcome: Outcome::Done,
            };
            audit::append(tx, &self.0.master, act).await?;
        }
        Ok(Prepared::Nothing)
    }
}

impl ScheduleJob {
    /// Has that of the day made, and answers whether it could be begun.
    async fn make(&self, tx: &Tx, schedule: &Schedule) -> Result<bool> {
        let recent = scheduled().filter(Column::CreatedAt.gt(tx.now - DAILY));
        if recent.one(tx).await?.is_some() {
            return Ok(true);
        }
        let tenant = tenant::get(&self.0.db, tx.tenant()).await?;
        let keys = BackupKeys::of(&self.0.master);
        let new = NewBackup {
            include_files: schedule.include_files,
            expires_at: None,
            scheduled: true,
        };
        match create(tx, &keys, &tenant.name, new).await {
            // Somebody makes one just now, or there is no room: tomorrow is another day.
            Err(error @ (Error::Refused(_) | Error::Explained { .. })) => {
                tracing::warn!(tenant = &*tenant.name, %error, "no backup was made by itself");
                Ok(false)
            }
            made => made.map(|_| true),
        }
    }
}

/// Those that were made by themselves.
fn scheduled() -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Scheduled.eq(true))
}

/// Has those told, once, who look after the tenant, if the newest that was made is too old, or if there is none although
/// one was tried.
async fn tell_overdue(tx: &Tx, last: Option<DateTime<Utc>>, is_refused: bool) -> Result<()> {
    let failed = scheduled().filter(Column::State.eq(State::Failed));
    let is_overdue = match last {
        Some(last) => last + OVERDUE <= tx.now,
        None => is_refused || failed.one(tx).await?.is_some(),
    };
    if !is_overdue {
        return notification::end(tx, Event::BackupOverdue, KIND).await;
    }
    let last = last.map(|last| Timestamp(last).to_string());
    let notice = Notice::of(Event::BackupOverdue, last.unwrap_or_default());
    notification::tell_once(tx, KIND, &notice).await.map(drop)
}

/// Removes those that are not kept any more, and answers when the newest was wanted that was made. That which is being
/// made is not there to be kept instead.
async fn clear(tx: &Tx, schedule: &Schedule) -> Result<Option<DateTime<Utc>>> {
    // One that cannot be restored is none: nothing goes because it is there, and whoever looks for what is wrong finds it.
    let good = scheduled().filter(Column::Damage.is_null());
    let made = good.filter(Column::State.eq(State::Succeeded));
    let made = made.order_by_desc(Column::CreatedAt).all(tx).await?;
    let made: Vec<_> = made.into_iter().map(|row| (row.id, row.created_at)).collect();
    for id in schedule.surplus(&made) {
        remove(tx, id).await?;
    }
    // Those that could not be made say so until the next one is there.
    if let Some((_, newest)) = made.first() {
        let failed = scheduled().filter(Column::State.eq(State::Failed));
        for row in failed.filter(Column::CreatedAt.lt(*newest)).all(tx).await? {
            remove(tx, row.id).await?;
        }
    }
    Ok(made.first().map(|(_, newest)| *newest))
}
