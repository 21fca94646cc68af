//! The job that looks every day whether the records are still there that mail is signed by.

use crate::{
    job::{self, Attempt, End, Failure, Job, Prepared},
    kit::{db::Tx, error::Result, id::SenderId},
    sender::{
        self, DKIM_JOB, Sender,
        dkim::{self, DkimKey},
        records,
    },
    server::Server,
};
use anyhow::Context;
use async_trait::async_trait;
use serde::Deserialize;

/// Looks for the records of keys.
pub struct DkimJob(pub Server);

#[derive(Deserialize)]
struct Payload {
    sender: SenderId,
}

#[async_trait]
impl Job for DkimJob {
    fn kind(&self) -> &'static str {
        DKIM_JOB
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let payload = Payload::deserialize(&job.payload).context("reading whose records to look for")?;
        let Some(sender) = sender::find(tx, payload.sender).await? else {
            return Ok(Prepared::Nothing);
        };
        let keys = dkim::due(tx, &sender).await?;
        if keys.is_empty() {
            return Ok(Prepared::Nothing);
        }
        Ok(Prepared::attempt(Look {
            server: self.0.clone(),
            sender,
            keys,
            found: vec![],
        }))
    }
}

struct Look {
    server: Server,
    sender: Sender,
    keys: Vec<DkimKey>,
    found: Vec<(String, bool)>,
}

#[async_trait]
impl Attempt for Look {
    async fn perform(&mut self) -> Result<(), Failure> {
        for key in &self.keys {
            // Where no name server tells, nothing is known, and all stays as it is.
            if let Some(is_there) = records::is_there(&self.server.dns, key).await {
                self.found.push((key.selector().to_owned(), is_there));
            }
        }
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, _: End) -> Result<()> {
        // It may have been deleted, with its keys.
        match sender::find(tx, self.sender.id()).await? {
            Some(sender) => dkim::looked_at_all(tx, &sender, &self.found).await,
            None => Ok(()),
        }
    }
}
