//! Roles of a tenant, what users are found by, pictures, settings, and the audit trail.

use crate::table::{tenant_index, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, boolean, json_binary, string, string_null, text, timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::{DbBackend, QueryResult, Statement, prelude::Uuid};
use std::collections::BTreeSet;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0003_access"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        roles(manager).await?;
        finding(manager).await?;
        tenant_table("avatar", &["id"])
            .columns([
                uuid("id"),
                uuid("user_id"),
                binary("png"),
                timestamp_with_time_zone("created_at"),
            ])
            .unique("avatar_user_key", &["user_id"])
            .child_of("user_id", "user")
            .create(manager)
            .await?;
        tenant_table("setting", &["name"])
            .columns([
                string("name"),
                json_binary("value"),
                big_integer("version"),
                timestamp_with_time_zone("updated_at"),
            ])
            .create(manager)
            .await?;
        audit(manager).await?;
        backfill(manager).await
    }
}

async fn roles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("role", &["name"])
        .columns([
            string("name"),
            string("display_name"),
            string("description"),
            json_binary("rules"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .create(manager)
        .await?;
    // A parent may be a built-in role, which has no row.
    tenant_table("role_parent", &["role", "parent"])
        .columns([string("role"), string("parent")])
        .create(manager)
        .await?;
    // What would otherwise be counted row by row, and the revision of the tenant's policy.
    tenant_table("counter", &["name"])
        .columns([string("name"), big_integer("value")])
        .create(manager)
        .await
}

/// What lists of users are filtered, searched and sorted by.
async fn finding(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in [
        boolean("must_change_password").default(false).take(),
        key_text(manager, "display_key").default("").take(),
    ] {
        manager
            .alter_table(Table::alter().table("user").add_column(column).to_owned())
            .await?;
    }
    if manager.get_database_backend() == DbBackend::Postgres {
        // The order of names is that of their bytes, as it is with SQLite.
        manager
            .get_connection()
            .execute_unprepared("alter table \"user\" alter column name type varchar collate \"C\"")
            .await?;
    }
    tenant_index(manager, "user", "user_display_key_idx", &["display_key", "id"], None).await?;
    tenant_index(manager, "user", "user_disabled_idx", &["id"], Some("disabled")).await?;
    let unproven = Some("is_primary and verified_at is null");
    tenant_index(manager, "email", "email_unproven_idx", &["user_id"], unproven).await?;
    tenant_table("user_word", &["word", "user_id"])
        .columns([key_text(manager, "word"), uuid("user_id")])
        .index("user_word_user_idx", &["user_id"])
        .child_of("user_id", "user")
        .create(manager)
        .await?;
    tenant_table("user_label", &["user_id", "key"])
        .columns([uuid("user_id"), string("key"), string("value")])
        .index("user_label_key_idx", &["key", "value", "user_id"])
        .child_of("user_id", "user")
        .create(manager)
        .await
}

/// Text that is compared byte by byte, whatever the language of the database.
fn key_text(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = text(name);
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra("collate \"C\"");
    }
    column
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("audit_event", &["sequence"])
        .columns([
            big_integer("sequence"),
            timestamp_with_time_zone("at"),
            uuid_null("actor_id"),
            string("actor"),
            uuid_null("session_id"),
            string("ip_address"),
            string("user_agent"),
            string("request_id"),
            string("action"),
            string("object"),
            string("outcome"),
            string_null("code"),
            // As it was hashed: text, which no database rewrites.
            text("changes"),
            binary("hash"),
        ])
        .index("audit_event_actor_idx", &["actor", "sequence"])
        .index("audit_event_action_idx", &["action", "sequence"])
        .index("audit_event_object_idx", &["object", "sequence"])
        .index("audit_event_at_idx", &["at"])
        .create(manager)
        .await
}

/// Makes words and counts for the users that are there.
async fn backfill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    if backend == DbBackend::Sqlite {
        return backfill_tenant(manager).await;
    }
    let tenants = db
        .query_all_raw(Statement::from_string(backend, "select id::text as id from tenant"))
        .await?;
    for tenant in tenants {
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
    let backend = manager.get_database_backend();
    db.execute_unprepared("insert into counter (name, value) select 'users', count(*) from \"user\"")
        .await?;
    db.execute_unprepared("insert into counter (name, value) values ('policy', 0)")
        .await?;
    let users = "select id, display_name, search from \"user\"";
    for user in db.query_all_raw(Statement::from_string(backend, users)).await? {
        let id: Uuid = user.try_get("", "id")?;
        let display_name: String = user.try_get("", "display_name")?;
        let key = "update \"user\" set display_key = $1 where id = $2";
        let values = [display_name.to_lowercase().into(), id.into()];
        db.execute_raw(Statement::from_sql_and_values(backend, key, values))
            .await?;
        for word in words(&user)? {
            let add = "insert into user_word (word, user_id) values ($1, $2)";
            db.execute_raw(Statement::from_sql_and_values(backend, add, [word.into(), id.into()]))
                .await?;
        }
    }
    Ok(())
}

/// What the server did at the time of this step; see its own `user::search`.
fn words(user: &QueryResult) -> Result<BTreeSet<String>, DbErr> {
    let search: String = user.try_get("", "search")?;
    let mut words = BTreeSet::new();
    for line in search.lines() {
        let mut before = ' ';
        for (at, c) in line.char_indices() {
            let begins = c.is_alphanumeric() && (!before.is_alphanumeric() || !c.is_ascii());
            if begins && words.len() < 64 {
                words.insert(line[at..].chars().take(40).collect());
            }
            before = c;
        }
    }
    Ok(words)
}
