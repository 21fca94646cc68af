//! By which relay a message leaves, and whether it is its turn.

use crate::{
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        limiter::{self, Bounded, Key, Quota},
        mail::{Relay, dkim::Signer},
    },
    message::{Message, State},
    quota,
    sender::{self, MailPolicy, Sender},
    server::Server,
    setting,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use tenantry_core::tenant::Tenant;

/// How long a message waits for a sender that works.
const PATIENCE: TimeDelta = TimeDelta::days(2);
/// How much later a notice has its turn than a code, where both wait.
const YIELDS: TimeDelta = TimeDelta::seconds(2);

/// Seconds of a day.
const DAY: u32 = 24 * 3600;

/// A way by which a message may leave.
pub(super) enum Way {
    /// By a relay of the tenant's own, signed by its keys.
    Sender(Box<Sender>, Arc<Relay>, Vec<Arc<Signer>>),
    /// By that of the instance.
    Instance(Arc<Relay>),
    /// Not at all: it is kept.
    Mailbox,
}

/// What there is to choose from.
pub(super) enum Choice {
    /// These, the one to be tried first first; there is one at least.
    Ways(Vec<Way>),
    /// Nothing before then.
    Later(DateTime<Utc>),
    /// Nothing, for too long.
    TooLate,
}

/// By which relays a message may leave.
pub(super) async fn choose(tx: &Tx, server: &Server, tenant: &Tenant, message: &Message) -> Result<Choice> {
    let first = message.sender_id.filter(|_| message.state == State::Deferred);
    let routes = sender::routes(tx, first).await?;
    let has_none = routes.has_none();
    let mut ways = vec![];
    let signers = sender::dkim::signers(tx, &server.services.master, &routes.senders).await?;
    for (sender, signers) in routes.senders.into_iter().zip(signers) {
        let password = sender.password(tenant.id, &server.services.master)?;
        let relay = server.transports.of(tenant.id, &sender, password);
        ways.push(Way::Sender(Box::new(sender), relay, signers));
    }
    if let Some(relay) = instance_relay(tx, server, tenant).await? {
        ways.push(Way::Instance(relay));
    }
    if ways.is_empty() && has_none {
        ways.push(Way::Mailbox);
    }
    Ok(match (ways.is_empty(), routes.probe_at) {
        (false, _) => Choice::Ways(ways),
        _ if message.created_at + PATIENCE < tx.now => Choice::TooLate,
        (true, at) => Choice::Later(at.unwrap_or(tx.now).max(tx.now) + YIELDS),
    })
}

/// The relay of the instance, if this tenant's mail may leave by it.
pub(super) async fn instance_relay(tx: &Tx, server: &Server, tenant: &Tenant) -> Result<Option<Arc<Relay>>> {
    let (policy, _) = setting::read::<MailPolicy>(tx).await?;
    let is_shared = server.config.mail_shared || tenant.is_default();
    let relay = server.mailer.relay();
    Ok(relay.filter(|_| policy.use_instance_sender && is_shared).cloned())
}

/// Counts a message that is to leave by this way; answers when it has its turn if that is not now.
pub(super) async fn pace(
    tx: &Tx,
    server: &Server,
    tenant: &Tenant,
    (message, way): (&Message, &Way),
) -> Result<Option<DateTime<Utc>>> {
    let bounds = bounds(tx, server, tenant, way).await?;
    if bounds.is_empty() {
        return Ok(None);
    }
    match limiter::take_all(tx, &bounds, Code::TooManyCodes).await {
        Ok(()) => Ok(None),
        Err(Error::Limited { retry_after, .. }) => {
            let at = tx.now + TimeDelta::seconds(retry_after.into());
            // Who waits for a code is served first.
            Ok(Some(if message.priority == 0 { at } else { at + YIELDS }))
        }
        Err(error) => Err(error),
    }
}

async fn bounds(tx: &Tx, server: &Server, tenant: &Tenant, way: &Way) -> Result<Vec<Bounded>> {
    let bound = |rule, subject: &[u8], most, seconds| {
        let subject = subject.to_vec();
        (Key { rule, subject }, Quota { most, seconds }.into())
    };
    Ok(match way {
        Way::Sender(sender, ..) => {
            let id = sender.id();
            let subject = id.0.as_bytes();
            let mut bounds = vec![bound("mail-sender", subject, sender.spec.per_minute, 60)];
            bounds.extend(
                sender
                    .spec
                    .per_day
                    .map(|most| bound("mail-sender-day", subject, most, DAY)),
            );
            bounds
        }
        // The relay is the operator's own, and so is the default tenant.
        Way::Instance(_) if !tenant.is_default() => {
            let own = quota::limit(tx, quota::Quota::MailsPerDay).await?;
            let most = own.map_or(server.config.mail_instance_per_day, |own| {
                u32::try_from(own).unwrap_or(u32::MAX)
            });
            vec![bound("mail-instance-day", b"", most, DAY)]
        }
        Way::Instance(_) | Way::Mailbox => vec![],
    })
}

/// Counts a message that left by another way than the one that was chosen.
pub(super) async fn count(tx: &Tx, server: &Server, tenant: &Tenant, way: &Way) -> Result<()> {
    let bounds = bounds(tx, server, tenant, way).await?;
    if bounds.is_empty() {
        return Ok(());
    }
    match limiter::take_all(tx, &bounds, Code::TooManyCodes).await {
        Ok(()) | Err(Error::Limited { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
