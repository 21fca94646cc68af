//! Reading the newest backup to its end once a week: a file that nobody read is a hope.

use super::{
    Backup,
    check::{Checked, check},
    entity::{Column, Entity},
    job::Payload,
    made, note,
};
use crate::{
    audit::{self, Outcome},
    context::Services,
    job::{self, Attempt, Beat, End, Job, Prepared},
    kit::{
        archive::{BackupKeys, Refusal},
        blob::{Key, Store},
        db::Tx,
        error::{Code, Result},
        failure::Failure,
        id::{BackupId, TenantId},
    },
    notification::{self, Event, Notice},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use std::sync::Arc;

/// The kind of these jobs.
const KIND: &str = "read-backup";
/// One that was read within this time is that of the week: it is looked at once a day, and reading takes its time.
const WEEKLY: TimeDelta = TimeDelta::hours(6 * 24 + 12);

/// Has the newest read, unless one was within the week.
pub(super) async fn schedule(tx: &Tx) -> Result<()> {
    let recent = Entity::find().filter(Column::ReadAt.gt(tx.now - WEEKLY));
    if recent.one(tx).await?.is_some() {
        return Ok(());
    }
    let newest = made(tx).await?.into_iter().find(|backup| !backup.0.before_restore);
    if let Some(newest) = newest {
        job::add(tx, KIND, json!({ "backup": newest.id() })).await?;
    }
    Ok(())
}

/// Reads backups.
pub struct ReadingJob {
    services: Services,
    files: Arc<dyn Store>,
}

impl ReadingJob {
    /// From this store.
    #[must_use]
    pub fn new(services: Services, files: Arc<dyn Store>) -> Self {
        Self { services, files }
    }
}

#[async_trait]
impl Job for ReadingJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let id = Payload::of(job)?;
        let Some(row) = Entity::find_by_id(id).one(tx).await? else {
            return Ok(Prepared::Nothing);
        };
        let backup = Backup(row);
        let Ok((size, _)) = backup.file() else {
            return Ok(Prepared::Nothing);
        };
        Ok(Prepared::attempt(Reading {
            id,
            filename: backup.filename().to_owned(),
            size,
            tenant: tx.tenant(),
            services: self.services.clone(),
            files: self.files.clone(),
            damage: None,
        }))
    }
}

/// One attempt at reading a backup.
struct Reading {
    id: BackupId,
    filename: String,
    size: u64,
    tenant: TenantId,
    services: Services,
    files: Arc<dyn Store>,
    /// What is wrong with it.
    damage: Option<String>,
}

impl Reading {
    async fn read(&self) -> anyhow::Result<Checked> {
        let keys = BackupKeys::of(&self.services.master);
        let key = Key::of_backup(self.tenant, self.id);
        let file = self.files.get(&key, 0..self.size).await?;
        check(&keys, &[], file).await
    }
}

/// Whether a backup is still there while it is read.
struct Wanted(BackupId);

#[async_trait]
impl Beat for Wanted {
    async fn beat(&self, tx: &Tx) -> Result<bool> {
        Ok(Entity::find_by_id(self.0).one(tx).await?.is_some())
    }
}

#[async_trait]
impl Attempt for Reading {
    async fn perform(&mut self) -> Result<(), Failure> {
        let read = self.read().await;
        self.damage = match read {
            Ok(checked) if checked.opened.header.id == self.id.to_string() => None,
            Ok(_) => Some("it is the file of another backup".to_owned()),
            Err(error) => match error.downcast_ref::<Refusal>() {
                Some(refusal) => Some(refusal.to_string()),
                // The store may answer again.
                None => {
                    return Err(Failure {
                        error: format!("{error:#}"),
                        permanent: false,
                    });
                }
            },
        };
        Ok(())
    }

    fn beat(&self) -> Option<Arc<dyn Beat>> {
        Some(Arc::new(Wanted(self.id)))
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let damage = match end {
            End::Retried(_) => return Ok(()),
            End::Done => self.damage,
            End::Failed => Some("the file cannot be read; the server's log says why".to_owned()),
        };
        let is_there = note(tx, self.id, |row| {
            row.read_at = Set(Some(tx.now));
            row.damage = Set(damage.clone());
        })
        .await?;
        let (true, Some(damage)) = (is_there, damage) else {
            return Ok(());
        };
        tx.changed("backup", &self.id, Value::Null, json!({ "damage": damage }));
        let act = audit::Act {
            actor: None,
            peer: None,
            action: "backups:get",
            object: &self.id.to_string(),
            outcome: Outcome::Refused(Code::BackupDamaged),
        };
        audit::append(tx, &self.services.master, act).await?;
        notification::tell(tx, &Notice::of(Event::BackupDamaged, self.filename)).await
    }
}
