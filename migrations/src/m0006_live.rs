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
        let expires = &["expires_at"];
        tenant_index(manager, "refresh_token", "refresh_token_expires_at_idx", expires, None).await?;
        // Only the live ones are wanted, however many have ended: who has an account would be told by
        // the time it takes.
        for (name, columns) in [
            ("verification_address_idx", &["address_key", "ended_at"]),
            ("verification_user_idx", &["user_id", "ended_at"]),
        ] {
            let drop = format!("drop index {name}");
            manager.get_connection().execute_unprepared(&drop).await?;
            tenant_index(manager, "verification", name, columns, None).await?;
        }
        Ok(())
    }
}
