//! The `audit_event` table.

use crate::kit::id::{SessionId, UserId};
use sea_orm::entity::prelude::*;

/// One thing that was done, refused or denied.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// 1, 2, 3, … within the tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// When.
    pub at: DateTimeUtc,
    /// The user who did it, if somebody was signed in.
    pub actor_id: Option<UserId>,
    /// Their name at the time; empty for nobody in particular.
    pub actor: String,
    /// Through which session.
    pub session_id: Option<SessionId>,
    /// From which address; empty for the server's own commands.
    pub ip_address: String,
    /// With what.
    pub user_agent: String,
    /// The id of the request.
    pub request_id: String,
    /// The permission it needed, as `resource:verb`.
    pub action: String,
    /// The name of the object.
    pub object: String,
    /// `done`, `refused` or `denied`.
    pub outcome: String,
    /// The code of the refusal.
    pub code: Option<String>,
    /// Its changes: JSON, as it was hashed.
    pub changes: String,
    /// Keyed hash of this event and the one before.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
