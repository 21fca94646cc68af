//! The `domain` table: one of the few that belong to no tenant, since it says whose a request is.

use crate::kit::id::TenantId;
use sea_orm::entity::prelude::*;

/// A domain that a tenant claims.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domain")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The domain, as the domain name system has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Whether it is proven.
    pub state: State,
    /// When it was claimed.
    pub created_at: DateTimeUtc,
    /// When its record was last looked for.
    pub checked_at: Option<DateTimeUtc>,
    /// When it was proven.
    pub verified_at: Option<DateTimeUtc>,
    /// Since when its record is not there any more.
    pub failing_since: Option<DateTimeUtc>,
    /// What was found instead.
    pub problem: Option<String>,
}

/// Whether a domain is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Not yet. Anybody may claim anything.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// It is.
    #[sea_orm(string_value = "verified")]
    Verified,
    /// It was, and its record is gone. It is the tenant's for a while.
    #[sea_orm(string_value = "failing")]
    Failing,
}

impl ActiveModelBehavior for ActiveModel {}
