//! Tenants that operators look after: their quotas and their domains.

use crate::table::{add_columns, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer_null, json_binary_null, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0028_tenants"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let operated = [
            big_integer("version").default(1).to_owned(),
            // Null as long as it is as it was founded.
            timestamp_with_time_zone_null("updated_at"),
            // Why it is suspended.
            text_null("reason"),
            timestamp_with_time_zone_null("delete_after"),
            integer_null("requests_per_second"),
            integer_null("request_burst"),
            // The domain that its addresses begin with, and the one that they began with before.
            string_null("domain"),
            string_null("former_domain"),
        ];
        add_columns(manager, "tenant", operated).await?;
        let by_time = Index::create()
            .name("tenant_created_at_idx")
            .table("tenant")
            .col("created_at")
            .col("id")
            .to_owned();
        manager.create_index(by_time).await?;
        // Names that nobody gets yet: old links and tokens lead to them.
        let former = Table::create()
            .table("former_tenant")
            .col(string("name").primary_key())
            .col(timestamp_with_time_zone("until"))
            .to_owned();
        manager.create_table(former).await?;
        domains(manager).await
    }
}

/// They are found before it is known whose a request is.
async fn domains(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("domain")
        .col(uuid("tenant_id"))
        .col(string("name"))
        .col(string("state"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .col(timestamp_with_time_zone_null("verified_at"))
        .col(timestamp_with_time_zone_null("failing_since"))
        .col(text_null("problem"))
        .primary_key(Index::create().col("tenant_id").col("name"))
        .foreign_key(
            ForeignKey::create()
                .from("domain", "tenant_id")
                .to("tenant", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    // A claim blocks nobody: one tenant has proven a domain.
    let proven = "create unique index domain_name_key on domain (name) where state <> 'pending'";
    manager.get_connection().execute_unprepared(proven).await?;
    Ok(())
}

/// What a tenant may have at most, and the roles of people who are invited.
pub(crate) struct Quotas;

impl MigrationName for Quotas {
    fn name(&self) -> &'static str {
        "m0028_quotas"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Quotas {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "verification", [json_binary_null("roles")]).await?;
        tenant_table("quota", &["name"])
            .columns([string("name"), big_integer("value")])
            .create(manager)
            .await
    }
}
