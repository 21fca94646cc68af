//! The `tenant` table: one of the few that belong to no tenant.

use crate::kit::id::TenantId;
use sea_orm::entity::prelude::*;

/// A tenant's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Its stable handle: the word in `/t/<name>` and in host names.
    #[sea_orm(unique)]
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// Whether it is being founded, lives, or is suspended.
    pub state: State,
    /// What its bounces are told by.
    #[sea_orm(unique)]
    pub bounce_key: Vec<u8>,
    /// When it was founded.
    pub created_at: DateTimeUtc,
}

/// The life of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Its owner is not there yet: founding it again goes on where it stopped.
    #[sea_orm(string_value = "founding")]
    Founding,
    /// It answers.
    #[sea_orm(string_value = "active")]
    Active,
    /// An operator has stopped it; nothing is lost.
    #[sea_orm(string_value = "suspended")]
    Suspended,
    /// It is being removed: deleting it again goes on where it stopped.
    #[sea_orm(string_value = "deleting")]
    Deleting,
}

impl ActiveModelBehavior for ActiveModel {}
