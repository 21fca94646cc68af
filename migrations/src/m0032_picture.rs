//! Pictures of users are in the store, as all files are. Those that are here are moved by a job.

use crate::table::{add_columns, in_each_tenant, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0032_picture"
    }
}

/// The job, if there is anything for it to do. That it is due is noted where the file of the tenant is opened.
const SQLITE: &[&str] = &["insert into job (id, kind, payload, state, run_at, created_at) \
     select randomblob(16), 'move-pictures', '{}', 'queued', at, at \
     from (select strftime('%Y-%m-%dT%H:%M:%S', 'now') || '+00:00' as at) \
     where exists (select 1 from avatar)"];

/// The same, and that it is due.
const POSTGRES: &[&str] = &[
    "insert into job (id, kind, payload, state, run_at, created_at) \
     select gen_random_uuid(), 'move-pictures', '{}', 'queued', now(), now() \
     where exists (select 1 from avatar)",
    "insert into todo (job_id, tenant_id, run_at, attempts) \
     select id, tenant_id, run_at, 0 from job where kind = 'move-pictures'",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tenant_table("picture", &["id"])
            .columns([
                uuid("id"),
                uuid("user_id"),
                string("sha256"),
                big_integer("size"),
                timestamp_with_time_zone("created_at"),
            ])
            .unique("picture_user_key", &["user_id"])
            .child_of("user_id", "user")
            .create(manager)
            .await?;
        // Until a removal has begun, the content may come back.
        let begun = boolean("begun").default(false).to_owned();
        add_columns(manager, "blob_removal", [begun]).await?;
        let move_them = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        in_each_tenant(manager, move_them).await
    }
}
