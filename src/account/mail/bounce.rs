//! Mail that came back, or that somebody complains of: what becomes of the message, and of its address. Whether an
//! address is proven it never changes, and nobody but administrators is told.

use crate::{
    address_health::{self, Evidence},
    context::Operator,
    email,
    kit::{
        db::{Mode, SystemTx, Tx},
        error::Result,
        id::MessageId,
        mail::{BounceToken, Inbox, Report, ReportKind, Verdict, is_unknown_address, receive},
    },
    message::{self, Reported},
    server::Server,
    tenant,
};
use async_trait::async_trait;
use tokio::net::TcpListener;

/// Takes what is reported of a message, and answers what it was.
async fn take_report(tx: &Tx, id: MessageId, report: &Report) -> Result<Reported> {
    let reported = message::report(tx, id, report).await?;
    let Reported::News(message) = &reported else {
        return Ok(reported);
    };
    let email = email::parse(&message.address)?;
    let status = report.status.as_deref().unwrap_or_default();
    let of = Evidence {
        message: id,
        diagnostic: report.diagnostic.as_deref().unwrap_or(status),
    };
    match report.kind {
        ReportKind::Complaint => address_health::complain(tx, email.key(), of).await?,
        ReportKind::Delivered => address_health::arrived(tx, email.key()).await?,
        ReportKind::Bounce if is_unknown_address(status) => address_health::bounce(tx, email.key(), of).await?,
        ReportKind::Bounce if !status.starts_with("4.") => {}
        ReportKind::Bounce | ReportKind::Delay => address_health::soften(tx, email.key(), of).await?,
    }
    Ok(reported)
}

/// How many reports were of messages that had left, and how many were not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// Those that were.
    pub taken: u32,
    /// Those of no message that left.
    pub unknown: u32,
}

/// Takes what is reported of messages; `None` is one that nobody knows.
pub async fn take_reports(tx: &Tx, reports: &[(Option<MessageId>, Report)]) -> Result<Counted> {
    let mut counted = Counted::default();
    for (message, report) in reports {
        let reported = match message {
            Some(message) => take_report(tx, *message, report).await?,
            None => Reported::Unknown,
        };
        match reported {
            Reported::News(_) | Reported::Before => counted.taken += 1,
            Reported::Unknown | Reported::UnderWay => counted.unknown += 1,
        }
    }
    Ok(counted)
}

/// Takes bounces on a listener until `stop` resolves.
pub async fn receive_bounces(server: &Server, listener: TcpListener, stop: impl Future<Output = ()>) {
    let hello = match &server.config.bounce_domain {
        Some(domain) => domain.clone(),
        None => server.config.public_host(),
    };
    receive(listener, Bounces(server.clone()), &hello, stop).await;
}

/// The addresses that bounces come back to.
struct Bounces(Server);

#[async_trait]
impl Inbox for Bounces {
    fn has(&self, address: &str) -> bool {
        BounceToken::parse(&self.0.services.master, address).is_some()
    }

    async fn read(&self, address: &str, mail: &[u8]) -> Verdict {
        let token = BounceToken::parse(&self.0.services.master, address);
        let (Some(token), Some(report)) = (token, Report::read(mail)) else {
            return Verdict::Taken;
        };
        match Box::pin(self.take(token, &report)).await {
            Ok(Reported::UnderWay) => Verdict::Later,
            Ok(_) => Verdict::Taken,
            Err(error) => {
                tracing::warn!(%error, "a bounce could not be written down, and is to be brought again");
                Verdict::Later
            }
        }
    }
}

impl Bounces {
    async fn take(&self, token: BounceToken, report: &Report) -> Result<Reported> {
        let services = &self.0.services;
        let find = async |tx: &SystemTx| tenant::find_by_bounce_key(tx, token.tenant).await;
        let Some(tenant) = services.db.run_system(Mode::Read, find).await? else {
            return Ok(Reported::Unknown);
        };
        let take = async |tx: &Tx| take_report(tx, token.message, report).await;
        let operator = Operator::new(services, tenant.id);
        operator.write("bounces:create", &token.message.to_string(), take).await
    }
}
