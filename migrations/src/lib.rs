//! The schema, step by step: one source for SQLite and PostgreSQL.
//!
//! There are two ledgers. [`System`] holds what belongs to no tenant; [`Tenant`] holds what a
//! tenant owns. With SQLite they live in different files (`system.db`, and one file per tenant);
//! with PostgreSQL they share a database and every tenant table is closed by row-level security.
//! A step that has been released is never edited: add another file.

#![expect(clippy::disallowed_methods, reason = "a migration is where raw SQL belongs")]

mod m0001_system;
mod m0002_tenant;
mod m0003_access;
mod m0004_account;
mod m0005_sweep;
mod m0006_live;
mod m0007_epoch;
mod m0008_canary;
mod m0009_password;
mod m0010_idempotency;
mod m0011_keys;
mod m0012_application;
mod m0013_token;
mod m0014_authorization;
mod m0015_logout;
mod m0016_sender;
mod m0017_provider;
mod m0018_template;
mod m0019_provider_kinds;
mod m0020_dkim;
mod m0021_address_health;
mod m0022_stat;
mod m0024_bounce;
mod m0025_message_facts;
mod m0026_attachment;
mod m0027_backup;
mod m0028_tenants;
mod m0029_backup_schedule;
mod m0030_profile;
mod m0031_instance_setting;
mod m0032_picture;
mod m0033_user_import;
mod m0034_notice;
mod m0035_former_name;
mod m0036_user_batch;
mod m0037_restoration;
mod table;
mod tables;

pub use sea_orm_migration::{DbErr, MigratorTrait};
use sea_orm_migration::{MigrationTrait, async_trait, sea_orm::DynIden, sea_orm::sea_query::Alias};
pub use tables::{Fate, TENANT_TABLES};

/// A step is one transaction on SQLite too: half of one could not be begun again.
const WHOLE: Option<bool> = Some(true);

/// Tables of the instance that are not owned by any tenant, the migration ledgers included.
///
/// Any other table without a `tenant_id` is a defect; the catalogue test compares.
pub const SYSTEM_TABLES: &[&str] = &[
    "canary",
    "domain",
    "former_tenant",
    "instance_setting",
    "system_limit_count",
    "system_migration",
    "tenant",
    "tenant_epoch",
    "tenant_migration",
    "todo",
];

/// The steps of the instance's own tables.
#[derive(Debug)]
pub struct System;

#[async_trait::async_trait]
impl MigratorTrait for System {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_system::Step),
            Box::new(m0007_epoch::Step),
            Box::new(m0008_canary::Step),
            Box::new(m0011_keys::Epoch),
            Box::new(m0016_sender::PutOff),
            Box::new(m0021_address_health::Counts),
            Box::new(m0024_bounce::Key),
            Box::new(m0028_tenants::Step),
            Box::new(m0031_instance_setting::Step),
        ]
    }

    fn migration_table_name() -> DynIden {
        DynIden::from(Alias::new("system_migration"))
    }
}

/// The steps of a tenant's tables.
#[derive(Debug)]
pub struct Tenant;

#[async_trait::async_trait]
impl MigratorTrait for Tenant {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0002_tenant::Step),
            Box::new(m0003_access::Step),
            Box::new(m0004_account::Step),
            Box::new(m0005_sweep::Step),
            Box::new(m0006_live::Step),
            Box::new(m0009_password::Step),
            Box::new(m0010_idempotency::Step),
            Box::new(m0011_keys::Step),
            Box::new(m0012_application::Step),
            Box::new(m0013_token::Step),
            Box::new(m0014_authorization::Step),
            Box::new(m0015_logout::Step),
            Box::new(m0016_sender::Step),
            Box::new(m0017_provider::Step),
            Box::new(m0018_template::Step),
            Box::new(m0019_provider_kinds::Step),
            Box::new(m0020_dkim::Step),
            Box::new(m0021_address_health::Step),
            Box::new(m0022_stat::Step),
            Box::new(m0024_bounce::Step),
            Box::new(m0025_message_facts::Step),
            Box::new(m0026_attachment::Step),
            Box::new(m0027_backup::Step),
            Box::new(m0028_tenants::Quotas),
            Box::new(m0029_backup_schedule::Step),
            Box::new(m0030_profile::Step),
            Box::new(m0032_picture::Step),
            Box::new(m0033_user_import::Step),
            Box::new(m0034_notice::Step),
            Box::new(m0035_former_name::Step),
            Box::new(m0036_user_batch::Step),
            Box::new(m0037_restoration::Step),
        ]
    }

    fn migration_table_name() -> DynIden {
        DynIden::from(Alias::new("tenant_migration"))
    }
}
