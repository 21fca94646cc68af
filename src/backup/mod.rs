//! Backups: a tenant in one file that is signed and sealed, made while everything goes on.

pub mod api;
mod check;
mod contents;
pub mod entity;
mod export;
mod job;
mod load;
pub mod policy;
mod reading;
mod report;
pub mod restoration;
mod restore;
mod scheduled;
mod secrets;
pub mod wire;

pub use check::{Checked, check};
pub use contents::put_contents;
pub use export::{Made, export_alone, export_before};
pub use job::{BackupJob, RemovalJob};
pub use load::{By, Loaded, load};
pub use reading::ReadingJob;
pub use report::{Names, Past, Report, report};
pub use restoration::Restoration;
pub use restore::{Target, put};
pub use scheduled::{ScheduleJob, reschedule};

use crate::{
    job as jobs,
    kit::{
        archive::{BackupKeys, FileKey},
        db::{self, Tx},
        error::{Code, Error, Result},
        id::BackupId,
        page::{Listed, Timeline},
        selector::Values,
    },
    quota::{self, Quota},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Column, Entity, Model, State};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

/// Backups that a tenant may have.
const MOST: u64 = 30;
/// How long a restore can be undone.
const UNDO: TimeDelta = TimeDelta::days(7);

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup(Model);

/// A backup that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBackup {
    /// Whether files are to be in it.
    pub include_files: bool,
    /// When it is to be removed.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it is made by itself.
    pub scheduled: bool,
}

impl Backup {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> BackupId {
        self.0.id
    }

    /// What its file is called.
    #[must_use]
    pub fn filename(&self) -> &str {
        &self.0.filename
    }

    /// Its file, if it is there: how long it is, and its hash.
    ///
    /// # Errors
    /// [`Code::BackupNotReady`].
    pub fn file(&self) -> Result<(u64, &str)> {
        let size = self.0.size.and_then(|size| u64::try_from(size).ok());
        match (self.0.state, size, &self.0.sha256) {
            (State::Succeeded, Some(size), Some(sha256)) => Ok((size, sha256)),
            _ => Err(Code::BackupNotReady.into()),
        }
    }

    fn audit_view(&self) -> Value {
        json!({
            "filename": self.0.filename,
            "includeFiles": self.0.include_files,
            "expiresAt": self.0.expires_at,
        })
    }
}

/// What a file of this tenant is called that was wanted at this time.
#[must_use]
pub fn filename(tenant: &str, at: DateTime<Utc>) -> String {
    format!("{tenant}-{}.tntb", at.format("%Y%m%dT%H%M%SZ"))
}

/// One page of the backups whose state is among these.
pub async fn list(tx: &Tx, states: &[Values], timeline: &Timeline) -> Result<Listed<Backup>> {
    let query = states
        .iter()
        .fold(Entity::find(), |query, values| query.filter(values.of(Column::State)));
    let place = |row: &Model| (row.created_at, row.id);
    let listed = timeline.read(tx, "backups", query, (Column::CreatedAt, Column::Id), place);
    Ok(listed.await?.map(Backup))
}

/// Those whose file is there, the newest first.
pub async fn made(tx: &Tx) -> Result<Vec<Backup>> {
    let made = Entity::find()
        .filter(Column::State.eq(State::Succeeded))
        .order_by_desc(Column::CreatedAt);
    Ok(made.all(tx).await?.into_iter().map(Backup).collect())
}

/// How many there are that count: what undoes a restore is one at most, and goes by itself.
pub async fn count(tx: &Tx) -> Result<u64> {
    let counted = Entity::find().filter(Column::BeforeRestore.eq(false));
    Ok(counted.count(tx).await?)
}

/// Bytes of their files.
pub async fn total_bytes(tx: &Tx) -> Result<u64> {
    let counted = made(tx).await?.into_iter().filter(|backup| !backup.0.before_restore);
    let sizes = counted.filter_map(|backup| backup.0.size);
    Ok(sizes.sum::<i64>().try_into().unwrap_or_default())
}

