//! Connections to the relays of tenants: to nowhere that a tenant has no business to be.

use super::{Encryption, Sender};
use crate::kit::{
    id::{SenderId, TenantId},
    mail::{Relay, Security, Target, called},
    outbound::Outbound,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Relays whose connections are kept.
const RELAYS: u64 = 256;
/// How long they are, if nothing is sent.
const IDLE: Duration = Duration::from_mins(1);
/// How long a name may take to be looked up before a sender is kept without.
const LOOK: Duration = Duration::from_secs(3);

/// Where a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Where a tenant has no business to be.
    Refused,
    /// In a network that the operator allows.
    Inside,
    /// Somewhere else, or not to be found just now.
    Elsewhere,
}

/// The relays of tenants that were used a moment ago.
pub struct Transports {
    gate: Outbound,
    hello: String,
    /// By the version of the sender, so that nothing is sent by what it was before.
    relays: moka::sync::Cache<(TenantId, SenderId, i64), Arc<Relay>>,
}

impl Transports {
    /// Of a server that calls itself `hello`, and goes where the gate lets it.
    #[must_use]
    pub fn new(gate: Outbound, hello: &str) -> Self {
        let relays = moka::sync::Cache::builder().max_capacity(RELAYS).time_to_idle(IDLE);
        Self {
            gate,
            hello: called(hello),
            relays: relays.build(),
        }
    }

    /// Where a host is. It is looked at again whenever something is sent.
    pub async fn look(&self, host: &str) -> Host {
        match timeout(LOOK, self.gate.addresses(host)).await {
            Ok(Ok(found)) if !found.is_empty() && found.iter().all(|ip| self.gate.is_inside(*ip)) => Host::Inside,
            Ok(Err(refused)) if refused.permanent => Host::Refused,
            _ => Host::Elsewhere,
        }
    }

    /// The relay of a sender, with the connections that are open.
    #[must_use]
    pub fn of(&self, tenant: TenantId, sender: &Sender, password: Option<Zeroizing<String>>) -> Arc<Relay> {
        let key = (tenant, sender.id(), sender.version());
        self.relays.get_with(key, || Arc::new(self.anew(sender, password)))
    }

    /// The relay of a sender, to be connected to anew.
    #[must_use]
    pub fn anew(&self, sender: &Sender, password: Option<Zeroizing<String>>) -> Relay {
        let spec = &sender.spec;
        Relay::new(Target {
            host: spec.host.clone(),
            port: spec.port,
            security: match spec.encryption {
                Encryption::Starttls => Security::StartTls,
                Encryption::Tls => Security::Tls,
                Encryption::None => Security::None,
            },
            credentials: spec.username.clone().zip(password),
            hello: self.hello.clone(),
            gate: Some(self.gate.clone()),
        })
    }
}
