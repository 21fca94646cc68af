//! The `restoration` table.

use crate::kit::id::{BackupId, RestorationId};
use sea_orm::entity::prelude::*;

/// A restore of the tenant, and what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restoration")]
pub struct Model {
    /// Its id, which is also its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RestorationId,
    /// What the file was called, as far as whoever sent it said.
    pub filename: String,
    /// What the file said of itself; nothing if it could not be read.
    pub source: Option<Json>,
    /// What became of it.
    pub state: State,
    /// The name of whoever did it; the operator has none.
    pub actor: Option<String>,
    /// When it was done, or refused.
    pub created_at: DateTimeUtc,
    /// Rows that were put back.
    pub rows: Option<i64>,
    /// Files that were put back into the store.
    pub files: Option<i64>,
    /// Why it was refused.
    pub failure_code: Option<String>,
    /// The backup of what there was before, while there is one.
    pub before_id: Option<BackupId>,
    /// Until when it can be undone.
    pub undo_until: Option<DateTimeUtc>,
    /// When it was undone.
    pub undone_at: Option<DateTimeUtc>,
    /// By whom.
    pub undone_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What became of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// It is done.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// It was refused, and nothing was changed.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// It was done, and undone.
    #[sea_orm(string_value = "undone")]
    Undone,
}
