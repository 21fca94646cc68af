//! Making backups, and removing their files.

use super::{
    begin,
    entity::{Entity, State},
    export::{self, Made, Progress, Source},
    forget, note,
};
use crate::{
    context::Services,
    job::{self, Attempt, Beat, End, Job, Prepared},
    kit::{
        archive::Recipient,
        blob::{Key, Store},
        db::Tx,
        error::{Code, Error, Result},
        failure::Failure,
        id::{BackupId, TenantId},
    },
    tenant,
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::Deserialize;
use std::sync::{Arc, atomic::Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The kind of jobs that make one.
pub(super) const MAKE: &str = "make-backup";
/// The kind of jobs that remove the file of one.
pub(super) const REMOVE: &str = "remove-backup";
/// Backups that one server makes at a time.
const AT_ONCE: usize = 2;
/// When a backup is tried again that found no place.
const LATER: TimeDelta = TimeDelta::seconds(5);
/// Attempts at one backup.
const ATTEMPTS: usize = 2;

/// What a job is about.
#[derive(Deserialize)]
pub(super) struct Payload {
    backup: BackupId,
}

impl Payload {
    pub(super) fn of(job: &job::entity::Model) -> Result<BackupId> {
        let payload: Self = serde_json::from_value(job.payload.clone()).context("the payload of a job")?;
        Ok(payload.backup)
    }
}

/// Makes backups.
pub struct BackupJob {
    services: Services,
    files: Arc<dyn Store>,
    places: Arc<Semaphore>,
}

impl BackupJob {
    /// Into this store.
    #[must_use]
    pub fn new(services: Services, files: Arc<dyn Store>) -> Self {
        Self {
            services,
            files,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

#[async_trait]
impl Job for BackupJob {
    fn kind(&self) -> &'static str {
        MAKE
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let id = Payload::of(job)?;
        let Some(row) = Entity::find_by_id(id).one(tx).await? else {
            return Ok(Prepared::Nothing);
        };
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return Ok(Prepared::PutOff(tx.now + LATER));
        };
        begin(tx, id).await?;
        let recipients: Vec<Recipient> =
            serde_json::from_value(row.recipients).context("the recipients of a backup")?;
        let progress = Arc::new(Progress::default());
        let tenant = tenant::get(&self.services.db, tx.tenant()).await?;
        Ok(Prepared::attempt(Making {
            id,
            is_last: job::attempts(tx, job.id).await?.len() + 1 >= ATTEMPTS,
            services: self.services.clone(),
            source: Some(Source {
                id,
                public_url: self.services.urls.of(&tenant),
                tenant,
                recipients,
                include_files: row.include_files,
                created_at: row.created_at,
                snapshot: tx.snapshot().await?,
                progress: progress.clone(),
            }),
            files: self.files.clone(),
            progress: Arc::new(Pulse { id, progress }),
            made: None,
            _place: place,
        }))
    }
}

/// One attempt at a backup.
struct Making {
    id: BackupId,
    is_last: bool,
    services: Services,
    source: Option<Source>,
    files: Arc<dyn Store>,
    progress: Arc<Pulse>,
    made: Option<Made>,
    _place: OwnedSemaphorePermit,
}

/// What is said of it while it is made.
struct Pulse {
    id: BackupId,
    progress: Arc<Progress>,
}

#[async_trait]
impl Beat for Pulse {
    async fn beat(&self, tx: &Tx) -> Result<bool> {
        let done = self.progress.done.load(Ordering::Relaxed);
        let done = i64::try_from(done).unwrap_or(i64::MAX);
        note(tx, self.id, |row| {
            row.step = Set(Some(self.progress.step().to_owned()));
            row.done = Set(done);
        })
        .await
    }
}

#[async_trait]
impl Attempt for Making {
    async fn perform(&mut self) -> Result<(), Failure> {
        let Some(source) = self.source.take() else {
            return Ok(());
        };
        match export::export(source, (&*self.files, &self.services.master)).await {
            Ok(made) => {
                self.made = Some(made);
                Ok(())
            }
            Err(error) => Err(Failure {
                permanent: self.is_last
                    || matches!(
                        &error,
                        Error::Later {
                            code: Code::StorageFull,
                            ..
                        }
                    ),
                error: format!("{error:#}"),
            }),
        }
    }

    fn beat(&self) -> Option<Arc<dyn Beat>> {
        Some(self.progress.clone())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let made = self.made;
        let is_wanted = note(tx, self.id, |row| match (end, made) {
            (End::Done, Some(made)) => {
                let number = |n: u64| Some(i64::try_from(n).unwrap_or(i64::MAX));
                row.state = Set(State::Succeeded);
                row.completed_at = Set(Some(tx.now));
                row.step = Set(None);
                row.size = Set(number(made.size));
                row.sha256 = Set(Some(made.sha256));
                row.rows = Set(number(made.rows));
                row.files = Set(number(made.files));
                row.done = Set(i64::try_from(made.rows + made.files).unwrap_or(i64::MAX));
                row.audit_head = Set(Some(made.audit_head));
            }
            (End::Retried(_), _) => row.state = Set(State::Pending),
            _ => {
                row.state = Set(State::Failed);
                row.completed_at = Set(Some(tx.now));
                row.failure_reason = Set(Some("SystemError".to_owned()));
                row.failure_message = Set(Some("It could not be made; the server's log says why.".to_owned()));
            }
        })
        .await?;
        // Somebody deleted it while it was made.
        if !is_wanted && end == End::Done {
            job::add(tx, REMOVE, serde_json::json!({ "backup": self.id })).await?;
        }
        Ok(())
    }
}

/// Removes the files of backups that are gone, and backups whose time is over.
pub struct RemovalJob(pub Arc<dyn Store>);

#[async_trait]
impl Job for RemovalJob {
    fn kind(&self) -> &'static str {
        REMOVE
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let id = Payload::of(job)?;
        forget(tx, id).await?;
        Ok(Prepared::attempt(Removal {
            id,
            tenant: tx.tenant(),
            files: self.0.clone(),
        }))
    }
}

/// One removal of a file.
struct Removal {
    id: BackupId,
    tenant: TenantId,
    files: Arc<dyn Store>,
}

#[async_trait]
impl Attempt for Removal {
    async fn perform(&mut self) -> Result<(), Failure> {
        let key = Key::of_backup(self.tenant, self.id);
        self.files.delete(&key).await.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })
    }

    async fn conclude(self: Box<Self>, _: &Tx, _: End) -> Result<()> {
        Ok(())
    }
}
