//! How much a tenant has of what there are quotas of.

use crate::{
    application, backup, content,
    kit::{db::Tx, error::Result},
    provider,
    quota::{Quota, Quotas},
    role, sender, user,
};

/// How much the tenant has of each that is kept in its own tables.
pub async fn usage(tx: &Tx) -> Result<Quotas> {
    Ok(Quotas::from([
        (Quota::Users, user::count(tx).await?),
        (Quota::Applications, application::count_made(tx).await?),
        (Quota::Roles, role::count(tx).await?),
        (Quota::Providers, provider::count(tx).await?),
        (Quota::Senders, sender::count(tx).await?),
        (Quota::AttachmentBytes, content::used(tx).await?),
        (Quota::Backups, backup::count(tx).await?),
        (Quota::BackupBytes, backup::total_bytes(tx).await?),
    ]))
}
