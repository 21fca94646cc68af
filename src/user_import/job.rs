//! Doing an import some rows at a time, each time in a job of its own: whatever dies, the next worker goes on where the
//! last transaction ended.

use super::{
    Chunk, Position, UserImport, advance,
    entity::{Entity, Model},
    fail,
    format::{Format, HashConfig},
    hash_config_of, reading,
    source::Staged,
};
use crate::{
    access::{
        Who,
        permission::{Permission, UserImportsCreate},
    },
    audit::{self, Outcome},
    context::Services,
    job::{self, Attempt, End, Job, Prepared},
    kit::{
        blob::{Key, Store},
        db::Tx,
        error::{Error, Result},
        failure::Failure,
        id::{TenantId, UserImportId},
    },
};
use anyhow::Context;
use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The kind of jobs that import some rows.
pub(super) const IMPORT: &str = "import-users";
/// The kind of jobs that remove the file of an import.
pub(super) const REMOVE: &str = "remove-user-import";
/// When the file of an import that goes on is looked at again.
const LATER: TimeDelta = TimeDelta::days(1);

/// What a job is about.
#[derive(Deserialize)]
struct Payload {
    import: UserImportId,
}

impl Payload {
    async fn of(tx: &Tx, job: &job::entity::Model) -> Result<(UserImportId, Option<Model>)> {
        let payload: Self = serde_json::from_value(job.payload.clone()).context("the payload of a job")?;
        Ok((payload.import, Entity::find_by_id(payload.import).one(tx).await?))
    }
}

/// Imports users.
pub struct ImportJob {
    services: Services,
    files: Arc<dyn Store>,
}

impl ImportJob {
    /// From files in this store.
    #[must_use]
    pub fn new(services: Services, files: Arc<dyn Store>) -> Self {
        Self { services, files }
    }

    fn hash_config(&self, tx: &Tx, row: &Model) -> Result<Option<HashConfig>> {
        let Some(sealed) = &row.hash_config_sealed else {
            return Ok(None);
        };
        let plain = self.services.master.open(&hash_config_of(tx, row.id), sealed);
        let plain = plain.context("the parameters of an import")?;
        Ok(std::str::from_utf8(&plain).ok().and_then(|text| text.parse().ok()))
    }
}

#[async_trait]
impl Job for ImportJob {
    fn kind(&self) -> &'static str {
        IMPORT
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let (import, Some(row)) = Payload::of(tx, job).await? else {
            return Ok(Prepared::Nothing);
        };
        if !row.state.is_open() {
            return Ok(Prepared::Nothing);
        }
        let format: std::result::Result<Format, _> = row.format.parse();
        let format = format.map_err(|why| anyhow::anyhow!("the format of an import {why}"))?;
        Ok(Prepared::attempt(Importing {
            import,
            format,
            hash_config: self.hash_config(tx, &row)?,
            source: Staged {
                services: self.services.clone(),
                files: self.files.clone(),
                tenant: tx.tenant(),
                import,
                size: row.size.try_into().unwrap_or_default(),
            },
            from: UserImport(row).position()?,
            read: None,
        }))
    }
}

/// One attempt at some rows.
struct Importing {
    import: UserImportId,
    format: Format,
    hash_config: Option<HashConfig>,
    source: Staged,
    from: Position,
    /// The rows, or why the file is none.
    read: Option<std::result::Result<Chunk, String>>,
}

#[async_trait]
impl Attempt for Importing {
    async fn perform(&mut self) -> Result<(), Failure> {
        let how = (self.format, self.hash_config.as_ref());
        self.read = match reading::read(&self.source, how, self.from.clone()).await {
            Ok(chunk) => Some(Ok(chunk)),
            Err(Error::Invalid(fields)) => {
                let each = fields.iter().map(|wrong| format!("{} {}", wrong.field, wrong.detail));
                Some(Err(format!("The {}.", each.collect::<Vec<_>>().join("; "))))
            }
            Err(error) => {
                return Err(Failure {
                    error: format!("{error:#}"),
                    permanent: false,
                });
            }
        };
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, end: End) -> Result<()> {
        let Some(row) = Entity::find_by_id(self.import).one(tx).await? else {
            return Ok(());
        };
        let old = UserImport(row);
        // Another worker was faster, whose lease began when this one's had ended.
        if !old.0.state.is_open() || old.position()? != self.from {
            return Ok(());
        }
        let services = &self.source.services;
        let who = old
            .0
            .user_id
            .map(Who::User)
            .or(old.0.application_id.map(Who::Application));
        let asker = match who {
            Some(who) => services.authority_of(tx, who, UserImportsCreate::DEF).await?,
            None => None,
        };
        let name = asker.as_ref().map(|(who, _)| who.name.clone()).unwrap_or_default();
        let new = match (end, asker, self.read) {
            (End::Retried(_), ..) => return Ok(()),
            (End::Done, Some((_, authority)), Some(Ok(chunk))) => {
                advance(tx, &services.master, &authority, old, chunk).await?
            }
            (_, _, Some(Err(why))) => fail(tx, old, why).await?,
            (End::Done, None, _) => {
                let why = "Whoever asked for it may not import users any more.";
                fail(tx, old, why.to_owned()).await?
            }
            _ => {
                let why = "Its file could not be read; the server's log says why.";
                fail(tx, old, why.to_owned()).await?
            }
        };
        if new.0.state.is_open() {
            job::add(tx, IMPORT, json!({ "import": self.import })).await?;
        }
        if tx.has_changes() {
            let act = audit::Act {
                actor: who.map(|who| (who.user(), name.as_str(), None)),
                peer: None,
                action: UserImportsCreate::DEF.id,
                object: &self.import.to_string(),
                outcome: Outcome::Done,
            };
            audit::append(tx, &services.master, act).await?;
        }
        Ok(())
    }
}

/// Removes the files of imports that are done, that are gone, and that never came to be.
pub struct RemovalJob(pub Arc<dyn Store>);

#[async_trait]
impl Job for RemovalJob {
    fn kind(&self) -> &'static str {
        REMOVE
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let (import, row) = Payload::of(tx, job).await?;
        if row.is_some_and(|row| row.state.is_open()) {
            return Ok(Prepared::PutOff(tx.now + LATER));
        }
        Ok(Prepared::attempt(Removal {
            import,
            tenant: tx.tenant(),
            files: self.0.clone(),
        }))
    }
}

/// One removal of a file.
struct Removal {
    import: UserImportId,
    tenant: TenantId,
    files: Arc<dyn Store>,
}

#[async_trait]
impl Attempt for Removal {
    async fn perform(&mut self) -> Result<(), Failure> {
        let key = Key::of_user_import(self.tenant, self.import);
        self.files.delete(&key).await.map_err(|error| Failure {
            error: format!("{error:#}"),
            permanent: false,
        })
    }

    async fn conclude(self: Box<Self>, _: &Tx, _: End) -> Result<()> {
        Ok(())
    }
}
