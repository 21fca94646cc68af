//! Backups on the wire of the console group, in the shapes of Halo's.

pub mod restoration;

pub use restoration::{Restoration, RestorationAnswer, RestorationList, UndoRestorationRequest};

use super::{Backup as Known, NewBackup, entity::State};
use crate::kit::{object::Metadata, page::page_object, time::Timestamp};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// A backup of the tenant.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// `v1alpha1`.
    api_version: String,
    /// `Backup`.
    kind: String,
    metadata: Metadata,
    spec: BackupSpec,
    status: BackupStatus,
}

/// What a file is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum BackupFormat {
    /// Sealed and signed: the one format that there is.
    Tenantry,
    /// What Halo's clients ask for; the same.
    Zip,
}

/// What is wanted of a backup.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct BackupSpec {
    format: BackupFormat,
    /// When it is removed; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// Whether the files that the tenant keeps are in it.
    include_files: bool,
    /// Whether it was made by itself, as the policy `backups` has it.
    scheduled: bool,
    /// Whether it is what there was before a restore, which it undoes.
    before_restore: bool,
}

/// Where a backup is in its life, as Halo has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackupPhase {
    /// It is to be made.
    Pending,
    /// It is being made.
    Running,
    /// It is there.
    Succeeded,
    /// It could not be made.
    Failed,
}

/// How far a backup is that is being made.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct BackupProgress {
    /// The table that is being written, or `files`.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// Rows and files that are written.
    done: i64,
}

/// What became of a backup.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct BackupStatus {
    phase: BackupPhase,
    progress: BackupProgress,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<Timestamp>,
    /// When it was made, or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_timestamp: Option<Timestamp>,
    /// Bytes of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<i64>,
    /// What its file is called.
    filename: String,
    /// SHA-256 of its file, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// Rows in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<i64>,
    /// Files in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<i64>,
    /// The head of the audit trail when it was made, as `audit-events/-/verify` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_head: Option<String>,
    /// When its file was last read to its end, to know that it is whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_timestamp: Option<Timestamp>,
    /// What was wrong with it then: nothing can be restored from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<String>,
    /// Why there is none: `Interrupted`, `SystemError` or `UnexpectedExit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_message: Option<String>,
}

page_object!(
    /// One page of backups.
    BackupList of Backup
);

/// A backup that is to be made.
#[derive(Debug, Default, Object)]
pub struct CreateBackupRequest {
    #[oai(default)]
    spec: NewBackupSpec,
}

/// What is wanted of a backup that is to be made.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewBackupSpec {
    /// `tenantry`, which is the only one; Halo's `zip` is the same.
    format: Option<BackupFormat>,
    /// When it is to be removed; never if absent.
    expires_at: Option<Timestamp>,
    /// Whether the files that the tenant keeps are to be in it.
    #[oai(default = "yes")]
    include_files: bool,
}

fn yes() -> bool {
    true
}

impl Default for NewBackupSpec {
    fn default() -> Self {
        Self {
            format: None,
            expires_at: None,
            include_files: true,
        }
    }
}

/// A file of a backup.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct BackupFile {
    /// What it is called.
    filename: String,
    /// Its bytes.
    size: i64,
    /// When it was made.
    last_modified_time: Timestamp,
}

impl From<CreateBackupRequest> for NewBackup {
    fn from(new: CreateBackupRequest) -> Self {
        Self {
            include_files: new.spec.include_files,
            expires_at: new.spec.expires_at.map(|at| at.0),
            scheduled: false,
        }
    }
}

impl From<State> for BackupPhase {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
        }
    }
}

impl From<Known> for Backup {
    fn from(Known(row): Known) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Backup".to_owned(),
            metadata: Metadata::of(&row.id, row.created_at),
            spec: BackupSpec {
                format: BackupFormat::Tenantry,
                expires_at: row.expires_at.map(Into::into),
                include_files: row.include_files,
                scheduled: row.scheduled,
                before_restore: row.before_restore,
            },
            status: BackupStatus {
                phase: row.state.into(),
                progress: BackupProgress {
                    step: row.step,
                    done: row.done,
                },
                start_timestamp: row.started_at.map(Into::into),
                completion_timestamp: row.completed_at.map(Into::into),
                size: row.size,
                filename: row.filename,
                sha256: row.sha256,
                rows: row.rows,
                files: row.files,
                audit_head: row.audit_head,
                read_timestamp: row.read_at.map(Into::into),
                damage: row.damage,
                failure_reason: row.failure_reason,
                failure_message: row.failure_message,
            },
        }
    }
}

impl From<Known> for BackupFile {
    fn from(Known(row): Known) -> Self {
        Self {
            filename: row.filename,
            size: row.size.unwrap_or_default(),
            last_modified_time: row.completed_at.unwrap_or(row.created_at).into(),
        }
    }
}
