//! The job that looks every day whether the domains of a tenant are still theirs.

use super::{Domain, Found, State, all_of, look, note};
use crate::{
    context::Services,
    job::{self, Attempt, End, Failure, Job, Prepared},
    kit::{
        db::{Mode, SystemTx, Tx},
        dns::Dns,
        error::{Code, Error, Result},
        id::{JobId, TenantId},
        outbound::Outbound,
    },
    notification::{self, Event, Notice},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::future::join_all;
use std::sync::Arc;

/// The kind of these jobs.
const KIND: &str = "check-domains";
/// How often it is looked.
const DAILY: TimeDelta = TimeDelta::days(1);

/// Looks after the domains of tenants.
pub struct DomainJob {
    services: Services,
    dns: Arc<Dns>,
    outbound: Outbound,
}

/// Has it done within a day. `but` is the job that is about to end.
pub async fn schedule(tx: &Tx, but: Option<JobId>) -> Result<()> {
    job::schedule(tx, KIND, tx.now + DAILY, but).await
}

/// Has those told, once, who look after the tenant, that the records of these are not there any more, and of no other.
async fn tell_failing(tx: &Tx, failing: &[String]) -> Result<()> {
    notification::end_others(tx, Event::DomainFailing, failing).await?;
    for name in failing {
        let notice = Notice::of(Event::DomainFailing, name);
        notification::tell_once(tx, name, &notice).await?;
    }
    Ok(())
}

impl DomainJob {
    /// By these name servers.
    #[must_use]
    pub fn new(services: Services, dns: Arc<Dns>, outbound: Outbound) -> Self {
        Self {
            services,
            dns,
            outbound,
        }
    }
}

#[async_trait]
impl Job for DomainJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        Ok(Prepared::attempt(Look {
            services: self.services.clone(),
            dns: self.dns.clone(),
            outbound: self.outbound.clone(),
            tenant: tx.tenant(),
            job: job.id,
            are_more: true,
            failing: vec![],
        }))
    }
}

/// One look after the domains of a tenant.
struct Look {
    services: Services,
    dns: Arc<Dns>,
    outbound: Outbound,
    tenant: TenantId,
    job: JobId,
    /// Whether the tenant has domains.
    are_more: bool,
    /// Those whose record is not there any more.
    failing: Vec<String>,
}

impl Look {
    async fn look(&mut self) -> Result<()> {
        let db = &self.services.db;
        let read = async |tx: &SystemTx| all_of(tx, self.tenant).await;
        let domains = db.run_system(Mode::Read, read).await?;
        self.are_more = !domains.is_empty();
        let asked = domains.iter().map(async |domain| {
            let found = look(&self.dns, &self.outbound, &self.services.master, domain).await;
            (domain, found)
        });
        let found = join_all(asked).await;
        for (domain, found) in found {
            let noted = self.note(domain, &found).await?;
            if noted.state == State::Failing {
                self.failing.push(noted.name);
            }
        }
        Ok(())
    }

    async fn note(&self, domain: &Domain, found: &Found) -> Result<Domain> {
        if let Found::Other(said) = found
            && domain.verified_at.is_some()
        {
            let (tenant, name) = (&self.tenant, &domain.name);
            tracing::warn!(%tenant, name, said = said.join("; "), "the record of a domain is not there");
        }
        let write = async |tx: &SystemTx| note(tx, domain, found).await;
        match self.services.db.run_system(Mode::Write, write).await {
            // Somebody else was first: with this domain, or to prove it.
            Err(Error::Refused(Code::DomainTaken | Code::Busy)) => Ok(domain.clone()),
            noted => noted,
        }
    }
}

#[async_trait]
impl Attempt for Look {
    async fn perform(&mut self) -> Result<(), Failure> {
        self.look().await.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        if end == End::Done {
            tell_failing(tx, &self.failing).await?;
        }
        match end {
            End::Retried(_) => Ok(()),
            End::Done if !self.are_more => Ok(()),
            End::Done | End::Failed => schedule(tx, Some(self.job)).await,
        }
    }
}
