//! What finds a message by its job, and what has run out by its age.

use crate::table::tenant_index;
use sea_orm_migration::prelude::*;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0005_sweep"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, columns) in [
            ("message", "message_job_idx", &["job_id"] as &[_]),
            ("job", "job_finished_at_idx", &["finished_at"]),
            ("verification", "verification_created_at_idx", &["created_at"]),
            ("session", "session_expires_at_idx", &["expires_at"]),
            ("user_network", "user_network_seen_at_idx", &["seen_at"]),
        ] {
            tenant_index(manager, table, name, columns, None).await?;
        }
        // SQLite took it for codes as well, and read all of the purpose where those of one user or
        // address were wanted. This one it cannot mistake.
        let drop = "drop index verification_purpose_idx";
        manager.get_connection().execute_unprepared(drop).await?;
        let (name, columns) = ("verification_invitation_idx", &["created_at", "id"]);
        let open = Some("purpose = 'invite' and ended_at is null");
        tenant_index(manager, "verification", name, columns, open).await
    }
}
