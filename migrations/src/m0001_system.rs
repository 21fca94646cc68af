//! Tenants, and the instance-wide list of jobs that are due.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, string, string_uniq, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_system"
    }
}

/// `current_tenant()` is null outside a tenant's transaction, so that every policy and default
/// that uses it fails closed. `isolate(table)` is the one way a table becomes a tenant's.
const ROW_LEVEL_SECURITY: &str = r"
create or replace function current_tenant() returns uuid language sql stable as
  $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
create or replace procedure isolate(t regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant on %s using (tenant_id = current_tenant())', t);
end $$;
";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(ROW_LEVEL_SECURITY).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("tenant")
                    .col(uuid("id").primary_key())
                    .col(string_uniq("name"))
                    .col(string("display_name"))
                    .col(string("state"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("todo")
                    .col(uuid("job_id").primary_key())
                    .col(uuid("tenant_id"))
                    .col(timestamp_with_time_zone("run_at"))
                    .col(timestamp_with_time_zone_null("leased_until"))
                    .col(integer("attempts").default(0))
                    .foreign_key(
                        ForeignKey::create()
                            .from("todo", "tenant_id")
                            .to("tenant", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("todo_run_at_idx")
                    .table("todo")
                    .col("run_at")
                    .to_owned(),
            )
            .await
    }
}
