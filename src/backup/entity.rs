//! The `backup` table.

use crate::kit::id::BackupId;
use sea_orm::entity::prelude::*;

/// A backup of the tenant, and what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup")]
pub struct Model {
    /// Its id, which is also its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BackupId,
    /// What its file is called.
    pub filename: String,
    /// Where it is in its life.
    pub state: State,
    /// Who may open it: the key of the file, sealed for each.
    pub recipients: Json,
    /// Whether files are in it.
    pub include_files: bool,
    /// Whether it was made by itself.
    pub scheduled: bool,
    /// Whether it is what there was before a restore.
    pub before_restore: bool,
    /// When it was wanted.
    pub created_at: DateTimeUtc,
    /// When it was begun.
    pub started_at: Option<DateTimeUtc>,
    /// When it was made, or given up.
    pub completed_at: Option<DateTimeUtc>,
    /// When it is removed.
    pub expires_at: Option<DateTimeUtc>,
    /// What is being written.
    pub step: Option<String>,
    /// Rows and files that are written.
    pub done: i64,
    /// Bytes of the file.
    pub size: Option<i64>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Option<String>,
    /// Rows in it.
    pub rows: Option<i64>,
    /// Files in it.
    pub files: Option<i64>,
    /// The head of the audit trail when it was made.
    pub audit_head: Option<String>,
    /// When its file was last read to its end.
    pub read_at: Option<DateTimeUtc>,
    /// What was wrong with it then.
    pub damage: Option<String>,
    /// Why there is none, as Halo has it.
    pub failure_reason: Option<String>,
    /// The same in words.
    pub failure_message: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where a backup is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is to be made.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// It is being made.
    #[sea_orm(string_value = "running")]
    Running,
    /// It is there.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// It could not be made.
    #[sea_orm(string_value = "failed")]
    Failed,
}
