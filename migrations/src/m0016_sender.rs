//! A tenant's own relays, and every attempt at a message.

use crate::table::{add_columns, tenant_index, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary_null, boolean, integer, integer_null, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::{DbBackend, Statement};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0016_sender"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sender(manager).await?;
        message(manager).await?;
        backfill(manager).await
    }
}

async fn sender(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("sender", &["id"])
        .columns([
            uuid("id"),
            string("name"),
            string("display_name"),
            integer("position"),
            boolean("enabled"),
            string("host"),
            integer("port"),
            string("encryption"),
            string_null("username"),
            binary_null("password_sealed"),
            timestamp_with_time_zone_null("password_set_at"),
            string("from_address"),
            string_null("from_name"),
            string_null("reply_to"),
            integer("per_minute"),
            integer_null("per_day"),
        ])
        .columns([
            string("state"),
            timestamp_with_time_zone_null("failing_since"),
            integer("failures"),
            timestamp_with_time_zone_null("probe_at"),
            timestamp_with_time_zone_null("last_used_at"),
            text_null("last_error"),
            timestamp_with_time_zone_null("verified_at"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .unique("sender_name_key", &["name"])
        .unique("sender_position_key", &["position"])
        .create(manager)
        .await
}

async fn message(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    add_columns(
        manager,
        "message",
        [
            // Null is the instance's.
            uuid_null("sender_id"),
            timestamp_with_time_zone_null("next_at"),
            integer("attempts").default(0).to_owned(),
            text_null("relay_answer"),
            string_null("enhanced"),
            uuid_null("resend_of"),
            string_null("cancelled_by"),
            // 0 is a code somebody waits for, 1 a notice.
            integer("priority").default(0).to_owned(),
        ],
    )
    .await?;
    tenant_table("message_attempt", &["message_id", "number"])
        .columns([
            uuid("message_id"),
            integer("number"),
            timestamp_with_time_zone("at"),
            uuid_null("sender_id"),
            // Null where it was taken.
            string_null("step"),
            integer_null("smtp_code"),
            string_null("enhanced"),
            text_null("answer"),
            boolean("tls"),
            integer("milliseconds"),
        ])
        .child_of("message_id", "message")
        .create(manager)
        .await?;
    tenant_index(
        manager,
        "message",
        "message_sender_idx",
        &["sender_id", "created_at"],
        None,
    )
    .await
}

/// What was tried before is in the log of jobs.
async fn backfill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    if backend == DbBackend::Sqlite {
        return backfill_tenant(manager).await;
    }
    let tenants = Statement::from_string(backend, "select id::text as id from tenant");
    for tenant in db.query_all_raw(tenants).await? {
        let id: String = tenant.try_get("", "id")?;
        let enter = "select set_config('app.tenant_id', $1, true)";
        db.query_one_raw(Statement::from_sql_and_values(backend, enter, [id.into()]))
            .await?;
        backfill_tenant(manager).await?;
    }
    db.execute_unprepared("select set_config('app.tenant_id', '', true)")
        .await?;
    Ok(())
}

async fn backfill_tenant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for sql in [
        "insert into message_attempt (message_id, number, at, step, answer, tls, milliseconds) \
         select message.id, job_attempt.number, job_attempt.at, \
         case when job_attempt.error is null then null else 'data' end, job_attempt.error, false, 0 \
         from message join job_attempt on job_attempt.job_id = message.job_id",
        "update message set attempts = \
         (select count(*) from message_attempt where message_attempt.message_id = message.id)",
        "update message set state = 'deferred' where state = 'queued' and attempts > 0",
        "update message set priority = 1 where template in ('address_in_use', 'password_changed', 'email_changed')",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// How often a job was put off without an attempt.
pub(crate) struct PutOff;

impl MigrationName for PutOff {
    fn name(&self) -> &'static str {
        "m0016_put_off"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PutOff {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "todo", [integer("put_off").default(0).to_owned()]).await
    }
}
