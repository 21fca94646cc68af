//! Mailing those who look after a tenant, and looking whether what they were told of is over.

use super::usage;
use crate::{
    attachment::AttachmentPolicy,
    domain, email,
    job::{self, Job, Prepared},
    kit::{
        db::{Mode, SystemTx, Tx},
        error::Result,
        text::Language,
    },
    message::{self, Deed, MailOptions, Outgoing, Template},
    notification::{self, Event, Notice, Notifications},
    quota::{self, Quota},
    server::Server,
    setting, user,
};
use anyhow::Context;
use async_trait::async_trait;

/// People that are told of one thing, the oldest accounts first.
const MOST: u32 = 50;

/// Queues a mail to each who has one of these roles, can sign in and has proven their address.
pub(super) async fn mail_holders(
    tx: &Tx,
    roles: &[String],
    template: Template,
    (about, deed): (&str, Option<Deed<'_>>),
) -> Result<()> {
    let holders = user::holders(tx, Some(roles), &[], None, MOST).await?;
    let ids: Vec<_> = holders.iter().map(|holder| holder.id).collect();
    let addresses = email::of_users(tx, &ids).await?;
    for holder in &holders {
        let primary = addresses.get(&holder.id).map(|addresses| &addresses.primary);
        let Some(proven) = primary.filter(|primary| primary.verified_at.is_some()) else {
            continue;
        };
        let wanted = Outgoing {
            template,
            address: &proven.address,
            options: MailOptions {
                language: holder.language.as_deref().and_then(Language::of),
                client_id: None,
            },
            about: Some(about),
            deed,
            verification: None,
        };
        message::queue(tx, wanted).await?;
    }
    Ok(())
}

fn template_of(event: Event) -> Template {
    match event {
        Event::SignInMethod => Template::SignInMethod,
        Event::DomainFailing => Template::DomainFailing,
        Event::QuotaNear => Template::QuotaNear,
        Event::BackupOverdue => Template::BackupOverdue,
        Event::BackupDamaged => Template::BackupDamaged,
        Event::BackupDownloaded => Template::BackupDownloaded,
        Event::Restored => Template::Restored,
    }
}

/// Tells of one thing whom the policy says.
pub struct NotifyJob;

#[async_trait]
impl Job for NotifyJob {
    fn kind(&self) -> &'static str {
        notification::JOB
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let notice: Notice = serde_json::from_value(job.payload.clone()).context("the payload of a job")?;
        let (policy, _) = setting::read::<Notifications>(tx).await?;
        let rule = policy.of(notice.event);
        if rule.mail && !rule.roles.is_empty() {
            let roles: Vec<_> = rule.roles.iter().map(ToString::to_string).collect();
            let deed = notice.by.as_ref().map(|(account, network)| Deed { account, network });
            mail_holders(tx, &roles, template_of(notice.event), (&notice.about, deed)).await?;
        }
        Ok(Prepared::Nothing)
    }
}

/// Looks whether quotas that were told of are far from their end again.
pub struct WatchJob(pub Server);

#[async_trait]
impl Job for WatchJob {
    fn kind(&self) -> &'static str {
        quota::WATCH
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let told = notification::told(tx, Event::QuotaNear).await?;
        let mut is_near = false;
        for quota in Quota::ALL
            .into_iter()
            .filter(|quota| told.iter().any(|told| told == quota.name()))
        {
            let limit = self.limit(tx, quota).await?;
            let used = self.used(tx, quota).await?;
            if limit.is_some_and(|limit| quota::is_used(limit, used, 8)) {
                is_near = true;
            } else {
                notification::end(tx, Event::QuotaNear, quota.name()).await?;
            }
        }
        if is_near {
            job::schedule(tx, quota::WATCH, tx.now + quota::WATCHED, Some(job.id)).await?;
        }
        Ok(Prepared::Nothing)
    }
}

impl WatchJob {
    /// How many there may be now.
    async fn limit(&self, tx: &Tx, of: Quota) -> Result<Option<u64>> {
        let limit = quota::limit(tx, of).await?;
        Ok(match of {
            Quota::AttachmentBytes => {
                let (policy, _) = setting::read::<AttachmentPolicy>(tx).await?;
                Some(limit.map_or(policy.max_total_bytes, |limit| limit.min(policy.max_total_bytes)))
            }
            Quota::Domains => Some(limit.unwrap_or(domain::MOST)),
            _ => limit,
        })
    }

    /// How many there are.
    async fn used(&self, tx: &Tx, of: Quota) -> Result<u64> {
        if of == Quota::Domains {
            let tenant = tx.tenant();
            let count = async |system: &SystemTx| domain::count(system, tenant).await;
            return self.0.services.db.run_system(Mode::Read, count).await;
        }
        Ok(usage(tx).await?.remove(&of).unwrap_or_default())
    }
}