/// The newest whose file is called so.
///
/// # Errors
/// [`Code::BackupNotFound`].
pub async fn get_by_filename(tx: &Tx, filename: &str) -> Result<Backup> {
    let made = Entity::find()
        .filter(Column::Filename.eq(filename))
        .filter(Column::State.eq(State::Succeeded))
        .order_by_desc(Column::CreatedAt);
    Ok(Backup(made.one(tx).await?.ok_or(Code::BackupNotFound)?))
}

/// The backup of this id.
///
/// # Errors
/// [`Code::BackupNotFound`].
pub async fn get(tx: &Tx, id: BackupId) -> Result<Backup> {
    let found = Entity::find_by_id(id).one(tx).await?;
    Ok(Backup(found.ok_or(Code::BackupNotFound)?))
}

/// Has a backup made. The key of its file is sealed for those who may open it; the tenant's name is in that of the file.
///
/// # Errors
/// [`Code::BackupRunning`], [`Code::QuotaExceeded`].
pub async fn create(tx: &Tx, keys: &BackupKeys, tenant: &str, new: NewBackup) -> Result<Backup> {
    tx.check_preconditions(None, None)?;
    tx.lock("backup").await?;
    if new.expires_at.is_some_and(|at| at <= tx.now) {
        return Err(Error::field("expiresAt", "value", "must be in the future"));
    }
    let running = Entity::find().filter(Column::State.is_in([State::Pending, State::Running]));
    if running.count(tx).await? > 0 {
        return Err(Code::BackupRunning.into());
    }
    let used = count(tx).await?;
    if used >= MOST {
        return Err(quota::exceeded(MOST, used));
    }
    quota::check(tx, Quota::Backups, used).await?;
    quota::check(tx, Quota::BackupBytes, total_bytes(tx).await?).await?;
    let id = BackupId::new(tx.now);
    let recipient = keys.recipient(&id.to_string(), &FileKey::generate());
    let row = Model {
        id,
        filename: filename(tenant, tx.now),
        state: State::Pending,
        recipients: json!([recipient]),
        include_files: new.include_files,
        scheduled: new.scheduled,
        before_restore: false,
        created_at: tx.now,
        started_at: None,
        completed_at: None,
        expires_at: new.expires_at,
        step: None,
        done: 0,
        size: None,
        sha256: None,
        rows: None,
        files: None,
        audit_head: None,
        read_at: None,
        damage: None,
        failure_reason: None,
        failure_message: None,
    };
    db::insert(tx, row.clone()).await?;
    jobs::add(tx, job::MAKE, json!({ "backup": id })).await?;
    if let Some(at) = new.expires_at {
        jobs::add_at(tx, job::REMOVE, json!({ "backup": id }), at).await?;
    }
    let made = Backup(row);
    tx.changed("backup", &id, Value::Null, made.audit_view());
    Ok(made)
}

/// Deletes a backup, and its file. One that is being made is given up.
///
/// # Errors
/// [`Code::BackupNotFound`].
pub async fn remove(tx: &Tx, id: BackupId) -> Result<()> {
    let old = get(tx, id).await?;
    tx.check_preconditions(Some(1), None)?;
    discard(tx, &old).await
}

async fn discard(tx: &Tx, old: &Backup) -> Result<()> {
    let id = old.id();
    forget(tx, id).await?;
    jobs::add(tx, job::REMOVE, json!({ "backup": id })).await?;
    tx.changed("backup", &id, old.audit_view(), Value::Null);
    Ok(())
}

async fn forget(tx: &Tx, id: BackupId) -> Result<()> {
    restoration::forget_before(tx, id).await?;
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Writes how far a backup is, and answers whether it is still wanted.
async fn note(tx: &Tx, id: BackupId, change: impl FnOnce(&mut entity::ActiveModel)) -> Result<bool> {
    let Some(row) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(false);
    };
    let mut row: entity::ActiveModel = row.into();
    change(&mut row);
    // A write that changes nothing is none.
    if row.is_changed() {
        row.update(tx).await?;
    }
    Ok(true)
}

/// Says that it is being made.
async fn begin(tx: &Tx, id: BackupId) -> Result<bool> {
    note(tx, id, |row| {
        row.state = Set(State::Running);
        row.started_at = Set(Some(tx.now));
        row.failure_message = Set(None);
    })
    .await
}
