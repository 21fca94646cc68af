//! The job that tries whether a sender that was passed over works again: up to its user name and password, without a
//! mail.

use crate::{
    job::{self, Attempt, End, Failure, Job, Prepared},
    kit::{
        db::Tx,
        error::Result,
        id::SenderId,
        mail::{PATIENCE, Relay, Trace, Trouble},
    },
    sender::{self, Sender, State},
    server::Server,
};
use anyhow::Context;
use async_trait::async_trait;
use serde::Deserialize;

/// Tries senders that are passed over.
pub struct ProbeJob(pub Server);

#[derive(Deserialize)]
struct Payload {
    sender: SenderId,
}

#[async_trait]
impl Job for ProbeJob {
    fn kind(&self) -> &'static str {
        sender::PROBE_JOB
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let payload = Payload::deserialize(&job.payload).context("reading which sender to try")?;
        let Some(sender) = sender::find(tx, payload.sender).await? else {
            return Ok(Prepared::Nothing);
        };
        // A later one stands for it where it was written meanwhile.
        let is_due = sender.probe_at().is_some_and(|at| at <= tx.now);
        if sender.state() == State::Active || !sender.spec.enabled || !is_due {
            return Ok(Prepared::Nothing);
        }
        let password = sender.password(tx.tenant(), &self.0.services.master)?;
        let relay = self.0.transports.anew(&sender, password);
        Ok(Prepared::attempt(Probe {
            sender,
            relay,
            outcome: Ok(()),
        }))
    }
}

struct Probe {
    sender: Sender,
    relay: Relay,
    outcome: Result<(), Trouble>,
}

#[async_trait]
impl Attempt for Probe {
    async fn perform(&mut self) -> Result<(), Failure> {
        self.outcome = Box::pin(self.relay.check(&mut Trace::new(PATIENCE))).await;
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, _: End) -> Result<()> {
        match &self.outcome {
            Ok(()) => sender::recover(tx, &self.sender).await,
            Err(trouble) => sender::keep_failing(tx, &self.sender, &trouble.to_string()).await,
        }
    }
}
