//! Applications that people sign in to, machines that call, and the APIs that trust our tokens.

use crate::table::{TenantTable, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, boolean, integer, integer_null, json_binary_null, string, string_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::{
    DbBackend, Statement,
    prelude::{ChronoUtc, Uuid},
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0012_application"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        application(manager).await?;
        for table in parts_of_application() {
            table.create(manager).await?;
        }
        resource_server(manager).await?;
        backfill(manager).await
    }
}

async fn application(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("application", &["id"])
        .columns([
            uuid("id"),
            // The client_id (RFC 6749 §2.2).
            string("name"),
            string("preset"),
            string("origin"),
            string("display_name"),
            string("description"),
            string_null("color"),
            string_null("logo_url"),
            string_null("home_url"),
            string_null("policy_url"),
            string_null("terms_url"),
            boolean("first_party"),
            boolean("disabled"),
            boolean("require_pkce"),
            boolean("require_par"),
            boolean("require_dpop"),
            string("rotation"),
            string("subject_type"),
            string("id_token_alg"),
            string("access_token_alg"),
            boolean("claims_in_id_token"),
        ])
        .columns([
            // Null is as the tenant's policy has it.
            integer_null("access_token_seconds"),
            integer_null("id_token_seconds"),
            integer_null("refresh_idle_seconds"),
            integer_null("refresh_absolute_seconds"),
            string_null("backchannel_logout_uri"),
            string_null("initiate_login_uri"),
            json_binary_null("jwks"),
            string_null("jwks_uri"),
            string_null("document_hash"),
            timestamp_with_time_zone_null("document_expires_at"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
            timestamp_with_time_zone_null("last_used_at"),
        ])
        .unique("application_name_key", &["name"])
        .index("application_origin_idx", &["origin", "last_used_at"])
        .create(manager)
        .await
}

fn part(name: &'static str, key: &'static [&'static str], columns: impl IntoIterator<Item = ColumnDef>) -> TenantTable {
    tenant_table(name, key)
        .columns([uuid("application_id")])
        .columns(columns)
        .child_of("application_id", "application")
}

/// What an application has several of.
fn parts_of_application() -> [TenantTable; 8] {
    let by_role = &["application_id", "role"];
    [
        part(
            "application_uri",
            &["application_id", "kind", "uri"],
            [string("kind"), text("uri"), integer("position")],
        ),
        part(
            "application_grant",
            &["application_id", "grant"],
            [string("grant"), integer("position")],
        ),
        part(
            "application_auth",
            &["application_id", "method"],
            [string("method"), integer("position")],
        ),
        part(
            "application_scope",
            &["application_id", "audience", "scope"],
            // No audience is this server; no scope is the audience alone.
            [text("audience"), string("scope")],
        )
        .index("application_scope_audience_idx", &["audience"]),
        part("application_role", by_role, [string("role")]).index("application_role_role_idx", &["role"]),
        part("application_access", by_role, [string("role")]).index("application_access_role_idx", &["role"]),
        part(
            "application_claim",
            &["application_id", "claim"],
            [
                string("claim"),
                string("source"),
                string("form"),
                boolean("in_id_token"),
                boolean("in_access_token"),
                boolean("in_userinfo"),
            ],
        ),
        secrets("application_secret", "application_id", "application")
            .index("application_secret_application_idx", &["application_id"])
            .index("application_secret_expires_at_idx", &["expires_at"]),
    ]
}

/// Secrets of 256 random bits, as their SHA-256.
fn secrets(name: &'static str, of: &'static str, parent: &'static str) -> TenantTable {
    tenant_table(name, &["id"])
        .columns([
            uuid("id"),
            uuid(of),
            binary("hash"),
            string("hint"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone_null("expires_at"),
            timestamp_with_time_zone_null("last_used_at"),
        ])
        .child_of(of, parent)
}

async fn resource_server(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant_table("resource_server", &["id"])
        .columns([
            uuid("id"),
            text("audience"),
            string("display_name"),
            string("access_token_alg"),
            integer_null("access_token_seconds"),
            big_integer("version"),
            timestamp_with_time_zone("created_at"),
            timestamp_with_time_zone("updated_at"),
        ])
        .unique("resource_server_audience_key", &["audience"])
        .create(manager)
        .await?;
    tenant_table("resource_scope", &["resource_server_id", "scope"])
        .columns([
            uuid("resource_server_id"),
            string("scope"),
            // What it permits, for the page that asks people: in English and in Chinese.
            text_null("description_en"),
            text_null("description_zh"),
            boolean("public"),
            integer("position"),
        ])
        .child_of("resource_server_id", "resource_server")
        .create(manager)
        .await?;
    secrets("resource_server_secret", "resource_server_id", "resource_server")
        .index("resource_server_secret_server_idx", &["resource_server_id"])
        .index("resource_server_secret_expires_at_idx", &["expires_at"])
        .create(manager)
        .await
}

/// Makes the built-in applications of the tenants that are there. One that is founded later makes its own.
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

/// The built-in applications: name, preset, display name, grants and how they authenticate.
type BuiltIn = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// What the server makes of a new tenant at the time of this step.
const BUILT_IN: [BuiltIn; 3] = [
    (
        "console",
        "single-page",
        "Console",
        &["authorization_code", "refresh_token"],
        &["none"],
    ),
    (
        "swagger-ui",
        "single-page",
        "Swagger UI",
        &["authorization_code", "refresh_token"],
        &["none"],
    ),
    ("direct", "label", "Direct sign-in", &[], &["none"]),
];

async fn backfill_tenant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    // A file that is only just made has none yet, and its tenant makes its own.
    let keys = "select 1 from signing_key limit 1";
    if db.query_one_raw(Statement::from_string(backend, keys)).await?.is_none() {
        return Ok(());
    }
    let run = async |sql: &str, values: Vec<Value>| {
        let statement = Statement::from_sql_and_values(backend, sql, values);
        db.execute_raw(statement).await.map(drop)
    };
    for (name, preset, display_name, grants, methods) in BUILT_IN {
        let id = Uuid::now_v7();
        let add = "insert into application (id, name, preset, origin, display_name, description, first_party, disabled, \
                   require_pkce, require_par, require_dpop, rotation, subject_type, id_token_alg, access_token_alg, \
                   claims_in_id_token, version, created_at, updated_at) values ($1, $2, $3, 'built-in', $4, '', true, \
                   false, true, false, false, 'auto', 'public', 'RS256', 'EdDSA', false, 1, $5, $5)";
        let now = ChronoUtc::now();
        let values = vec![id.into(), name.into(), preset.into(), display_name.into(), now.into()];
        run(add, values).await?;
        for (position, grant) in (0_i32..).zip(grants) {
            let add = "insert into application_grant (application_id, \"grant\", position) values ($1, $2, $3)";
            run(add, vec![id.into(), (*grant).into(), position.into()]).await?;
        }
        for (position, method) in (0_i32..).zip(methods) {
            let add = "insert into application_auth (application_id, method, position) values ($1, $2, $3)";
            run(add, vec![id.into(), (*method).into(), position.into()]).await?;
        }
        for scope in ["openid", "profile", "email", "phone", "roles", "offline_access", "api"] {
            let add = "insert into application_scope (application_id, audience, scope) values ($1, '', $2)";
            run(add, vec![id.into(), scope.into()]).await?;
        }
    }
    Ok(())
}
