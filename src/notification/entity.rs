//! The `notice` table: what goes on, and was told of.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Something that those who look after a tenant are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// People may sign in through a provider from now on.
    #[sea_orm(string_value = "signInMethod")]
    SignInMethod,
    /// The record of a domain is not there any more.
    #[sea_orm(string_value = "domainFailing")]
    DomainFailing,
    /// Nine tenths of a quota are used.
    #[sea_orm(string_value = "quotaNear")]
    QuotaNear,
    /// No backup was made by itself when one was due.
    #[sea_orm(string_value = "backupOverdue")]
    BackupOverdue,
    /// The newest backup was read back, and is not as it was made.
    #[sea_orm(string_value = "backupDamaged")]
    BackupDamaged,
    /// Somebody took the file of a backup.
    #[sea_orm(string_value = "backupDownloaded")]
    BackupDownloaded,
    /// A backup took the place of what there was.
    #[sea_orm(string_value = "restored")]
    Restored,
}

/// Something that was told of.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// What it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event: Event,
    /// Of what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// When it was told of.
    pub told_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
