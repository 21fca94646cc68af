//! What finds the live challenges of a user or an address, and refresh tokens that have run out.

use crate::table::tenant_index;
use sea_orm_migration::prelude::*;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_live"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Only the live ones are wanted, however many have ended: the time it takes would tell
        // which address has an account.
        for (table, name, columns) in [
            (
                "verification",
                "verification_address_idx",
                &["address_key", "ended_at"] as &[_],
            ),
            ("verification", "verification_user_idx", &["user_id", "ended_at"]),
            ("refresh_token", "refresh_token_expires_at_idx", &["expires_at"]),
        ] {
            // Some databases have one of another form, or got it with an earlier step.
            let drop = format!("drop index if exists {name}");
            manager.get_connection().execute_unprepared(&drop).await?;
            tenant_index(manager, table, name, columns, None).await?;
        }
        Ok(())
    }
}
